"""A plan and its tasks."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from nightshift.model.findings import Place, Problem, Violation


class Section(StrEnum):
    """The headings of a plan that mean something to us."""

    READY = "ready for autonomous execution"
    PENDING = "pending approval"
    NOT_READY = "not ready"
    COMPLETED = "completed"
    OTHER = "other"


class Status(StrEnum):
    """The status words of a plan."""

    PENDING = "PENDING"
    READY = "READY"
    DONE = "DONE"
    FAILED = "FAILED"
    NEEDS_APPROVAL = "NEEDS_APPROVAL"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredTests:
    """What a task's `Tests defined` says."""

    defined: bool
    paths: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One task of a plan; a field that is missing or unreadable is None or empty."""

    id: str
    title: str
    section: Section
    place: Place
    description: str = ""
    status: Status | None = None
    alignment: int | None = None
    estimated_lines: int | None = None
    tests: DeclaredTests | None = None
    safety_check: str | None = None
    priority: int | None = None
    depends_on: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    timeout_seconds: float | None = None
    approved_by: str | None = None
    auto_approved: str | None = None
    notes: str | None = None
    reason: str | None = None
    use: str | None = None
    text: str = ""
    """The task's own lines of the plan, as written."""
    refusals: tuple[Violation, ...] = ()
    """What the parser found wrong with the task itself: its id, or a duplicate of it."""
    field_places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def place_of(self, name: str) -> Place:
        """Where the field `name` stands, else where the task begins."""
        return self.field_places.get(name, self.place)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A parsed plan; `digest` is the SHA-256 of its bytes in hex."""

    path: str
    digest: str
    tasks: tuple[Task, ...] = ()
    problems: tuple[Problem, ...] = ()

    def find(self, task_id: str) -> Task | None:
        """Return the task with this id."""
        return next((task for task in self.tasks if task.id == task_id), None)
