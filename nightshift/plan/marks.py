"""The marks that make a line a task, an item of a list or a field."""

import re
from functools import lru_cache

ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}")

# Quantifiers are possessive wherever two could share a character: a line may be five megabytes long.
_SPACE = r"[ \t\xa0]"
_EMOJI = rf"(?:[^\x00-\x7f\w\s→]++{_SPACE}*+)*+"

TASK = re.compile(
    rf"[ \t]*+(?P<mark>(?:[-*]{_SPACE}++|→{_SPACE}*+)++){_EMOJI}\*\*\[(?P<id>[^\]]*+)\]\*\*"
    r"\s*+(?:(?::|[\u2013\u2014-](?=\s|$))\s*+)?+(?P<title>.*)"
)

_OTHER_MARK = rf"(?:[-*+•]{_SPACE}++|[→➜➔⇒]|->|=>|[0-9]{{1,9}}[.)]){_SPACE}*+(?:\[[ xX]\]{_SPACE}*+)?+"
ALMOST_A_TASK = re.compile(
    rf"[ \t]*+(?:(?:{_OTHER_MARK})?+{_EMOJI}(?:~~)?+(?:\*\*|__)\[[^\]]++\](?![(\[])"
    rf"|{_OTHER_MARK}{_EMOJI}(?:~~)?+\[(?=[^\]]*[0-9_-])[A-Za-z0-9._-]++\](?![(\[:]))"
)

ITEM = re.compile(rf"[ \t]*+(?:[-*+•]|[0-9]{{1,9}}[.)])(?={_SPACE}|$){_SPACE}*+(?P<text>.*)")

FIELD = re.compile(
    rf"{_EMOJI}(?P<markup>\*{{1,2}}|_{{1,2}}|`)?+(?P<name>[A-Za-z][A-Za-z \t_-]{{0,39}}?)"
    rf"(?(markup)(?:(?P=markup){_SPACE}*+:|:(?P=markup))|{_SPACE}*+:){_SPACE}*+(?P<value>.*)"
)


def is_id(text: str) -> bool:
    """Tell whether an id can name a branch."""
    return ID.fullmatch(text) is not None and ".." not in text and not text.endswith((".", ".lock"))


@lru_cache(maxsize=4096)
def words(text: str) -> str:
    """Return the words of a name or heading: casefolded, without emoji and punctuation."""
    folded = "".join(char if char.isalnum() else _apart(char) for char in text.casefold())
    return " ".join(folded.split())


def _apart(char: str) -> str:
    """Separate words by anything but a letter; a joiner or a soft hyphen separates nothing."""
    return "" if char in "\u00ad\u200b\u200c\u200d\u2060\ufeff" else " "
