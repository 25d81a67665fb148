"""What a dry run says: the order, the verdicts with rule and line, the branches and the prompts."""

from nightshift.agent import render_prompt
from nightshift.model import Task, TaskResult
from nightshift.night.preflight import Prepared
from nightshift.night.selection import in_order, waits

_SCHEMA_VERSION = 1


def rehearsal_text(prepared: Prepared) -> str:
    """Tell the coming night as lines for people."""
    night = prepared.night
    order, waiting = in_order(prepared.queue.tasks, done=prepared.done)
    lines = [
        "Dry run: nothing was written, and no network was asked.",
        f"Base     {night.base.branch} at {night.base.commit[:10]}, {night.base.source}",
        f"Plan     {night.plan.path}",
        f"Policy   {night.policy.path or 'the defaults'}",
        f"Gate     {prepared.script.path}",
        f"Agent    {night.agent}, box {night.box}",
        *(f"{'Warning ' if remark.loud else 'Note    '} {remark.text}" for remark in night.remarks),
        "",
        _headline(len(order), waiting=len(waiting), prepared=prepared),
    ]
    for number, task in enumerate(order, start=1):
        lines += _task_lines(number, task, prepared)
    for result in (*prepared.queue.skipped, *(waits(task, done=prepared.done) for task in waiting)):
        lines += _skipped_lines(result)
    return "\n".join(lines)


def _headline(runnable: int, *, waiting: int, prepared: Prepared) -> str:
    """Say how many tasks would run; the policy may end the night before the last of them."""
    ready = runnable + waiting + len(prepared.queue.skipped)
    if ready == 0:
        return "No task is READY."
    if runnable == 0:
        return f"None of {ready} READY tasks would run:"
    most = prepared.night.policy.session.max_tasks
    limit = f", at most {most} of them tonight (session.max_tasks)" if runnable > most else ""
    return f"{runnable} of {ready} READY tasks would run, in this order{limit}:"


def _task_lines(number: int, task: Task, prepared: Prepared) -> list[str]:
    prompt = prompt_of(task, prepared)
    return [
        "",
        f"{number}. [{task.id}] {task.title}",
        f"   {task.place}: passes the policy",
        f"   branch {prepared.night.task_branch(task.id)}",
        "   prompt:",
        *(f"   | {line}" for line in prompt.splitlines()),
    ]


def _skipped_lines(result: TaskResult) -> list[str]:
    lines = ["", f"-  [{result.task.id}] {result.task.title}", f"   {result.verdict.value}: {result.reason}"]
    lines += [f"   {found.place or result.task.place}: {found.rule}" for found in result.violations]
    return lines


def prompt_of(task: Task, prepared: Prepared) -> str:
    """Return the prompt of a task's first attempt."""
    return render_prompt(task, prepared.night.policy, number=1, failure=None, standards=prepared.standards)


def rehearsal_json(prepared: Prepared) -> dict[str, object]:
    """Tell the coming night as JSON values."""
    night = prepared.night
    order, waiting = in_order(prepared.queue.tasks, done=prepared.done)
    skipped = (*prepared.queue.skipped, *(waits(task, done=prepared.done) for task in waiting))
    return {
        "schema_version": _SCHEMA_VERSION,
        "base": {"branch": night.base.branch, "commit": night.base.commit, "source": night.base.source},
        "plan": night.plan.path,
        "policy": night.policy.path,
        "gate": prepared.script.path,
        "agent": night.agent,
        "box": night.box,
        "remarks": [remark.text for remark in night.remarks],
        "tasks": [
            {
                "id": task.id,
                "title": task.title,
                "place": str(task.place),
                "branch": night.task_branch(task.id),
                "prompt": prompt_of(task, prepared),
            }
            for task in order
        ],
        "skipped": [
            {
                "id": result.task.id,
                "title": result.task.title,
                "verdict": result.verdict.value,
                "reason": result.reason,
                "violations": [
                    {
                        "rule": found.rule,
                        "message": found.message,
                        "place": str(found.place or result.task.place),
                    }
                    for found in result.violations
                ],
            }
            for result in skipped
        ],
    }
