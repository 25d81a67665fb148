"""One run of the gate on one exact tree."""

from nightshift.gate.bench import Bench
from nightshift.model import GateRun
from nightshift.workspace import process
from nightshift.workspace.process import Completed, Ended

_TAIL_LINES = 60


def run_gate(
    bench: Bench, tree: str, *, head: str, log: str, timeout_seconds: float | None = None
) -> GateRun:
    """Run the base's gate script on `tree` at the slot's path; `head` is what its .git says HEAD is."""
    bench.slot.show_gate(tree, head=head)
    limit = bench.rules.timeout_minutes * 60
    if timeout_seconds is not None:
        limit = min(limit, timeout_seconds)
    completed = process.run(
        [bench.slot.path / bench.rules.script],
        cwd=bench.slot.path,
        env=bench.environment(),
        timeout_seconds=limit,
        log=bench.logs / log,
        interruption=bench.interruption,
        marker=bench.run,
        merge_output=True,
    )
    return GateRun(
        tree=tree,
        command=bench.rules.script,
        passed=completed.ok,
        reason=_reason(completed, limit),
        exit_code=completed.exit_code,
        seconds=completed.seconds,
        tail=completed.tail(_TAIL_LINES),
        log=log,
    )


def _reason(completed: Completed, limit_seconds: float) -> str:
    """Say in one sentence how the gate ended."""
    if completed.ended is Ended.NOT_STARTED:
        return f"the gate could not be started: {completed.error}"
    if completed.ended is Ended.TIMED_OUT:
        return f"the gate was still running after {limit_seconds / 60:g} minutes and was stopped"
    if completed.ended is Ended.INTERRUPTED:
        return "the gate was interrupted"
    if completed.ok:
        return "the gate passed with exit 0"
    return f"the gate failed with exit {completed.exit_code}"
