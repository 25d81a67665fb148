"""Paths as a hostile writer spells them: what is no path at all, and patterns that see through spelling."""

import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

_DROPPED = {"Cc", "Cf"}
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_SPECIAL = "!#[]*?\\/"

ALWAYS_FORBIDDEN = (
    ".git*",
    "git~*",
    ".claude",
    "CLAUDE*.md",
    "AGENTS.md",
    "GEMINI.md",
    ".mcp.json",
    ".cursor",
)
"""At any depth and in any spelling; a policy cannot open them. `git~1` is what Windows calls `.git`."""


def folded(path: str) -> str:
    """Fold a path as careless file systems do: width, case, what is invisible, dots and spaces at an end."""
    return "/".join(part.rstrip(". ") or part for part in _folded_case(path).split("/"))


def faults(path: str) -> Iterator[str]:
    """Yield what keeps a path from being an honest relative path."""
    if any("\ud800" <= char <= "\udfff" for char in path):
        yield "its name is not UTF-8"
    elif any(unicodedata.category(char) in _HIDDEN for char in path):
        yield "its name holds a control or invisible character"
    plain = unicodedata.normalize("NFKC", path)
    if "\\" in plain:
        yield "its name holds a backslash"
    if plain.startswith("/"):
        yield "it is absolute"
    elif {"", ".", ".."} & set(plain.split("/")):
        yield "it climbs or has an empty part"


@dataclass(frozen=True, slots=True)
class Patterns:
    """A list of gitignore patterns, compiled as written and folded."""

    written: "GitIgnoreSpec"
    folded: "GitIgnoreSpec"

    def find(self, path: str) -> int | None:
        """Return the index of the pattern that matches the path in any spelling."""
        for spec, spelling in ((self.written, path), (self.folded, folded(path))):
            result = spec.check_file(spelling)
            if result.include:
                return result.index
        return None

    def cover(self, path: str) -> bool:
        """Tell whether the path matches both as it is spelled and folded."""
        return self.written.match_file(path) and self.folded.match_file(folded(path))


@lru_cache(maxsize=64)
def compiled(patterns: tuple[str, ...]) -> Patterns:
    """Compile gitignore patterns; a pattern git would not understand raises ValueError."""
    from pathspec import GitIgnoreSpec

    return Patterns(
        GitIgnoreSpec.from_lines(patterns),
        GitIgnoreSpec.from_lines(_folded_pattern(pattern) for pattern in patterns),
    )


def is_protected(path: str, *, protected: Collection[str]) -> bool:
    """Tell whether no policy and no approval may open the path."""
    if compiled(ALWAYS_FORBIDDEN).find(path) is not None:
        return True
    spelling = folded(path)
    return any(spelling == one or spelling.startswith(f"{one}/") for one in map(folded, protected))


def _folded_case(text: str) -> str:
    kept = "".join(
        char for char in unicodedata.normalize("NFKC", text) if unicodedata.category(char) not in _DROPPED
    )
    return unicodedata.normalize("NFKC", kept.casefold())


def _folded_pattern(pattern: str) -> str:
    """Fold a pattern, but never into one with other wildcards: a full-width `!` is no negation."""
    candidate = folded(pattern)
    same = all(candidate.count(char) == pattern.count(char) for char in _SPECIAL)
    return candidate if same else pattern.casefold()
