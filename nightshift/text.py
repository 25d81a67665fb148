"""Text from outside, made safe to show on one line of a terminal or a log."""

import unicodedata

_KEPT = {"\n", "\t"}


def without_controls(text: str) -> str:
    """Drop control and format characters: escape sequences, and what turns the direction of writing."""
    return "".join(
        character
        for character in text
        if character in _KEPT or unicodedata.category(character) not in {"Cc", "Cf", "Cs"}
    )
