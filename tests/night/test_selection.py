"""Which tasks run tonight, and in which order."""

from typing import Any

import pytest

from nightshift.model import (
    DeclaredTests,
    Place,
    Plan,
    Policy,
    Section,
    Severity,
    Status,
    Task,
    Verdict,
    Violation,
)
from nightshift.night.selection import done_in, in_order, next_task, select, unmet, waits


def task(task_id: str, **fields: Any) -> Task:
    ready = {
        "title": f"Do {task_id}",
        "section": Section.READY,
        "place": Place(path="PROJECT_PLAN.md", line=1),
        "status": Status.READY,
        "alignment": 95,
        "estimated_lines": 10,
        "tests": DeclaredTests(defined=True),
    }
    return Task(id=task_id, **(ready | fields))


def plan(*tasks: Task) -> Plan:
    return Plan(path="PROJECT_PLAN.md", digest="0", tasks=tasks)


def chosen(*tasks: Task, **options: Any) -> list[str]:
    given: dict[str, Any] = {"in_review": {}, "exists": lambda _: True} | options
    return [one.id for one in select(plan(*tasks), Policy(), **given).tasks]


def test_priority_decides_and_then_the_order_of_the_file() -> None:
    tasks = task("later", priority=3), task("a"), task("first", priority=0), task("b", priority=2)

    assert chosen(*tasks) == ["first", "a", "b", "later"]


@pytest.mark.row("S3.8", "S3.9", "S3.10")
@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"section": Section.PENDING, "status": Status.PENDING}, id="pending"),
        pytest.param({"section": Section.PENDING}, id="READY under the wrong heading"),
        pytest.param({"section": Section.NOT_READY, "status": None}, id="not ready"),
        pytest.param({"status": None}, id="no status line"),
        pytest.param({"status": Status.DONE}, id="done"),
        pytest.param({"section": Section.OTHER}, id="some other heading"),
    ],
)
def test_only_ready_under_the_ready_heading_is_ever_chosen(fields: dict[str, Any]) -> None:
    assert chosen(task("t", **fields)) == []


@pytest.mark.row("S3.18", "S3.82")
def test_a_refused_task_is_named_with_its_reason_and_the_rest_goes_on() -> None:
    queue = select(plan(task("low", alignment=79), task("ok")), Policy(), in_review={}, exists=lambda _: True)

    assert [one.id for one in queue.tasks] == ["ok"]
    assert [(one.task.id, one.verdict) for one in queue.skipped] == [("low", Verdict.REFUSED)]
    assert "79" in queue.skipped[0].reason


def test_a_task_with_a_bad_id_is_refused_not_dropped() -> None:
    refusal = Violation(rule="plan.id", severity=Severity.CRITICAL, message="its id is no id")
    queue = select(plan(task("../x", refusals=(refusal,))), Policy(), in_review={}, exists=lambda _: True)

    assert [one.verdict for one in queue.skipped] == [Verdict.REFUSED]


@pytest.mark.row("users 16", "promise 7")
def test_a_task_whose_branch_waits_for_review_is_not_run_again() -> None:
    review = {"t": "branch nightshift/x/t"}
    queue = select(plan(task("t")), Policy(), in_review=review, exists=lambda _: True)

    assert queue.tasks == ()
    assert queue.skipped[0].verdict is Verdict.IN_REVIEW
    assert queue.skipped[0].reason == (
        "its change waits for review on branch nightshift/x/t; --redo t runs it again"
    )


def test_redo_runs_a_task_that_waits_for_review() -> None:
    assert chosen(task("t"), in_review={"t": "branch x"}, redo=("t",)) == ["t"]


def test_only_the_named_tasks_are_chosen() -> None:
    assert chosen(task("a"), task("b"), only=("b",)) == ["b"]


def test_a_task_waits_for_what_it_depends_on() -> None:
    first, second = task("a"), task("b", depends_on=("a", "c"))

    assert next_task([second, first], done=()) is first
    assert next_task([second], done=("a",)) is None
    assert next_task([second], done=("a", "c")) is second
    assert unmet(second, done=("a",)) == ("c",)
    assert waits(second, done=("a",)).reason == "waits for c, which is not done"


def test_an_order_puts_dependencies_first_and_leaves_the_impossible_waiting() -> None:
    a, b, loop = task("a", depends_on=("b",)), task("b"), task("loop", depends_on=("loop",))

    assert in_order((a, b, loop), done=()) == ((b, a), (loop,))


def test_done_is_what_the_base_plan_calls_done() -> None:
    assert done_in(plan(task("a", status=Status.DONE), task("b"))) == {"a"}
    assert done_in(None) == frozenset()
