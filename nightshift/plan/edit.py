"""Status words, changed in place: every other byte of the plan stays."""

import re
from collections.abc import Iterator, Mapping

from nightshift.model import Status
from nightshift.plan import source as sources
from nightshift.plan import values
from nightshift.plan.details import details
from nightshift.plan.identity import namesakes
from nightshift.plan.outline import outline
from nightshift.plan.source import Source

_ANY_BREAK = re.compile(rb"(\r\n|\r|\n)")
_LONGEST_LINE = 4096
_COMMENT = rb"<!--(?:[^-]|-(?!->))*+-->"
_STATUS_LINE = re.compile(
    rb"(?P<before>(?:" + _COMMENT + rb"|[^A-Za-z:])*+status(?:" + _COMMENT + rb"|[^A-Za-z:])*+:"
    rb"(?:" + _COMMENT + rb"|[^A-Za-z])*+)"
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
        words = [entry for entry in details(draft).entries if entry.field.attribute == "status"]
        word = values.status_word(words[0].named.value) if len(words) == 1 else None
        if word is not None and values.status(words[0].value) not in {None, status}:
            offset = plan.starts[words[0].named.row.number] + words[0].named.value_column
            yield offset + word.start("word"), offset + word.end("word"), status


def _is_the_same_but_its_word(one: bytes, other: bytes) -> bool:
    if max(len(one), len(other)) > _LONGEST_LINE:
        return False
    old, new = _STATUS_LINE.fullmatch(one), _STATUS_LINE.fullmatch(other)
    if old is None or new is None or (old["before"], old["after"]) != (new["before"], new["after"]):
        return False
    return values.status_name(old["word"].decode()) in _WORDS and new["word"].decode() in _WORDS
