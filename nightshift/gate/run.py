"""One run of the gate on one exact tree."""

from nightshift.gate.bench import Bench
from nightshift.gate.ending import how_it_ended
from nightshift.model import GateRun
from nightshift.workspace import process

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
        env=bench.environment("gate"),
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
        reason=f"the gate {how_it_ended(completed, limit_seconds=limit)}",
        exit_code=completed.exit_code,
        seconds=completed.seconds,
        tail=completed.tail(_TAIL_LINES),
        log=log,
    )
