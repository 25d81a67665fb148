"""How a program's run ended, as an Outcome: what claude and any other command have in common."""

import signal

from nightshift.agent.job import Job
from nightshift.agent.quote import duration, one_line
from nightshift.model import Ending
from nightshift.workspace.capture import readable
from nightshift.workspace.process import Completed, Ended

Conclusion = tuple[Ending, str]
"""An ending and the sentence that gives its reason."""


def cut_short(done: Completed, job: Job, *, name: str) -> Conclusion | None:
    """Judge a run that did not end by itself, or that left something alive; None for any other."""
    match done.ended:
        case Ended.NOT_STARTED:
            return Ending.NOT_STARTED, f"{name} could not be started: {one_line(done.error)}"
        case Ended.TIMED_OUT:
            return Ending.TIMEOUT, f"{name} was stopped: {duration(job.timeout_seconds)} were over"
        case Ended.INTERRUPTED:
            return Ending.INTERRUPTED, f"{name} was stopped: the night was interrupted"
    return (Ending.FAILED, f"{name} ended, but {one_line(done.error)}") if done.error else None


def exit_of(done: Completed, *, name: str) -> str:
    """Say how a program that ended by itself did so."""
    if done.exit_code is None or done.exit_code >= 0:
        return f"{name} ended with exit {done.exit_code}"
    try:
        word = signal.Signals(-done.exit_code).name
    except ValueError:
        word = str(-done.exit_code)
    return f"{name} was ended by signal {word}"


def last_words(done: Completed) -> str:
    """Return the end of what a program printed, rather its complaints, as the end of a sentence."""
    line = one_line(readable(done.stderr if done.stderr.strip() else done.stdout, lines=3))
    return f": {line}" if line else ", and printed nothing"
