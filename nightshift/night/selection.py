"""Which tasks run tonight, and in which order. Pure."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from nightshift import plan as plans
from nightshift import policy as policies
from nightshift.model import Judgement, Plan, Policy, Status, Task, TaskResult, Verdict

_MEDIUM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """The tasks that may run, in order, and the READY ones that may not, with their reasons."""

    tasks: tuple[Task, ...] = ()
    skipped: tuple[TaskResult, ...] = ()


def select(
    plan: Plan,
    policy: Policy,
    *,
    in_review: Mapping[str, str],
    exists: Callable[[str], bool],
    only: Collection[str] = (),
    redo: Collection[str] = (),
) -> Queue:
    """Put the READY tasks in order and sort out what must not run.

    `in_review` says of a task id where its unmerged branch is; `exists` whether a path is in the base.
    """
    chosen: list[Task] = []
    skipped: list[TaskResult] = []
    for task in sorted(plans.ready(plan), key=rank):
        if only and task.id not in only:
            continue
        result = _refused(task, policies.judge_task(task, policy, exists=exists)) or (
            None if task.id in redo else _reviewed(task, in_review)
        )
        if result is None:
            chosen.append(task)
        else:
            skipped.append(result)
    return Queue(tasks=tuple(chosen), skipped=tuple(skipped))


def rank(task: Task) -> int:
    """Return a task's priority, medium where the plan names none; file order decides the rest."""
    return _MEDIUM if task.priority is None else task.priority


def next_task(waiting: Collection[Task], *, done: Collection[str]) -> Task | None:
    """Return the first task all of whose dependencies are done."""
    return next((task for task in waiting if not unmet(task, done=done)), None)


def in_order(tasks: Collection[Task], *, done: Collection[str]) -> tuple[tuple[Task, ...], tuple[Task, ...]]:
    """Return the order of a night in which every task lands, and the tasks that would still wait."""
    waiting, ordered, landed = list(tasks), [], set(done)
    while (task := next_task(waiting, done=landed)) is not None:
        waiting.remove(task)
        ordered.append(task)
        landed.add(task.id)
    return tuple(ordered), tuple(waiting)


def unmet(task: Task, *, done: Collection[str]) -> tuple[str, ...]:
    """Name the dependencies of a task that are not done."""
    return tuple(other for other in task.depends_on if other not in done)


def done_in(base_plan: Plan | None) -> frozenset[str]:
    """Return the ids that the base's plan calls DONE."""
    tasks = base_plan.tasks if base_plan else ()
    return frozenset(task.id for task in tasks if task.status is Status.DONE)


def waits(task: Task, *, done: Collection[str]) -> TaskResult:
    """Say what a task that could not run is waiting for."""
    names = ", ".join(unmet(task, done=done))
    return TaskResult(task=task, verdict=Verdict.WAITING, reason=f"waits for {names}, which is not done")


def _refused(task: Task, judgement: Judgement) -> TaskResult | None:
    if judgement.can_proceed:
        return None
    reason = "; ".join(found.message for found in judgement.blocking)
    return TaskResult(task=task, verdict=Verdict.REFUSED, reason=reason, violations=judgement.violations)


def _reviewed(task: Task, in_review: Mapping[str, str]) -> TaskResult | None:
    where = in_review.get(task.id)
    if where is None:
        return None
    return TaskResult(
        task=task,
        verdict=Verdict.IN_REVIEW,
        reason=f"its change waits for review on {where}; --redo {task.id} runs it again",
    )
