"""What counts as the described ending of the sample night."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightshift.demo import EXPECTED, DemoProject, Expected, expected_ending, next_steps
from nightshift.model import (
    Attempt,
    Base,
    Cause,
    Delivered,
    Ending,
    Failure,
    Identity,
    Night,
    NightResult,
    Outcome,
    Place,
    Plan,
    Policy,
    Section,
    Severity,
    Task,
    TaskResult,
    Verdict,
    Violation,
)

RUN = "20260105-180000-abcd"


def attempt(number: int, cause: Cause | None) -> Attempt:
    """Return an attempt that failed by `cause`, or landed."""
    failure = None if cause is None else Failure(cause=cause, reason="so it was")
    return Attempt(number=number, outcome=Outcome(ending=Ending.DONE, reason="done"), failure=failure)


def result_of(task_id: str, expected: Expected) -> TaskResult:
    """Return what is expected of a task."""
    violations = (
        (Violation(rule=expected.rule, severity=Severity.ERROR, message=""),) if expected.rule else ()
    )
    return TaskResult(
        task=Task(id=task_id, title=task_id, section=Section.READY, place=Place(path="PROJECT_PLAN.md")),
        verdict=expected.verdict,
        reason="so it was",
        attempts=tuple(attempt(number, cause) for number, cause in enumerate(expected.causes, start=1)),
        violations=violations,
    )


@pytest.fixture
def night() -> NightResult:
    """Return a night that ended as described."""
    found = Night(
        run=RUN,
        repository=Path("/demo/teatime"),
        started="2026-01-05T18:00:00+00:00",
        base=Base(branch="main", commit="c" * 40, tree="t" * 40, source="fetched"),
        plan=Plan(path="PROJECT_PLAN.md", digest=""),
        policy=Policy(),
        identity=Identity(name="Olive Owner", email="olive@example.invalid"),
        gate_digest="",
        agent="scripted",
    )
    return NightResult(
        night=found,
        results=tuple(result_of(task_id, expected) for task_id, expected in EXPECTED.items()),
        exit_code=1,
        delivered=Delivered(pushed=(found.session_branch,)),
    )


def changed(task_id: str, **changes: Any) -> Callable[[NightResult], NightResult]:
    """Return what changes the result of one task."""

    def change(night: NightResult) -> NightResult:
        results = (replace(each, **changes) if each.task.id == task_id else each for each in night.results)
        return replace(night, results=tuple(results))

    return change


def test_a_night_that_ended_as_described_differs_in_nothing(night: NightResult) -> None:
    assert expected_ending(night) == ()


ALARM = result_of("alarm", Expected(verdict=Verdict.LANDED, causes=(None,)))
DIFFERENT = {
    "a task did not land": (
        changed("oolong", verdict=Verdict.FAILED),
        "oolong should be landed and is failed: so it was",
    ),
    "a task landed too soon": (
        changed("spoken_time", attempts=(attempt(1, None),)),
        "spoken_time: its attempts should end by gate, by gate, landed, and ended landed",
    ),
    "a task was not tried": (
        changed("own_version", attempts=()),
        "own_version: its attempts should end by policy, by policy, by policy, and ended never",
    ),
    "a task was refused by another rule": (
        changed("tea_of_the_day", violations=()),
        "tea_of_the_day should be refused by task.min_alignment",
    ),
    "a task is missing": (
        lambda night: replace(night, results=night.results[1:]),
        "oolong is not in the report",
    ),
    "the pending task was run": (
        lambda night: replace(night, results=(*night.results, ALARM)),
        "alarm is pending, but it was run",
    ),
    "an alarm": (lambda night: replace(night, alarms=("HEAD moved",)), "alarm: HEAD moved"),
    "it was stopped": (
        lambda night: replace(night, stopped="two failures"),
        "the night was stopped: two failures",
    ),
    "all well is wrong here": (lambda night: replace(night, exit_code=0), "the exit code is 0"),
    "it was not delivered": (lambda night: replace(night, exit_code=8), "the exit code is 8"),
    "nothing was pushed": (
        lambda night: replace(night, delivered=None),
        f"nightshift/{RUN}/_session was not pushed",
    ),
}


@pytest.mark.parametrize(("change", "difference"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_differs_is_told(
    night: NightResult, change: Callable[[NightResult], NightResult], difference: str
) -> None:
    assert expected_ending(change(night)) == (difference,)


def test_a_pending_task_that_is_only_listed_is_fine(night: NightResult) -> None:
    listed = replace(ALARM, verdict=Verdict.NOT_STARTED)

    assert expected_ending(replace(night, results=(*night.results, listed))) == ()


def test_the_next_steps_name_the_branch_and_the_records(night: NightResult) -> None:
    demo = Path("/demo")
    project = DemoProject(
        root=demo / "teatime", remote=demo / "remote.git", script=demo / "agent.yaml", state=demo / "state"
    )

    said = next_steps(project, night)

    assert f"git -C /demo/teatime log --stat main..nightshift/{RUN}/_session" in said
    assert f"/demo/state/*/runs/{RUN}" in said
