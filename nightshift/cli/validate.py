"""`nightshift validate`: a lint of plan and policy, for the shell, a hook or CI."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from nightshift import plan as plans
from nightshift.cli.answer import Folder, answering, folder_of
from nightshift.errors import ExitCode, PlanError
from nightshift.model import Place, Policy, Problem
from nightshift.text import without_controls

_SCHEMA_VERSION = 1
_POLICY_NAME = "constraints.yaml"
_POLICY_SUFFIXES = {".yaml", ".yml"}


@answering
def command(
    context: typer.Context,
    *,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="Plans (.md) and policies (.yaml); both of the repository if none."),
    ] = None,
    folder: Folder = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 where 1 would be due.")] = False,
) -> int:
    """Check plan and policy, and say what a night would refuse; exit 1 if an error was found."""
    root = folder_of(context, folder)
    named = [root / path for path in paths or ()]
    found = sorted(_findings(root, named or _both(root)), key=lambda problem: problem.place)
    errors = sum(problem.severity.blocks for problem in found)
    typer.echo(
        _as_json(found) if as_json else "".join(f"{_line(problem)}\n" for problem in found), nl=as_json
    )
    typer.echo(f"{errors} errors, {len(found) - errors} warnings", err=True)
    return ExitCode.FAILED if errors and not exit_zero else ExitCode.OK


def _both(root: Path) -> list[Path]:
    """Find the repository's plan and, where there is one, its policy."""
    top = next((folder for folder in (root, *root.parents) if (folder / ".git").exists()), root)
    plan = plans.find(top)
    if plan is None:
        raise PlanError(
            f"there is no plan: looked for {', '.join(plans.CANDIDATES)} in {top}",
            tip="nightshift init writes one; nightshift validate FILE names another",
        )
    policy = top / _POLICY_NAME
    return [plan, policy] if policy.exists() else [plan]


def _findings(root: Path, paths: Iterable[Path]) -> Iterable[Problem]:
    paths = list(paths)
    policies = [path for path in paths if path.suffix in _POLICY_SUFFIXES]
    policy = Policy()
    for path in policies:
        problems, policy = _of_policy(path, shown_as=_shown(path, root))
        yield from problems
    for path in paths:
        if path not in policies:
            yield from _of_plan(path, policy, shown_as=_shown(path, root))


def _of_policy(path: Path, *, shown_as: str) -> tuple[tuple[Problem, ...], Policy]:
    """Return a policy's problems, and the policy itself when it has none."""
    from nightshift import policy as policies

    source = policies.read(path, shown_as=shown_as)
    problems = policies.problems(source, path=shown_as)
    return problems, Policy() if problems else policies.parse(source, path=shown_as)


def _of_plan(path: Path, policy: Policy, *, shown_as: str) -> Iterable[Problem]:
    """Lint a plan, and judge its READY tasks as the night would."""
    from nightshift.policy import judge_task

    plan = plans.load(path, shown_as=shown_as)
    yield from plans.lint(plan)
    for task in plans.ready(plan):
        for found in judge_task(task, policy).violations:
            if found not in task.refusals:
                place = found.place or task.place
                yield Problem(
                    code=found.rule,
                    severity=found.severity,
                    message=f"[{task.id}] {found.message}",
                    place=place,
                )


def _shown(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)


def _line(problem: Problem) -> str:
    hint = f" ({problem.hint})" if problem.hint else ""
    return without_controls(
        f"{problem.place}: {problem.code} {problem.severity.value}: {problem.message}{hint}"
    )


def _as_json(found: list[Problem]) -> str:
    return json.dumps(
        {
            "schema_version": _SCHEMA_VERSION,
            "findings": [
                {
                    "code": problem.code,
                    "severity": problem.severity.value,
                    "message": problem.message,
                    "hint": problem.hint,
                    **_place(problem.place),
                }
                for problem in found
            ],
        },
        indent=2,
    )


def _place(place: Place) -> dict[str, object]:
    return {"path": place.path, "line": place.line, "column": place.column}
