"""Text from outside, made safe and short enough to show."""

import unicodedata

_KEPT = {"\n", "\t"}


def without_controls(text: str) -> str:
    """Drop control and format characters: escape sequences, and what turns the direction of writing."""
    return "".join(
        character
        for character in text
        if character in _KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )


def shortened(text: str, *, limit: int) -> str:
    """Keep the beginning and, rather, the end of a text, and say how much is left out between."""
    if len(text) <= limit:
        return text
    head, tail = text[: limit // 4], text[len(text) - (limit - limit // 4) :]
    return f"{head}\n[… {len(text) - len(head) - len(tail)} characters left out …]\n{tail}".strip("\n")
