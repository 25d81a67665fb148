"""How setup or gate ended, in words."""

import signal

from nightshift.workspace.process import Completed, Ended


def how_it_ended(completed: Completed, *, limit_seconds: float) -> str:
    """Say it as the rest of a sentence that begins with what was run."""
    if completed.ended is Ended.NOT_STARTED:
        return f"could not be started: {completed.error}"
    if completed.ended is Ended.TIMED_OUT:
        return f"was still running after {_spoken(limit_seconds)} and was stopped"
    if completed.ended is Ended.INTERRUPTED:
        return "was interrupted"
    return _exit(completed.exit_code or 0)


def _exit(code: int) -> str:
    if code < 0:
        return f"was ended by {_signal(-code)}"
    return "passed with exit 0" if code == 0 else f"failed with exit {code}"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _spoken(seconds: float) -> str:
    """Return a time limit in the unit in which its owner gave it."""
    return f"{seconds / 60:.3g} minutes"
