"""Status words, changed in place: every other byte of the plan stays."""

import re
from collections.abc import Iterable, Iterator, Mapping

from nightshift.model import Status
from nightshift.plan import source as sources
from nightshift.plan import values
from nightshift.plan.details import Entry, details
from nightshift.plan.identity import namesakes
from nightshift.plan.outline import outline
from nightshift.plan.source import Source

_ANY_BREAK = re.compile(rb"(\r\n|\r|\n)")
_STATUS_LINE = re.compile(
    rb"(?P<before>[^A-Za-z:]*status[^A-Za-z:]*:[^A-Za-z]*)"
    rb"(?P<word>[A-Za-z]+(?:[ _-][A-Za-z]+)*)(?P<after>(?:[^A-Za-z].*)?)",
    re.IGNORECASE | re.DOTALL,
)
_WORDS = frozenset(status.value for status in Status)


def write_statuses(source: bytes, statuses: Mapping[str, Status]) -> bytes:
    """Splice status words into a plan; an id that does not stand there, or has no word, is left alone."""
    plan = sources.read(source, path="the plan")
    pieces, kept = [], 0
    for start, end, status in _splices(plan, statuses):
        pieces += [plan.text[kept:start], status.value]
        kept = end
    return "".join([*pieces, plan.text[kept:]]).encode("utf-8")


def differs_only_in_statuses(before: bytes, after: bytes) -> bool:
    """Prove that two plans differ in nothing but status words, without asking how they came about."""
    old, new = _ANY_BREAK.split(before), _ANY_BREAK.split(after)
    return len(old) == len(new) and all(
        one == other or _is_the_same_but_its_word(one, other) for one, other in zip(old, new, strict=True)
    )


def _splices(plan: Source, statuses: Mapping[str, Status]) -> Iterator[tuple[int, int, Status]]:
    """Say which characters of the text give way to which status, in the order of the text."""
    drafts, _ = outline(plan)
    doubtful = namesakes(drafts)
    for at, draft in enumerate(drafts):
        status = statuses.get(draft.mark["id"])
        if status is None or at in doubtful:
            continue
        span = _word(plan, details(draft).entries, becomes=status)
        if span is not None:
            yield *span, status


def _word(plan: Source, entries: Iterable[Entry], *, becomes: Status) -> tuple[int, int] | None:
    """Find the one word that says a task's status, unless it says it already."""
    written = [entry for entry in entries if entry.field.attribute == "status"]
    if len(written) != 1 or values.status(written[0].value) in {None, becomes}:
        return None
    row, column = written[0].named.row, written[0].named.value_column
    word = values.status_word(written[0].named.value)
    # Behind a comment it could not be proved that nothing else was touched.
    if word is None or not plan.lines[row.number].startswith(row.text[:column]):
        return None
    start = plan.starts[row.number] + column
    return start + word.start("word"), start + word.end("word")


def _is_the_same_but_its_word(one: bytes, other: bytes) -> bool:
    old, new = _STATUS_LINE.fullmatch(one), _STATUS_LINE.fullmatch(other)
    if old is None or new is None or (old["before"], old["after"]) != (new["before"], new["after"]):
        return False
    return values.status_name(old["word"].decode()) in _WORDS and new["word"].decode() in _WORDS
