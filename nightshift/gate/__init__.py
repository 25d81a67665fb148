"""Is it good: what setup makes, what the gate says of the base, and of every snapshot."""

from nightshift.gate.baseline import measure_baseline
from nightshift.gate.bench import Bench
from nightshift.gate.run import run_gate
from nightshift.gate.script import Script, find_script
from nightshift.gate.setup import set_up

__all__ = ["Bench", "Script", "find_script", "measure_baseline", "run_gate", "set_up"]
