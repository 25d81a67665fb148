"""What the gate says of the base, before an agent is ever started."""

from nightshift.errors import GateError
from nightshift.gate.bench import Bench
from nightshift.gate.run import run_gate
from nightshift.model import Base, GateRun

_HINT_NAMES = 5


def measure_baseline(bench: Bench, base: Base) -> tuple[GateRun, ...]:
    """Run the gate on the base; red is tried once more, red again is a GateError.

    Two runs in the answer, the second one green, mean that the gate is flaky.
    """
    droppings = bench.slot.droppings()
    runs: list[GateRun] = []
    for number in (1, 2):
        runs.append(run_gate(bench, base.tree, head=base.commit, log=f"baseline-{number}.log"))
        if runs[-1].passed or _interrupted(bench):
            return tuple(runs)
    raise GateError(_message(runs[-1], base), tip=_tip(bench, droppings))


def _interrupted(bench: Bench) -> bool:
    return bench.interruption is not None and bench.interruption.requested is not None


def _message(run: GateRun, base: Base) -> str:
    return (
        f"the gate is red on the base itself, {base.branch} at {base.commit[:10]}, twice: {run.reason}\n"
        f"{run.tail.rstrip()}"
    )


def _tip(bench: Bench, droppings: tuple[str, ...]) -> str:
    """Name what differs from the owner's shell, and where the whole output is."""
    lines = [
        "mend the base first, or the gate: it ran in a fresh checkout with an empty HOME,",
        "without your environment variables and without untracked or ignored files",
    ]
    if droppings:
        lines.append(
            f"setup made {_named(droppings)}, which gate.carry does not name: the gate did not see it"
        )
    lines.append(f"its whole output is in {bench.logs / 'baseline-2.log'}")
    return "\n".join(lines)


def _named(droppings: tuple[str, ...]) -> str:
    more = len(droppings) - _HINT_NAMES
    return ", ".join(droppings[:_HINT_NAMES]) + (f" and {more} more" if more > 0 else "")
