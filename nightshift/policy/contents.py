"""What added lines may not hold: the owner's regular expressions, kept from running away.

A match in the pattern's own case is always a violation. A match in another case is one too, so that
`DELETE FROM` finds `delete from users`, unless an English determiner follows it: `# delete from the cache`
is prose.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from nightshift.model import FileChange, Place, Policy, Violation
from nightshift.policy import rulings
from nightshift.policy.rulings import found
from nightshift.policy.words import shown

WINDOW = 1000
OVERLAP = 500
"""A long line is searched in windows, so that its cost stays bounded; matches up to OVERLAP are found."""

_DETERMINERS = (
    *("the", "a", "an", "this", "that", "these", "those"),
    *("your", "our", "my", "its", "his", "her", "their"),
    *("any", "all", "each", "every", "some", "no"),
)
_PROSE = re.compile(rf"(?:\s+|(?<=\s))(?:{'|'.join(_DETERMINERS)})(?=\s|$)", re.IGNORECASE)
"""A determiner has a word after it: `delete from a;` and `delete from all.users` are no prose."""


@dataclass(frozen=True, slots=True)
class _Pattern:
    """A regular expression in its own case, and in any."""

    own_case: re.Pattern[str]
    any_case: re.Pattern[str]


def content_violations(files: Iterable[FileChange], policy: Policy) -> Iterator[Violation]:
    """Yield a violation for each added line that holds what the policy forbids."""
    patterns = tuple(enumerate(map(_compiled, policy.change.forbidden_content)))
    for file in files:
        for line in file.added_lines:
            for index, pattern in patterns:
                if _holds(line.text, pattern):
                    place = Place(path=shown(file.path), line=line.number)
                    message = f"{place}: the added line holds `{pattern.own_case.pattern}`"
                    yield found(rulings.CONTENT, message, policy=policy, place=place, index=index)


def _holds(text: str, pattern: _Pattern) -> bool:
    """Search a line as written and with its white space folded."""
    return any(
        pattern.own_case.search(whole, start, start + WINDOW)
        or _holds_no_prose(whole, pattern.any_case, start, start + WINDOW)
        for whole in dict.fromkeys((text, " ".join(text.split())))
        for start in range(0, max(1, len(whole) - OVERLAP), WINDOW - OVERLAP)
    )


def _holds_no_prose(text: str, pattern: re.Pattern[str], start: int, end: int) -> bool:
    """Tell whether any match is no prose, from each place on; prose hides nothing that overlaps it."""
    while match := pattern.search(text, start, end):
        if any(_PROSE.match(text, found.end()) is None for found in _shorter(match)):
            return True
        start = match.start() + 1
    return False


def _shorter(match: re.Match[str]) -> Iterator[re.Match[str]]:
    """Yield a match and those at its place that end whole words earlier: `.*` may have run into prose."""
    found: re.Match[str] | None = match
    while found:
        yield found
        kept = found[0].rstrip().rfind(" ") + 1
        found = found.re.match(found.string, found.start(), found.start() + kept) if kept else None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> _Pattern:
    return _Pattern(re.compile(pattern), re.compile(pattern, re.IGNORECASE))
