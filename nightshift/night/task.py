"""One task: attempts until it lands, cannot land, or its time is over."""

from nightshift.events import Kind
from nightshift.model import Attempt, Cause, RecordKind, Task, TaskResult, Verdict
from nightshift.night.attempt import run_attempt
from nightshift.night.stage import Stage
from nightshift.night.stop import task_limit_seconds
from nightshift.policy import SMALLER_MAY_DO

_FINAL_CAUSES = {Cause.INTERRUPTED, Cause.COMMIT}


def run_task(stage: Stage, task: Task, *, tip: str) -> TaskResult:
    """Try a task until it lands or may not be tried again; the tip moves only if it lands."""
    started = stage.world.clock()
    limit = task_limit_seconds(stage.policy.session, declared=task.timeout_seconds)
    ends_at = min(started + limit, stage.ends_at)
    stage.record(RecordKind.TASK_STARTED, task=task.id, checkpoint=tip)
    stage.say(Kind.TASK, task.title, task=task.id)
    attempts: list[Attempt] = []
    while not attempts or _once_more(stage, attempts, ends_at=ends_at):
        previous = attempts[-1] if attempts else None
        attempts.append(
            run_attempt(stage, task, len(attempts) + 1, tip=tip, previous=previous, ends_at=ends_at)
        )
    result = _result(stage, task, tuple(attempts), seconds=stage.world.clock() - started)
    stage.record(
        RecordKind.TASK_FINISHED,
        task=task.id,
        verdict=result.verdict.value,
        reason=result.reason,
        commit=result.commit,
        seconds=round(result.seconds, 3),
    )
    return result


def _once_more(stage: Stage, attempts: list[Attempt], *, ends_at: float) -> bool:
    """Whether another attempt is allowed, has time, and could change anything."""
    last = attempts[-1]
    if last.failure is None or last.failure.cause in _FINAL_CAUSES or stage.world.interrupted is not None:
        return False
    if len(attempts) >= stage.policy.session.max_attempts or stage.world.clock() >= ends_at:
        return False
    return not _only_an_approval_helps(last)


def _only_an_approval_helps(attempt: Attempt) -> bool:
    """Whether what blocks the change is for the owner to decide, and a smaller one would not do."""
    return attempt.judgement.needs_approval and not any(
        found.rule in SMALLER_MAY_DO for found in attempt.judgement.blocking
    )


def _result(stage: Stage, task: Task, attempts: tuple[Attempt, ...], *, seconds: float) -> TaskResult:
    last = attempts[-1]
    if last.failure is None:
        tries = "at the first attempt" if last.number == 1 else f"at attempt {last.number}"
        return TaskResult(
            task=task,
            verdict=Verdict.LANDED,
            reason=f"landed {tries}",
            violations=last.judgement.violations,
            attempts=attempts,
            commit=last.commit,
            branch=stage.night.task_branch(task.id),
            seconds=seconds,
        )
    if last.failure.cause is Cause.INTERRUPTED:
        verdict = Verdict.INTERRUPTED
    elif last.judgement.needs_approval:
        verdict = Verdict.NEEDS_APPROVAL
    else:
        verdict = Verdict.FAILED
    return TaskResult(
        task=task,
        verdict=verdict,
        reason=last.failure.reason,
        violations=last.judgement.violations,
        attempts=attempts,
        seconds=seconds,
    )
