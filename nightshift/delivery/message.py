"""The messages of our own commits: what was asked, and trailers that no title can forge."""

import re
import textwrap
from collections.abc import Iterable, Mapping
from itertools import groupby

from nightshift.delivery.markdown import one_line, stripped
from nightshift.model import GateRun, Night, Status, Task

_SUBJECT_WIDTH = 72
_LONGEST_TITLE = 500
_BODY_WIDTH = 68
_BODY_LINES = 10
_DIGEST_DIGITS = 12
_MARKUP = (
    (re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>"), ""),
    (re.compile(r"!?\[([^\[\]]*)\]\([^()]*\)"), r"\1"),
    (re.compile(r"`+"), ""),
    (re.compile(r"(\*{1,3}|~~)([^\s*~](?:[^*~]*[^\s*~])?)\1"), r"\2"),
    (re.compile(r"(?<!\w)(_{1,3})([^\s_](?:[^_]*[^\s_])?)\1(?!\w)"), r"\2"),
    (re.compile(r"^(?:#{1,6}|>|[-+*]) +"), ""),
    # What a forge acts on in a commit that is merged: mentions, issues to close, addresses of issues.
    (re.compile(r"\b(GH)-(?=\d)", re.IGNORECASE), r"\1 "),
    (re.compile(r"(?<=\w)#(?=\w)"), " "),
    (re.compile(r"[@#](?=\w)|\bhttps?://", re.IGNORECASE), ""),
)


def commit_message(night: Night, task: Task, attempt_number: int, gate: GateRun) -> str:
    """Write the message of a task's commit."""
    trailers = {
        "Nightshift-Run": night.run,
        "Nightshift-Task": one_line(task.id),
        "Nightshift-Attempt": str(attempt_number),
        "Nightshift-Gate": f"{night.gate_digest[:_DIGEST_DIGITS]} exit {gate.exit_code}",
    }
    where = f"Asked for in {one_line(str(task.place), limit=120)}:"
    return _message(subject(task.title, before=f"{one_line(task.id)}: "), where, _asked(task), trailers)


def status_message(night: Night, statuses: Mapping[str, Status]) -> str:
    """Write the message of the commit that marks the plan."""
    plan = one_line(night.plan.path.rpartition("/")[2], limit=40)
    count = f"{len(statuses)} task" + ("" if len(statuses) == 1 else "s")
    lines = [
        f"{status.value}: {', '.join(one_line(task_id) for task_id, _ in group)}"
        for status, group in groupby(sorted(statuses.items(), key=_by_status), key=lambda item: item[1])
    ]
    return _message(
        subject(f"Mark {count} in {plan}"),
        "Nothing but status words of the plan changes:",
        lines,
        {"Nightshift-Run": night.run},
    )


def subject(title: str, *, before: str = "", width: int = _SUBJECT_WIDTH) -> str:
    """Put a title on one line without markup, at most `width` characters with what stands before it."""
    words = f"{before}{without_markup(title)}".strip().removesuffix(":")
    return (
        textwrap.shorten(words, width, placeholder=" …")
        if _can_shorten(words, width)
        else one_line(words, limit=width)
    )


def without_markup(title: str) -> str:
    """Take the markup out of a title, also what a forge would act on; the words stay."""
    title, before = one_line(title, limit=_LONGEST_TITLE), ""
    while title != before:
        before = title
        for pattern, replacement in _MARKUP:
            title = pattern.sub(replacement, title)
    return " ".join(title.split())


def _can_shorten(words: str, width: int) -> bool:
    return all(len(word) <= width // 3 for word in words.split())


def _by_status(item: tuple[str, Status]) -> str:
    return item[1].value


def _asked(task: Task) -> list[str]:
    """Return the title in full and the description, briefly."""
    paragraphs = [
        without_markup(task.title),
        *(without_markup(line) for line in stripped(task.description).splitlines()),
    ]
    lines = [line for text in paragraphs for line in textwrap.wrap(text, _BODY_WIDTH)]
    return lines if len(lines) <= _BODY_LINES else [*lines[: _BODY_LINES - 1], "…"]


def _message(first: str, where: str, lines: Iterable[str], trailers: Mapping[str, str]) -> str:
    """Put a message together; what is quoted is indented, so that it is never read as a trailer."""
    quoted = "\n".join(f"    {line}" for line in lines)
    block = "\n".join(f"{name}: {value}" for name, value in trailers.items())
    return f"{first}\n\n{where}\n\n{quoted}\n\n{block}\n"
