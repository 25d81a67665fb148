"""What agent and gate came to, and what became of a task."""

from dataclasses import dataclass
from enum import StrEnum

from nightshift.model.change import Change
from nightshift.model.findings import Judgement, Violation
from nightshift.model.plan import Task


class Ending(StrEnum):
    """How an agent's work ended."""

    DONE = "done"
    FAILED = "failed"
    CRASHED = "crashed"
    GARBLED = "garbled"
    NEEDS_PERMISSION = "needs_permission"
    TIMEOUT = "timeout"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What an agent's run came to; `reason` is our sentence, `said` is the agent's own, untrusted."""

    ending: Ending
    reason: str
    said: str = ""
    denials: tuple[str, ...] = ()
    exit_code: int | None = None
    turns: int | None = None
    cost_usd: float | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRun:
    """One run of the gate on one tree; `tail` is the end of what it printed, untrusted."""

    tree: str
    command: str
    passed: bool
    reason: str
    exit_code: int | None = None
    seconds: float = 0.0
    tail: str = ""
    log: str = ""


class Cause(StrEnum):
    """Why an attempt did not land."""

    AGENT = "agent"
    NO_CHANGE = "no_change"
    POLICY = "policy"
    GATE = "gate"
    TIMEOUT = "timeout"
    COMMIT = "commit"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why an attempt did not land: our sentence, and the details the next attempt is told."""

    cause: Cause
    reason: str
    details: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try at a task; `failure` is None for the one that landed."""

    number: int
    outcome: Outcome
    change: Change | None = None
    judgement: Judgement = Judgement()
    gate: GateRun | None = None
    failure: Failure | None = None
    commit: str | None = None
    """The landed commit, or the kept one of a failed attempt."""
    kept_ref: str | None = None
    log: str = ""
    seconds: float = 0.0


class Verdict(StrEnum):
    """What became of a task tonight."""

    LANDED = "landed"
    FAILED = "failed"
    NEEDS_APPROVAL = "needs_approval"
    REFUSED = "refused"
    IN_REVIEW = "in_review"
    WAITING = "waiting"
    NOT_STARTED = "not_started"
    INTERRUPTED = "interrupted"

    @property
    def ran(self) -> bool:
        """Whether the agent was started for it."""
        return self in {Verdict.LANDED, Verdict.FAILED, Verdict.NEEDS_APPROVAL, Verdict.INTERRUPTED}


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskResult:
    """What became of one task, and why."""

    task: Task
    verdict: Verdict
    reason: str
    violations: tuple[Violation, ...] = ()
    attempts: tuple[Attempt, ...] = ()
    commit: str | None = None
    branch: str | None = None
    seconds: float = 0.0
