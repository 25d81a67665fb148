"""One piece of work for an agent, and what every agent is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from nightshift.model import Outcome, Task
from nightshift.workspace.interruption import Interruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One attempt: what to do, where, with what environment, and for how long at most.

    `home` is an empty folder of this attempt; `env` is built and holds no credential; `marker`
    names the night in the environment of whatever is started.
    """

    task: Task
    number: int
    prompt: str = field(repr=False)
    folder: Path
    home: Path
    env: Mapping[str, str] = field(repr=False)
    timeout_seconds: float
    log: Path
    marker: str
    interruption: Interruption | None = None


class Agent(Protocol):
    """Whoever works on a task."""

    @property
    def name(self) -> str:
        """What reports call it."""
        ...

    def work(self, job: Job) -> Outcome:
        """Work once; when this returns, nothing that was started is alive."""
        ...
