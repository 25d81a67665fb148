"""Which heading of a plan means what."""

import difflib
from functools import lru_cache

from nightshift.model import Section
from nightshift.plan.marks import words

KNOWN = tuple(section for section in Section if section is not Section.OTHER)
_LONGEST = max(map(len, KNOWN)) * 2
_NEAR = 0.8


def section_of(heading: str) -> Section:
    """Match a heading whole, without case, emoji and punctuation; any other is OTHER."""
    said = words(heading)
    return next((section for section in KNOWN if section.value == said), Section.OTHER)


@lru_cache(maxsize=1024)
def nearest_section(heading: str) -> Section | None:
    """Return the section that a heading which is none was probably meant to be."""
    said = words(heading)
    if said in KNOWN or len(said) > _LONGEST:
        return None
    near = difflib.get_close_matches(said, KNOWN, n=1, cutoff=_NEAR)
    return Section(near[0]) if near else None
