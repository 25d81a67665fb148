"""Forbidden words as whole words, and text from others made fit to be shown."""

import re
import unicodedata

_INVISIBLE = {"Cc", "Cf"}
_EMPHASIS = str.maketrans("", "", "*`")
_SURROGATE_BASE = 0xDC00


def folded_text(text: str) -> str:
    """Fold width, case, emphasis, invisible characters and runs of white space."""
    seen = unicodedata.normalize("NFKC", text).translate(_EMPHASIS)
    kept = (char for char in seen if char.isspace() or unicodedata.category(char) not in _INVISIBLE)
    return " ".join("".join(kept).casefold().split())


def folded_words(text: str) -> str:
    """Keep only the words of a text, folded, one space between."""
    return " ".join(re.findall(r"\w+", folded_text(text)))


def has_word(text: str, word: str) -> bool:
    """Tell whether a word or phrase stands in the text as whole words; `repayment` is not `payment`."""
    wanted = folded_text(word)
    return bool(wanted) and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", folded_text(text)) is not None


def shown(text: str, *, limit: int = 500) -> str:
    """Return text on one line with everything unprintable escaped, so that no terminal obeys it."""
    visible = "".join(char if char.isprintable() else _escaped(char) for char in text[:limit])
    return visible if len(text) <= limit else f"{visible}…"


def _escaped(char: str) -> str:
    code = ord(char)
    if _SURROGATE_BASE + 0x80 <= code <= _SURROGATE_BASE + 0xFF:
        return f"\\x{code - _SURROGATE_BASE:02x}"
    return char.encode("unicode_escape", "surrogatepass").decode("ascii")
