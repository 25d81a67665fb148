"""What was measured of a task, as lines of Markdown; shared by the report and the pull request."""

from collections.abc import Iterable

from nightshift.delivery.markdown import code, prose
from nightshift.model import (
    Attempt,
    Cause,
    Change,
    Ending,
    FileChange,
    GateRun,
    NightResult,
    Remark,
    Severity,
    TaskResult,
    Verdict,
    Violation,
)

FILES_SHOWN = 20
_VIOLATIONS_SHOWN = 20
_WORST_FIRST = (Severity.CRITICAL, Severity.ERROR, Severity.WARNING)
_MINUTE, _HOUR = 60, 3600
_CLAIMS = {
    Cause.NO_CHANGE: "no file was changed",
    Cause.POLICY: "its change breaks the policy",
    Cause.GATE: "the gate was red",
}
WORDS = {
    Verdict.LANDED: "landed",
    Verdict.FAILED: "failed",
    Verdict.NEEDS_APPROVAL: "needs your approval",
    Verdict.REFUSED: "refused before it started",
    Verdict.IN_REVIEW: "in review since an earlier night",
    Verdict.WAITING: "waiting",
    Verdict.NOT_STARTED: "not started",
    Verdict.INTERRUPTED: "interrupted",
}
PARKED = (Verdict.FAILED, Verdict.NEEDS_APPROVAL, Verdict.INTERRUPTED)
NOT_RUN = (Verdict.WAITING, Verdict.REFUSED, Verdict.IN_REVIEW, Verdict.NOT_STARTED)


def remarks(result: NightResult) -> tuple[Remark, ...]:
    """Return all remarks of a night, what was found in the evening first."""
    return (*result.night.remarks, *result.remarks)


def counted(number: int, noun: str) -> str:
    """Write a number and its noun."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def spoken(seconds: float) -> str:
    """Write a duration as one says it."""
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), _MINUTE)
    if seconds < _HOUR:
        return f"{minutes} min {rest} s"
    return f"{minutes // _MINUTE} h {minutes % _MINUTE} min"


def final_attempt(result: TaskResult) -> Attempt | None:
    """Return the attempt that the verdict rests on."""
    return result.attempts[-1] if result.attempts else None


def change_line(change: Change, *, estimated_lines: int | None) -> str:
    """Say how much was changed, against what the plan estimated."""
    estimate = (
        "no estimate in the plan" if estimated_lines is None else f"estimated in the plan: {estimated_lines}"
    )
    files = counted(len(change.files), "file")
    return f"{files}, {counted(change.added, 'line')} added, {change.deleted:,} deleted ({estimate})"


def file_lines(change: Change) -> tuple[str, ...]:
    """List the files of a change, as many as one reads."""
    shown = tuple(f"{code(file.path)} {_size(file)}" for file in change.files[:FILES_SHOWN])
    return (
        shown
        if len(change.files) <= FILES_SHOWN
        else (*shown, f"and {len(change.files) - FILES_SHOWN:,} more")
    )


def _size(file: FileChange) -> str:
    what = "new, " if file.is_added else "deleted, " if file.is_deleted else ""
    if file.binary:
        return f"({what}binary, {file.old_size:,} to {file.new_size:,} bytes)"
    return f"({what}+{file.added:,} -{file.deleted:,})"


def gate_line(gate: GateRun) -> str:
    """Say how the gate ended: what ran, its exit and how long it took."""
    came_to = f"{'passed' if gate.passed else 'red'}, {_exit(gate.exit_code)}, {spoken(gate.seconds)}"
    why = "" if gate.passed or _exit(gate.exit_code) in gate.reason else f" ({prose(gate.reason)})"
    return f"{code(gate.command)}: {came_to}{why}"


def _exit(code_: int | None) -> str:
    return "no exit status" if code_ is None else f"exit {code_}"


def verdict_line(result: TaskResult) -> str:
    """Say what became of a task, and why."""
    verdict, reason = WORDS[result.verdict], prose(result.reason, limit=600)
    return reason if reason.startswith(verdict) else f"{verdict}; {reason}"


def attempt_line(attempt: Attempt) -> str:
    """Say how one attempt ended and what it took."""
    ended = "it landed" if attempt.failure is None else prose(attempt.failure.reason)
    agent = f"agent {spoken(attempt.outcome.seconds)}"
    gate = (
        ""
        if attempt.gate is None
        else f"; gate {_exit(attempt.gate.exit_code)} after {spoken(attempt.gate.seconds)}"
    )
    return f"attempt {attempt.number}: {ended}; {agent}{gate}{cost(attempt)}"


def cost(attempt: Attempt) -> str:
    """Say what an attempt cost, where the agent's client says."""
    dollars, turns = attempt.outcome.cost_usd, attempt.outcome.turns
    parts = ([] if turns is None else [counted(turns, "turn")]) + (
        [] if dollars is None else [f"{dollars:.2f} USD"]
    )
    return f"; {', '.join(parts)}" if parts else ""


def dollars(attempts: Iterable[Attempt]) -> float | None:
    """Add up what the agent's client says that attempts cost; None where it never says."""
    known = [attempt.outcome.cost_usd for attempt in attempts if attempt.outcome.cost_usd is not None]
    return sum(known) if known else None


def mismatch(attempt: Attempt) -> str | None:
    """Say where the agent ended as if all were done and what was measured says otherwise."""
    if attempt.failure is None or attempt.outcome.ending is not Ending.DONE:
        return None
    measured = _CLAIMS.get(attempt.failure.cause)
    return None if measured is None else f"attempt {attempt.number}: the agent ended as done, and {measured}"


def violation_lines(violations: Iterable[Violation]) -> tuple[str, ...]:
    """List violations, the critical ones first."""
    ordered = sorted(violations, key=lambda found: _WORST_FIRST.index(found.severity))
    shown = tuple(_violation(found) for found in ordered[:_VIOLATIONS_SHOWN])
    rest = len(ordered) - len(shown)
    return (*shown, f"and {rest:,} more") if rest else shown


def _violation(found: Violation) -> str:
    place = f" ({code(str(found.place))})" if found.place else ""
    effect = "blocks" if found.severity.blocks else "does not block"
    lift = ", an approval could lift it" if found.liftable else ""
    return f"**{found.severity.value}** {code(found.rule)}: {prose(found.message)}{place}; {effect}{lift}"


def box_line(result: NightResult) -> str:
    """Say what stood between the agent and the machine."""
    box = result.night.box
    if box == "none":
        return "`none`: agent and gate ran as the owner's user, with nothing between them and the machine"
    return code(box)
