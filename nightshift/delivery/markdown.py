"""Hostile text made harmless: for Markdown, for a forge that links what it reads, for a terminal."""

import re

from nightshift.text import shortened, without_controls

_ESCAPE_SEQUENCES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_SURROGATES = re.compile("[\ud800-\udfff]")
_LIVE = re.compile(r"([@#])(?=\w)|(\bGH)(?=-\d)|(:)(?=//)|(\bwww)(?=\.)", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[\\`*\[\]<|~$]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|&(?=#?\w+;)|^[-+=#>]|#$")
_NUMBERED = re.compile(r"^(\d{1,9})(?=[.)](?: |$))")
_BACKTICKS = re.compile("`+")
_QUIETED = re.compile(r"\\([\\`*\[\]<|~$_&\-+=#>.)])")
_BREAK = "\u200b"


def stripped(text: str) -> str:
    """Drop terminal sequences, control, bidirectional and invisible characters; lines and tabs stay."""
    lines = _LINE_ENDS.sub("\n", _ESCAPE_SEQUENCES.sub("", text))
    return without_controls(_SURROGATES.sub("\ufffd", lines))


def one_line(text: str, *, limit: int = 300) -> str:
    """Put a text on one line of at most `limit` characters."""
    line = " ".join(stripped(text).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def prose(text: str, *, limit: int = 300) -> str:
    """Write a text into a sentence: it marks nothing up, mentions nobody, links and closes nothing."""
    # A forge links mentions, issues and addresses after Markdown is rendered, so a backslash does
    # not stop it; an invisible break after the sign does.
    quiet = _PUNCTUATION.sub(r"\\\g<0>", one_line(text, limit=limit))
    return _LIVE.sub(rf"\g<0>{_BREAK}", _NUMBERED.sub(r"\1\\", quiet))


def plain(markdown: str) -> str:
    """Take back what `prose` put in, where a text is read as it stands and not rendered."""
    return _QUIETED.sub(r"\1", markdown).replace(_BREAK, "")


def code(text: str, *, limit: int = 200) -> str:
    """Write a text as an inline code span, in which nothing is linked or marked up."""
    line = one_line(text, limit=limit)
    if not line:
        return "(empty)"
    ticks = "`" * (_longest_run(line) + 1)
    padding = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{ticks}{padding}{line}{padding}{ticks}"


def cell(text: str, *, limit: int = 80) -> str:
    """Write a text as a code span for a table, where a bar would end the cell even inside of it."""
    return code(text.replace("|", "¦"), limit=limit)


def fence(text: str, *, limit: int) -> str:
    """Quote a text as a fenced block, its middle left out (and said so) past `limit` characters."""
    quoted = shortened(stripped(text).expandtabs(4).strip("\n"), limit=limit) or "(nothing)"
    ticks = "`" * max(3, _longest_run(quoted) + 1)
    return f"{ticks}text\n{quoted}\n{ticks}"


def _longest_run(text: str) -> int:
    return max((len(run) for run in _BACKTICKS.findall(text)), default=0)
