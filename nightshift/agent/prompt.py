"""What an agent is told: the task as data, the owner's rules, what will be measured, what failed before."""

from collections.abc import Iterable, Sequence

from nightshift.agent.quote import code, duration, fenced
from nightshift.model import ChangeRules, Failure, Policy, Task
from nightshift.policy import FILE_NAME, approver
from nightshift.policy.paths import ALWAYS_FORBIDDEN
from nightshift.text import shortened

_FAILURE_LIMIT = 12_000
_KINDS = {
    "delete": "deleted file",
    "rename": "renamed file",
    "binary": "binary file",
    "symlink": "symbolic link",
    "submodule": "submodule",
    "mode": "changed file mode",
    "dependency": "changed list of dependencies",
}


def render_prompt(
    task: Task, policy: Policy, *, number: int, failure: Failure | None, standards: Sequence[str]
) -> str:
    """Write the prompt of an attempt; `standards` are paths of the tree, the plan's among them."""
    from nightshift.templating import render

    approved = approver(task) is not None
    change = policy.change
    return render(
        "prompt.md.j2",
        id=code(task.id),
        number=number,
        attempts=policy.session.max_attempts,
        task=fenced(_task_text(task)),
        standards=[_standard(name, task) for name in standards],
        tests_asked=policy.task.require_tests or (task.tests is not None and task.tests.defined),
        tests=_test_paths(task),
        estimate=task.estimated_lines,
        carried=_listed(policy.gate.carry),
        allowed=_listed(change.allowed_paths, word="or") or "no pattern at all, so nothing may be changed",
        files=_listed(task.files, word="or"),
        forbidden=_listed(change.forbidden_paths, word="or"),
        protected=_listed(_protected(policy, task, standards)),
        approval_paths=_listed(change.approval_paths, word="or"),
        approved=approved,
        sizes=_sizes(change),
        file_bytes=change.max_file_bytes,
        content=_listed(change.forbidden_content, word="or"),
        kinds=_refused_kinds(change, approved=approved),
        gate=code(policy.gate.script),
        gate_time=duration(policy.gate.timeout_minutes * 60),
        failure=fenced(_failure_text(failure)) if failure else "",
    )


def _task_text(task: Task) -> str:
    """Return the task's own lines; where a plan has none, what was read of it."""
    written = task.text or "\n".join(part for part in (task.title, task.description) if part)
    return written.strip("\r\n")


def _standard(name: str, task: Task) -> str:
    if name == task.place.path:
        return (
            f"{code(name)} is the plan. It shows what this task is a part of; the other tasks are not yours."
        )
    if name.endswith("/"):
        return f"{code(name)} holds the documentation. Look there for what concerns this task."
    return f"{code(name)} holds the project's standards. Read it before you write."


def _test_paths(task: Task) -> str:
    paths = task.tests.paths if task.tests else ()
    return f", in {_listed(paths)}" if paths else ""


def _protected(policy: Policy, task: Task, standards: Sequence[str]) -> tuple[str, ...]:
    """Name what is always closed; a plan or policy from outside the tree is nobody's business here."""
    plan = (task.place.path,) if task.place.path in standards else ()
    rules = policy.path or FILE_NAME
    return (*plan, *(() if rules.startswith("/") else (rules,)), policy.gate.script, *ALWAYS_FORBIDDEN)


def _sizes(change: ChangeRules) -> str:
    return (
        f"{change.max_source_lines} added lines outside tests and documentation, "
        f"{change.max_lines} added and deleted lines in all, or {change.max_files} files"
    )


def _refused_kinds(change: ChangeRules, *, approved: bool) -> str:
    """Name the kinds of change that are turned down; an approval lifts the one for dependencies."""
    open_kinds = {*change.allow, *(("dependency",) if approved else ())}
    return _joined([words for kind, words in _KINDS.items() if kind not in open_kinds], word="or")


def _failure_text(failure: Failure) -> str:
    said = "\n\n".join(part for part in (failure.reason, failure.details) if part)
    return shortened(said.strip("\r\n"), limit=_FAILURE_LIMIT)


def _listed(names: Iterable[str], *, word: str = "and") -> str:
    return _joined([code(name) for name in names], word=word)


def _joined(words: Sequence[str], *, word: str) -> str:
    """Write `a, b and c`."""
    if len(words) < 2:  # noqa: PLR2004 - one word or none needs no joining
        return "".join(words)
    return f"{', '.join(words[:-1])} {word} {words[-1]}"
