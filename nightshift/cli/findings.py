"""What `validate` finds in plans and policies, and how it is printed."""

import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from nightshift import plan as plans
from nightshift import policy as policies
from nightshift.errors import PlanError
from nightshift.model import Policy, Problem

_SCHEMA_VERSION = 1
_POLICY_NAME = "constraints.yaml"
_POLICY_SUFFIXES = {".yaml", ".yml"}


def plan_and_policy(root: Path) -> list[Path]:
    """Find the plan of the repository around `root` and, where there is one, its policy."""
    top = _top(root)
    plan = plans.find(top)
    if plan is None:
        raise PlanError(
            f"there is no plan: looked for {', '.join(plans.CANDIDATES)} in {top}",
            tip="nightshift init writes one; nightshift validate FILE names another",
        )
    return [plan, *_own_policy(root)]


def _top(root: Path) -> Path:
    return next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)


def _own_policy(root: Path) -> list[Path]:
    policy = _top(root) / _POLICY_NAME
    return [policy] if policy.exists() else []


def find_problems(root: Path, paths: Sequence[Path]) -> list[Problem]:
    """Check policies, then plans, whose READY tasks are judged as at night; return all in order of place."""
    given = [path for path in paths if path.suffix in _POLICY_SUFFIXES]
    found: list[Problem] = []
    policy: Policy | None = Policy()
    for path in given or _own_policy(root):
        problems, policy = _of_policy(path, shown_as=_shown(path, root))
        found += problems if given else ()
    for path in paths:
        if path not in given:
            found += _of_plan(path, policy, shown_as=_shown(path, root))
    return sorted(
        found, key=lambda problem: (problem.place.path, problem.place.line or 0, problem.place.column or 0)
    )


def _of_policy(path: Path, *, shown_as: str) -> tuple[tuple[Problem, ...], Policy | None]:
    """Return a policy's problems, and the policy itself when it has none."""
    source = policies.read(path, shown_as=shown_as)
    problems = policies.problems(source, path=shown_as)
    return problems, None if problems else policies.parse(source, path=shown_as)


def _of_plan(path: Path, policy: Policy | None, *, shown_as: str) -> Iterable[Problem]:
    """Lint a plan, and judge its READY tasks as the night would; by a broken policy nobody can judge."""
    plan = plans.load(path, shown_as=shown_as)
    yield from plans.lint(plan)
    if policy is None:
        return
    for task in plans.ready(plan):
        for found in policies.judge_task(task, policy).violations:
            if found not in task.refusals:
                yield Problem(
                    code=found.rule,
                    severity=found.severity,
                    message=f"[{task.id}] {found.message}",
                    place=found.place or task.place,
                )


def _shown(path: Path, root: Path) -> str:
    """Return a path as seen from `root`, where that is the shorter way to say it."""
    return min(os.path.relpath(path, root), str(path), key=len)


def counts(found: Sequence[Problem]) -> str:
    """Say how many errors and warnings there are."""
    errors = sum(problem.severity.blocks for problem in found)
    warnings = len(found) - errors
    return f"{errors} error{'s' * (errors != 1)}, {warnings} warning{'s' * (warnings != 1)}"


def as_lines(found: Iterable[Problem]) -> str:
    """Return one line for each finding: place, code, severity, message and hint."""
    return "\n".join(map(_line, found))


def _line(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    told = f"{problem.place}: {problem.code} {problem.severity.value}: {problem.message}{hint}"
    return " ".join(told.splitlines())


def as_json(found: Iterable[Problem]) -> str:
    """Return the findings as a JSON object."""
    findings = [
        {
            "code": problem.code,
            "severity": problem.severity.value,
            "message": problem.message,
            "hint": problem.hint,
            "path": problem.place.path,
            "line": problem.place.line,
            "column": problem.place.column,
        }
        for problem in found
    ]
    return json.dumps({"schema_version": _SCHEMA_VERSION, "findings": findings}, indent=2)
