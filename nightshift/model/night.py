"""The night and its result."""

from dataclasses import dataclass
from pathlib import Path

from nightshift.model.plan import Plan
from nightshift.model.policy import Policy
from nightshift.model.work import GateRun, TaskResult, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who commits are by."""

    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Base:
    """Where the night starts: a branch, its commit, and where that was read from."""

    branch: str
    commit: str
    tree: str
    source: str
    """A sentence: `fetched from origin`, `the local branch: there is no remote`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """Something the owner should know that stops nothing; `loud` ones are shown first."""

    text: str
    loud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """How the handing over ended; `error` is None when all that was asked for was done."""

    pushed: tuple[str, ...] = ()
    url: str | None = None
    error: str | None = None
    command: str | None = None
    """The command that finishes what is left."""
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What is known before the first task: names, places, and what was read once."""

    run: str
    repository: Path
    started: str
    """UTC, ISO 8601 with seconds."""
    base: Base
    plan: Plan
    policy: Policy
    identity: Identity
    gate_digest: str
    agent: str
    box: str = "none"
    records: Path | None = None
    """The run's own folder: journal, logs and report."""
    remarks: tuple[Remark, ...] = ()

    @property
    def session_branch(self) -> str:
        """The branch that holds the whole night."""
        return f"nightshift/{self.run}/_session"

    def task_branch(self, task_id: str) -> str:
        """Return the branch of one task's commit."""
        return f"nightshift/{self.run}/{task_id}"

    def attempt_ref(self, task_id: str, number: int) -> str:
        """Return the ref that keeps one failed attempt."""
        return f"refs/nightshift/{self.run}/{task_id}/{number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class NightResult:
    """The whole night, as the report tells it."""

    night: Night
    results: tuple[TaskResult, ...]
    exit_code: int
    stopped: str | None = None
    """Why it ended before all READY tasks were tried."""
    tip: str | None = None
    baseline: tuple[GateRun, ...] = ()
    alarms: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    delivered: Delivered | None = None
    finished: str = ""
    seconds: float = 0.0

    def having(self, *verdicts: Verdict) -> tuple[TaskResult, ...]:
        """Return the results with one of these verdicts, in the order of the night."""
        return tuple(result for result in self.results if result.verdict in verdicts)
