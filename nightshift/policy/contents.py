"""What added lines may not hold: the owner's regular expressions, kept from running away."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from nightshift.model import FileChange, Place, Policy, Violation
from nightshift.policy import rulings
from nightshift.policy.rulings import found
from nightshift.policy.words import shown

WINDOW = 1000
OVERLAP = 500
"""A long line is searched in windows, so that its cost stays bounded; matches up to OVERLAP are found."""


def content_violations(files: Iterable[FileChange], policy: Policy) -> Iterator[Violation]:
    """Yield a violation for each added line that holds what the policy forbids."""
    patterns = tuple(enumerate(map(_compiled, policy.change.forbidden_content)))
    for file in files:
        for line in file.added_lines:
            for index, pattern in patterns:
                if _holds(line.text, pattern):
                    place = Place(path=shown(file.path), line=line.number)
                    message = f"{place}: the added line holds `{pattern.pattern}`"
                    yield found(rulings.CONTENT, message, policy=policy, place=place, index=index)


def _holds(text: str, pattern: re.Pattern[str]) -> bool:
    """Search a line as written and with its white space folded."""
    return any(
        pattern.search(whole, start, start + WINDOW)
        for whole in dict.fromkeys((text, " ".join(text.split())))
        for start in range(0, max(1, len(whole) - OVERLAP), WINDOW - OVERLAP)
    )


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
