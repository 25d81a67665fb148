"""The fields of a task: their names, how they are read, and what it means when they cannot be."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from functools import lru_cache
from types import MappingProxyType

from nightshift.model import Severity, Status
from nightshift.plan import values


class Shape(Enum):
    """How many lines a value takes: one, a list below it too, or any text."""

    WORD = auto()
    LIST = auto()
    TEXT = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: the name users type, the attribute of Task, and how its text becomes a value.

    A field that `limits` refuses its task when it cannot be read: without it the task could do more than its
    owner said. One that `matters` is looked for where it does not count.
    """

    name: str
    attribute: str
    read: Callable[[str], object | None]
    shape: Shape = Shape.WORD
    hint: str = ""
    limits: bool = False
    matters: bool = True
    severity: Severity | None = None


_FIELDS = (
    Field(
        name="Alignment score",
        attribute="alignment",
        read=values.alignment,
        hint="write a number from 0 to 100, such as `95/100`",
    ),
    Field(
        name="Estimated lines",
        attribute="estimated_lines",
        read=values.estimated_lines,
        hint="write a number of lines, such as `10`",
    ),
    Field(
        name="Tests defined",
        attribute="tests",
        read=values.tests,
        shape=Shape.LIST,
        hint="write `Yes (tests/test_it.py)`, `Needs definition` or `No`",
    ),
    Field(
        name="Status",
        attribute="status",
        read=values.status,
        hint=f"write one of {', '.join(Status)}, and nothing else on the line",
    ),
    Field(
        name="Depends on",
        attribute="depends_on",
        read=values.depends_on,
        shape=Shape.LIST,
        hint="write the ids with commas between, or leave the line out",
        limits=True,
    ),
    Field(
        name="Files",
        attribute="files",
        read=values.files,
        shape=Shape.LIST,
        hint="write paths or patterns with commas between, or leave the line out if any file may change",
        limits=True,
    ),
    Field(
        name="Timeout",
        attribute="timeout_seconds",
        read=values.timeout_seconds,
        hint="write minutes, or `20m` or `1h`, or leave the line out",
        limits=True,
    ),
    Field(
        name="Priority",
        attribute="priority",
        read=values.priority,
        hint="write P0 to P3, critical, high, medium, low or a whole number; medium is taken",
        severity=Severity.WARNING,
    ),
    Field(
        name="Approved-by",
        attribute="approved_by",
        read=values.free_text,
        shape=Shape.TEXT,
        severity=Severity.WARNING,
    ),
    Field(
        name="Auto-approved",
        attribute="auto_approved",
        read=values.free_text,
        shape=Shape.TEXT,
        matters=False,
    ),
    Field(
        name="Safety check", attribute="safety_check", read=values.free_text, shape=Shape.TEXT, matters=False
    ),
    Field(name="Notes", attribute="notes", read=values.free_text, shape=Shape.TEXT, matters=False),
    Field(name="Reason", attribute="reason", read=values.free_text, shape=Shape.TEXT, matters=False),
    Field(name="Use", attribute="use", read=values.free_text, shape=Shape.TEXT, matters=False),
)

FIELDS: Mapping[str, Field] = MappingProxyType(
    {field.name.casefold().replace("-", " "): field for field in _FIELDS}
)

# Near enough for a slip of the finger; `Fixes` is not `Files`.
_NEAR = 0.85
_THAT_MATTER = tuple(name for name, field in FIELDS.items() if field.matters)
_OTHER_NAMES = {
    "alignment": "alignment score",
    "score": "alignment score",
    "estimate": "estimated lines",
    "lines": "estimated lines",
    "test": "tests defined",
    "tests": "tests defined",
    "depends": "depends on",
    "dependencies": "depends on",
    "dependency": "depends on",
    "blocked by": "depends on",
    "approved": "approved by",
}


@lru_cache(maxsize=4096)
def nearest_field(name: str) -> Field | None:
    """Return the field that matters which a name that is none was probably meant to be."""
    near = difflib.get_close_matches(_OTHER_NAMES.get(name, name), _THAT_MATTER, n=1, cutoff=_NEAR)
    return FIELDS[near[0]] if near else None
