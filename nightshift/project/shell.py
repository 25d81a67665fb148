"""Words for a shell command line that an owner reads and edits."""

import re
import shlex

_PLAIN = re.compile(r"[\w@%+:./-]+")
_READS_WELL_QUOTED = re.compile(r"[\w@%+:,./<>=~!*?;'\[\]() -]+")


def quoted(word: str) -> str:
    """Quote a word for sh: not at all, in double quotes, or however it must be."""
    if _PLAIN.fullmatch(word) and word.isascii():
        return word
    if _READS_WELL_QUOTED.fullmatch(word) and word.isascii():
        return f'"{word}"'
    return shlex.quote(word)
