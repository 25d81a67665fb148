"""The conductor: preflight, tasks, attempts, stop rules, and the end of the night."""

from nightshift.night.request import Request, World
from nightshift.night.session import rehearse, run_night

__all__ = ["Request", "World", "rehearse", "run_night"]
