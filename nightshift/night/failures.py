"""Why an attempt did not land: the sentence for the report, and the details for the next prompt. Pure."""

from nightshift.model import Cause, Ending, Failure, GateRun, Judgement, Outcome, Violation


def agent_failure(outcome: Outcome) -> Failure:
    """Say that the agent did not come to a good end."""
    causes = {Ending.TIMEOUT: Cause.TIMEOUT, Ending.INTERRUPTED: Cause.INTERRUPTED}
    return Failure(cause=causes.get(outcome.ending, Cause.AGENT), reason=outcome.reason)


def no_change(outcome: Outcome) -> Failure:
    """Say that nothing was changed, whatever the agent says."""
    details = f"The agent said: {outcome.said}" if outcome.said else ""
    return Failure(cause=Cause.NO_CHANGE, reason="the agent changed nothing", details=details)


def policy_failure(judgement: Judgement) -> Failure:
    """Say which rules the change breaks."""
    first, *others = judgement.blocking
    more = f" (and {len(others)} more)" if others else ""
    return Failure(
        cause=Cause.POLICY,
        reason=f"the change breaks the policy: {first.message}{more}",
        details="\n".join(_line(found) for found in judgement.blocking),
    )


def _line(found: Violation) -> str:
    place = f"{found.place}: " if found.place else ""
    return f"{found.rule}: {place}{found.message}"


def gate_failure(gate: GateRun | None, *, interrupted: bool) -> Failure:
    """Say that the gate was red, or why it could not say."""
    if interrupted:
        return Failure(cause=Cause.INTERRUPTED, reason="the night was interrupted while the gate ran")
    if gate is None:
        return Failure(cause=Cause.TIMEOUT, reason="the task's time was over before the gate could run")
    return Failure(cause=Cause.GATE, reason=gate.reason, details=gate.tail)
