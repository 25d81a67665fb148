"""Places, and what was found there."""

from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Place:
    """A spot in a file; line and column count from one, None where there is none."""

    path: str
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        return ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)


class Severity(StrEnum):
    """How bad a finding is; all but WARNING block."""

    CRITICAL = "critical"
    ERROR = "error"
    WARNING = "warning"

    @property
    def blocks(self) -> bool:
        """Whether a task with such a finding must not go on."""
        return self is not Severity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """What `validate` has to say about one spot of a plan or policy."""

    code: str
    severity: Severity
    message: str
    place: Place
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Violation:
    """A rule of the policy that a task or a change breaks."""

    rule: str
    severity: Severity
    message: str
    place: Place | None = None
    liftable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All violations of one task or one change, the critical ones first."""

    violations: tuple[Violation, ...] = ()

    @property
    def blocking(self) -> tuple[Violation, ...]:
        """The violations that stop the task."""
        return tuple(found for found in self.violations if found.severity.blocks)

    @property
    def safe_for_autonomous(self) -> bool:
        """No violation at all, not even a warning."""
        return not self.violations

    @property
    def can_proceed(self) -> bool:
        """No violation that blocks."""
        return not self.blocking

    @property
    def needs_approval(self) -> bool:
        """It is blocked, and an approval could lift everything that blocks it."""
        return bool(self.blocking) and all(found.liftable for found in self.blocking)
