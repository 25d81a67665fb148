"""Markdown to a Plan: each task typed once, and each complaint with its line and column."""

import hashlib

from nightshift.model import Plan, Problem, Section, Status, Task
from nightshift.plan import source as sources
from nightshift.plan.findings import place_at
from nightshift.plan.identity import namesakes
from nightshift.plan.outline import Stray, outline
from nightshift.plan.task import read_task


def parse(source: bytes, *, path: str) -> Plan:
    """Parse a plan; PlanError if it is not UTF-8 or too large, any other complaint is among its problems."""
    drafts, strays = outline(sources.read(source, path=path))
    others = namesakes(drafts)
    parsed = [
        read_task(draft, namesake=drafts[others[at]] if at in others else None, path=path)
        for at, draft in enumerate(drafts)
    ]
    problems = [_problem(stray, path=path) for stray in strays]
    problems += [problem for one in parsed for problem in one.problems]
    return Plan(
        path=path,
        digest=hashlib.sha256(source).hexdigest(),
        tasks=tuple(one.task for one in parsed),
        problems=tuple(sorted(problems, key=lambda problem: problem.place)),
    )


def ready(plan: Plan) -> tuple[Task, ...]:
    """Return the tasks that ask to be run: READY, under the Ready heading; the refused ones too."""
    return tuple(task for task in plan.tasks if task.section is Section.READY and task.status is Status.READY)


def _problem(stray: Stray, *, path: str) -> Problem:
    indent = len(stray.row.text) - len(stray.row.text.lstrip())
    return Problem(
        code=stray.code.code,
        severity=stray.code.severity,
        message=stray.message,
        place=place_at(stray.row, indent, path=path),
        hint=stray.hint,
    )
