"""The exit code of a night: the first that applies, in the order of design.md. Pure."""

import signal as signals

from nightshift.errors import ExitCode, NightshiftError
from nightshift.model import NightResult, Verdict


def exit_code(result: NightResult, *, signal: int | None, error: NightshiftError | None) -> int:
    """Return the documented exit code of a finished night."""
    if signal is not None:
        return ExitCode.INTERRUPTED if signal == signals.SIGINT else ExitCode.TERMINATED
    if result.alarms:
        return ExitCode.CONTAINMENT
    if error is not None:
        return error.exit_code
    if result.delivered is not None and result.delivered.error is not None:
        return ExitCode.UNDELIVERED
    if result.having(Verdict.FAILED, Verdict.NEEDS_APPROVAL):
        return ExitCode.FAILED
    return ExitCode.OK
