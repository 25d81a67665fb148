"""What a field says: text to a typed value, or None where it cannot be understood."""

import re
from collections.abc import Iterator

from nightshift.model import DeclaredTests, Status
from nightshift.plan.marks import is_id

# Emoji and emphasis mean nothing; dashes and signs do.
_DECORATION = re.compile(r"[*`]|[^\x00-\x7f\w\s\u2013\u2014≈≤]")
_REMARK = re.compile(r"(?:^|\s)\([^()]*+\)")
_NOTHING = frozenset({"none", "nothing", "no", "n/a", "na", "-", "\u2013", "\u2014"})

_STATUSES = {known.value: known for known in Status}
_DRESS = r"(?:[^\x00-\x7f\w]|[*`\s])*+"
_STATUS = re.compile(rf"{_DRESS}_{{0,2}}(?P<word>[A-Za-z]++(?:[ _-][A-Za-z]++)*+)_{{0,2}}{_DRESS}")
_SCORE = re.compile(r"(?P<score>[0-9]{1,3})(?:\.[0-9]{1,3})?\s*(?:/\s*100|%)?")
_LINES = re.compile(
    r"(?:[~≈≤<]|<=|about|approx\.?|max\.?|at most|up to)?\s*"
    r"(?:(?P<low>[0-9]{1,6})\s*(?:-|\u2013|\u2014|to)\s*)?"
    r"(?P<lines>[0-9]{1,6})\s*(?:lines?|loc|lines of code)?",
    re.IGNORECASE,
)
_PRIORITIES = {"critical": 0, "high": 1, "medium": 2, "low": 3} | {f"p{level}": level for level in range(4)}
_INTEGER = re.compile(r"-?[0-9]{1,4}")
# Possessive, or `90s` would be nine minutes and no second.
_NUMBER = r"[0-9]{1,5}+(?:\.[0-9]{1,3}+)?+"
_TIMEOUT = re.compile(
    rf"(?:(?P<h>{_NUMBER})\s*(?:h|hrs?|hours?))?\s*(?:(?P<m>{_NUMBER})\s*(?:m|mins?|minutes?)?)?"
    rf"\s*(?:(?P<s>{_NUMBER})\s*(?:s|secs?|seconds?))?",
    re.IGNORECASE,
)
_YES = re.compile(r"(?:yes|y|true|defined)(?!\w)(?P<rest>.*)", re.IGNORECASE | re.DOTALL)
_NO = re.compile(
    r"(?:no|not|none|n/a|false|needs?|tbd|tba|todo|to be|pending|missing|undefined)(?!\w).*",
    re.IGNORECASE | re.DOTALL,
)
_FILE_NAME = re.compile(r"[\w.-]*\w{2}\.[A-Za-z][A-Za-z0-9]{0,4}")
_BETWEEN_PATHS = re.compile(r"[\s,;()\[\]<>\"'`]+")
_UNLIMITED = _NOTHING | {"any", "all", "tbd", "todo", "unknown", "?"}


def plain(text: str) -> str:
    """Drop emphasis, emoji and surplus space."""
    return " ".join(_DECORATION.sub("", text).split())


def status(text: str) -> Status | None:
    """Read a status word that stands alone, however it is dressed."""
    match = status_word(text)
    return _STATUSES[status_name(match["word"])] if match else None


def status_word(text: str) -> re.Match[str] | None:
    """Find the status word, as group `word`, in a text that says nothing else."""
    match = _STATUS.fullmatch(text)
    return match if match and status_name(match["word"]) in _STATUSES else None


def status_name(word: str) -> str:
    """Spell a status as our own words are spelled."""
    return re.sub(r"[ -]", "_", word).upper()


def alignment(text: str) -> int | None:
    """Read `95/100`, `95 %` or `95`; a fraction is not rounded up."""
    match = _SCORE.fullmatch(_bare(text))
    score = int(match["score"]) if match else None
    return score if score is not None and score <= 100 else None  # noqa: PLR2004 - a score is out of 100


def estimated_lines(text: str) -> int | None:
    """Read `10`, `~10 lines` or the upper end of `10-15`."""
    match = _LINES.fullmatch(_bare(text))
    return max(int(match["lines"]), int(match["low"] or 0)) if match else None


def priority(text: str) -> int | None:
    """Read `P1`, `high` or an integer; the lower number goes first."""
    word = _bare(text).casefold()
    return _PRIORITIES.get(word, int(word) if _INTEGER.fullmatch(word) else None)


def timeout_seconds(text: str) -> float | None:
    """Read minutes, or `20m`, `1h`, `1h 30m`."""
    match = _TIMEOUT.fullmatch(_bare(text))
    if match is None:
        return None
    hours, minutes, seconds = (float(match[unit] or 0) for unit in "hms")
    return hours * 3600 + minutes * 60 + seconds or None


def depends_on(text: str) -> tuple[str, ...] | None:
    """Read ids between commas or spaces; `none` names none."""
    said = _bare(text)
    if said.casefold() in _NOTHING:
        return ()
    ids = [word for word in re.split(r"[\s,;&\[\]]+", said) if word and word.casefold() != "and"]
    return tuple(dict.fromkeys(ids)) if ids and all(map(is_id, ids)) else None


def tests(text: str) -> DeclaredTests | None:
    """Read `Yes (paths)`, `No`, `Needs definition` or the paths alone."""
    said = plain(text.replace("`", " "))
    agreed = _YES.fullmatch(said)
    if agreed is not None:
        return _agreed(agreed["rest"].strip())
    if _NO.fullmatch(said):
        return DeclaredTests(defined=False)
    paths = _paths(said)
    alone = paths and all(_paths(word) for word in _BETWEEN_PATHS.split(said) if word)
    return DeclaredTests(defined=True, paths=paths) if alone else None


def files(text: str) -> tuple[str, ...] | None:
    """Read patterns between commas, lines or spaces; what is no list of patterns is not understood."""
    found: list[str] = []
    for part in re.split(r"[,;\n]", _REMARK.sub(" ", text)):
        named = tuple(_patterns(part.strip()))
        if part.strip() and not named:
            return None
        found.extend(named)
    if not found or (len(found) == 1 and found[0].casefold() in _UNLIMITED):
        return None
    return tuple(dict.fromkeys(found))


def free_text(text: str) -> str | None:
    """Read free text; nothing is None."""
    return " ".join(text.split()) or None


def _bare(text: str) -> str:
    """Drop emphasis, emoji and remarks in parentheses."""
    return plain(_REMARK.sub(" ", text))


def _agreed(rest: str) -> DeclaredTests | None:
    """Read what follows a yes: a remark set off from it, or paths; never a `yes, but`."""
    words = rest.split()
    paths = _paths(rest)
    set_off = rest.startswith(("(", ":", "-", "\u2013", "\u2014", ",", "["))
    if words and not set_off and len(paths) != len(words):
        return None
    return DeclaredTests(defined=True, paths=paths)


def _paths(text: str) -> tuple[str, ...]:
    """Pick the words that read as paths; of `tests/test_a.py::test_b` the file."""
    words = (word.partition("::")[0].rstrip(".:!") for word in _BETWEEN_PATHS.split(text))
    paths = (word.removeprefix("./") for word in words if "/" in word or _FILE_NAME.fullmatch(word))
    return tuple(dict.fromkeys(paths))


def _patterns(part: str) -> Iterator[str]:
    """Yield the patterns of one part; a name with a space in it wants backticks around it."""
    quoted = re.fullmatch(r"`+([^`]+)`+", part)
    words = [quoted[1].strip()] if quoted else part.replace("`", "").split()
    if not quoted:
        words = [word for word in words if word not in {"and", "&"}]
    if len(words) == 1 or all(re.search(r"[/.*]", word) for word in words):
        yield from (re.sub(r"\\([*_])", r"\1", word) for word in words)
