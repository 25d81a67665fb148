"""What the owner should know of a plan before the night; pure, and judged without a policy."""

from collections.abc import Iterator

from nightshift.model import Place, Plan, Problem, Section, Status, Task
from nightshift.plan import codes
from nightshift.plan.codes import Code
from nightshift.plan.findings import shown
from nightshift.plan.parse import ready

_AGREE = {
    Section.READY: {Status.READY, Status.DONE, Status.FAILED, Status.NEEDS_APPROVAL},
    Section.PENDING: {Status.PENDING, Status.NEEDS_APPROVAL},
    Section.NOT_READY: {Status.PENDING, Status.FAILED, Status.NEEDS_APPROVAL},
    Section.COMPLETED: {Status.DONE},
}
_HOMES = {
    Status.READY: Section.READY,
    Status.PENDING: Section.PENDING,
    Status.DONE: Section.COMPLETED,
    Status.FAILED: Section.READY,
    Status.NEEDS_APPROVAL: Section.PENDING,
}


def lint(plan: Plan) -> tuple[Problem, ...]:
    """List everything that is wrong with a plan, in the order of its lines."""
    ids = {task.id.casefold(): task.id for task in plan.tasks}
    found = [*plan.problems]
    for task in plan.tasks:
        found += _of_status(task)
        found += _of_dependencies(task, ids)
    for task in ready(plan):
        found += _of_numbers(task)
    return tuple(sorted(found, key=lambda problem: (problem.place, problem.code)))


def _of_status(task: Task) -> Iterator[Problem]:
    status, section = task.status, task.section
    if section is Section.READY and "status" not in task.field_places:
        message = f"[{shown(task.id)}] has no status, so it is not run"
        yield _problem(codes.NO_STATUS, message, task.place, hint="add `- Status: READY`")
    elif status is None:
        return
    elif section is Section.OTHER:
        if status is Status.READY:
            message = f"[{shown(task.id)}] is READY, but tasks under this heading are not run"
            hint = f"move it below `{Section.READY.value}`"
            yield _problem(codes.NOWHERE_TO_RUN, message, task.place_of("status"), hint=hint)
    elif status not in _AGREE[section]:
        message = f"[{shown(task.id)}] is {status.value}, which does not agree with `{section.value}`"
        hint = f"move it below `{_HOMES[status].value}`, or change its status"
        yield _problem(codes.DISAGREES, message, task.place_of("status"), hint=hint)


def _of_dependencies(task: Task, ids: dict[str, str]) -> Iterator[Problem]:
    for other in task.depends_on:
        near = ids.get(other.casefold())
        if near != other:
            message = f"[{shown(task.id)}] depends on {other}, which is not in this plan"
            hint = f"did you mean `{near}`?" if near else "it can only run once that is DONE in the base"
            yield _problem(codes.UNKNOWN_DEPENDENCY, message, task.place_of("depends_on"), hint=hint)


def _of_numbers(task: Task) -> Iterator[Problem]:
    """Complain of numbers that are missing; those that cannot be read were complained of before."""
    if "alignment" not in task.field_places:
        message = f"[{shown(task.id)}] has no alignment score"
        yield _problem(codes.NO_ALIGNMENT, message, task.place, hint="add `- Alignment score: 95/100`")
    if "estimated_lines" not in task.field_places:
        message = f"[{shown(task.id)}] has no estimate of its lines"
        yield _problem(codes.NO_ESTIMATE, message, task.place, hint="add `- Estimated lines: 10`")


def _problem(code: Code, message: str, place: Place, *, hint: str) -> Problem:
    return Problem(code=code.code, severity=code.severity, message=message, place=place, hint=hint)
