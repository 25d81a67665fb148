"""Words of others, made fit for a sentence of ours, a log or a report: calm, and not too many."""

import re

from nightshift.text import shortened, without_controls
from nightshift.workspace.capture import readable

SAID_LIMIT = 4000
_LINE_LIMIT = 300
_RUNS = re.compile("`+|~+")


def calm(text: str, *, limit: int = SAID_LIMIT) -> str:
    """Drop what a terminal would obey or hide, and the middle of what is too long."""
    plain = readable(shortened(text, limit=2 * limit).encode("utf-8", "replace"), lines=limit)
    return shortened(without_controls(plain).strip(), limit=limit)


def one_line(text: str, *, limit: int = _LINE_LIMIT) -> str:
    """Put a text on one calm line."""
    line = " ".join(calm(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def fenced(text: str) -> str:
    """Put a text between fences that nothing in it can close; not a character of it is changed."""
    longest = max((len(run) for run in _RUNS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"


def code(text: str) -> str:
    """Write a text as an inline code span on one line."""
    line = " ".join(calm(text).split()) or " "
    ticks = "`" * (max((len(run) for run in re.findall("`+", line)), default=0) + 1)
    padding = " " if "`" in (line[0], line[-1]) else ""
    return f"{ticks}{padding}{line}{padding}{ticks}"


def duration(seconds: float) -> str:
    """Say a time as people do."""
    if seconds < 120:  # noqa: PLR2004 - below two minutes people count seconds
        return f"{seconds:.3g} seconds"
    return f"{seconds / 60:.3g} minutes"
