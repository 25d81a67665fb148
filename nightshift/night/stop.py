"""When a night stops starting tasks. Pure."""

from dataclasses import dataclass, replace

from nightshift.model import SessionRules, TaskResult, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """What counts towards stopping: tasks that ran, and the failures since one landed."""

    ran: int = 0
    failures_in_a_row: int = 0

    def after(self, result: TaskResult) -> "Tally":
        """Count one more result; what was refused or waits counts for nothing."""
        if not result.verdict.ran:
            return self
        counted = replace(self, ran=self.ran + 1)
        if result.verdict is Verdict.LANDED:
            return replace(counted, failures_in_a_row=0)
        if result.verdict is Verdict.FAILED:
            return replace(counted, failures_in_a_row=self.failures_in_a_row + 1)
        return counted


def task_limit_seconds(rules: SessionRules, *, declared: float | None) -> float:
    """Return how long a task may take in all: what the plan says of it, else what the policy says."""
    return declared if declared is not None else rules.task_minutes * 60


def stop_reason(
    tally: Tally, rules: SessionRules, *, left_seconds: float, needed_seconds: float
) -> str | None:
    """Say why the next task is not started; None to go on.

    The first task of a night is always started, and cut at the night's deadline if it must be;
    a later one only when its whole time limit still fits.
    """
    if tally.failures_in_a_row >= rules.stop_after_failures:
        return f"{tally.failures_in_a_row} tasks failed in a row (session.stop_after_failures)"
    if tally.ran >= rules.max_tasks:
        return f"{tally.ran} tasks were run (session.max_tasks)"
    if left_seconds <= 0:
        return f"{rules.max_hours:g} hours are over (session.max_hours)"
    if tally.ran and left_seconds < needed_seconds:
        left, needed = f"{left_seconds / 60:.0f}", f"{needed_seconds / 60:.0f}"
        return f"{left} minutes were left and the next task may take {needed} (session.max_hours)"
    return None
