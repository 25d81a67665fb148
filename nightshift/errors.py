"""What ends a night: the tree of exceptions, each with its exit code and a tip.

NightshiftError                 1
├── UsageError                  2   the command line is wrong
├── WorldError                  3   plan, policy or repository cannot be used
│   ├── RepositoryError
│   ├── PlanError
│   └── PolicyError
├── PreflightError              4   agent, login, box, gate or green baseline is missing
│   ├── GateError
│   ├── AgentError
│   └── StateError                  our own folder cannot be made or written
├── GitError                    4   a git command of ours failed (it lives in workspace/git.py)
├── LockedError                 5   another night holds the lock
├── ContainmentError            7   something changed that no agent may change
├── DeliveryError               8   finished here, not delivered
└── NightInterruptedError     130   the owner pressed Ctrl-C before the first task
    └── NightTerminatedError  143   the machine asked us to end before the first task
"""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """The documented exit codes (design.md, section 4)."""

    OK = 0
    FAILED = 1
    USAGE = 2
    UNUSABLE = 3
    PREFLIGHT = 4
    LOCKED = 5
    LIMIT = 6
    CONTAINMENT = 7
    UNDELIVERED = 8
    INTERRUPTED = 130
    TERMINATED = 143


class NightshiftError(Exception):
    """A broken world; the night ends with `exit_code`, and `tip` says what to do next."""

    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(self, message: str, *, tip: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.tip = tip

    @property
    def told(self) -> str:
        """The message with its tip."""
        return f"{self.message}\n{self.tip}" if self.tip else self.message


class UsageError(NightshiftError):
    """The command line asks for something that cannot be meant."""

    exit_code = ExitCode.USAGE


class WorldError(NightshiftError):
    """Plan, policy or repository cannot be used."""

    exit_code = ExitCode.UNUSABLE


class RepositoryError(WorldError):
    """The owner's repository cannot be used."""


class PlanError(WorldError):
    """The plan cannot be read."""


class PolicyError(WorldError):
    """The policy cannot be read; the message lists every complaint with its place."""


class PreflightError(NightshiftError):
    """Something a night needs is missing, found before any money was spent."""

    exit_code = ExitCode.PREFLIGHT


class GateError(PreflightError):
    """The gate is missing, cannot be run or is red on the base."""


class AgentError(PreflightError):
    """The agent cannot be started."""


class StateError(PreflightError):
    """Our own folder cannot be made or written."""


class LockedError(NightshiftError):
    """Another night holds this repository's lock."""

    exit_code = ExitCode.LOCKED


class ContainmentError(NightshiftError):
    """Something changed that no agent may change."""

    exit_code = ExitCode.CONTAINMENT


class NightInterruptedError(NightshiftError):
    """The owner asked the night to end before it had begun."""

    exit_code = ExitCode.INTERRUPTED


class NightTerminatedError(NightInterruptedError):
    """The machine, or its scheduler, asked the night to end before it had begun."""

    exit_code = ExitCode.TERMINATED


class DeliveryError(NightshiftError):
    """The night is finished here, but it could not be handed over."""

    exit_code = ExitCode.UNDELIVERED
