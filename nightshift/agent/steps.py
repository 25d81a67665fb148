"""The steps that a script is made of."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nightshift.model import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Write a file."""

    place: Place
    path: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace a text that stands in a file exactly once."""

    place: Place
    path: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Delete:
    """Delete a file."""

    place: Place
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Run a program."""

    place: Place
    args: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """Say something."""

    place: Place
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Fail:
    """Give up."""

    place: Place
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sleep:
    """Wait."""

    place: Place
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expect:
    """Fail unless the prompt holds a text."""

    place: Place
    text: str


Step = Write | Edit | Delete | Run | Say | Fail | Sleep | Expect
Attempts = tuple[tuple[Step, ...], ...]
_NO_TASKS: Mapping[str, Attempts] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What to do for each task, attempt by attempt; `default` is for tasks that are not named."""

    path: str
    tasks: Mapping[str, Attempts] = field(default_factory=lambda: _NO_TASKS)
    default: Attempts | None = None

    def steps(self, task_id: str, *, number: int) -> tuple[Step, ...] | None:
        """Return the steps of an attempt, the last listed one for every later; None for an unknown task."""
        attempts = self.tasks.get(task_id, self.default)
        return None if attempts is None else attempts[min(number, len(attempts)) - 1]

    @property
    def runs_programs(self) -> bool:
        """Whether any step starts a program."""
        every = (*self.tasks.values(), self.default or ())
        return any(isinstance(step, Run) for attempts in every for steps in attempts for step in steps)
