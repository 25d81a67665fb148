"""When a night stops starting tasks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightshift.model import Place, Section, SessionRules, Task, TaskResult, Verdict
from nightshift.night.stop import Tally, stop_reason, task_limit_seconds

RULES = SessionRules()
TASK = Task(id="t", title="T", section=Section.READY, place=Place(path="PROJECT_PLAN.md", line=1))


def result(verdict: Verdict) -> TaskResult:
    return TaskResult(task=TASK, verdict=verdict, reason="because")


def tally_of(*verdicts: Verdict) -> Tally:
    tally = Tally()
    for verdict in verdicts:
        tally = tally.after(result(verdict))
    return tally


def reason(
    tally: Tally, *, left: float = 4 * 3600, needed: float = 1800, rules: SessionRules = RULES
) -> str | None:
    return stop_reason(tally, rules, left_seconds=left, needed_seconds=needed)


@pytest.mark.row("S3.66", "users 35")
@pytest.mark.parametrize(
    ("verdicts", "stops"),
    [
        pytest.param([], False, id="nothing ran yet"),
        pytest.param([Verdict.FAILED], False, id="one failure"),
        pytest.param([Verdict.FAILED, Verdict.FAILED], True, id="two in a row"),
        pytest.param([Verdict.FAILED, Verdict.LANDED, Verdict.FAILED], False, id="fail, pass, fail"),
        pytest.param([Verdict.FAILED, Verdict.REFUSED, Verdict.FAILED], True, id="a refusal between them"),
        pytest.param(
            [Verdict.FAILED, Verdict.NEEDS_APPROVAL, Verdict.FAILED], True, id="an approval between"
        ),
        pytest.param([Verdict.NEEDS_APPROVAL] * 3, False, id="what needs approval is no failure"),
        pytest.param([Verdict.REFUSED] * 9, False, id="refusals are no failures"),
    ],
)
def test_a_night_stops_after_two_failures_in_a_row(verdicts: list[Verdict], stops: bool) -> None:
    said = reason(tally_of(*verdicts))

    assert (said is not None) == stops
    assert not stops or said == "2 tasks failed in a row (session.stop_after_failures)"


@pytest.mark.row("S3.68")
def test_a_night_stops_after_max_tasks() -> None:
    assert reason(tally_of(*[Verdict.LANDED] * 4)) is None
    assert reason(tally_of(*[Verdict.LANDED] * 5)) == "5 tasks were run (session.max_tasks)"


@pytest.mark.row("S3.67")
@pytest.mark.parametrize(
    "verdict", [Verdict.REFUSED, Verdict.IN_REVIEW, Verdict.WAITING, Verdict.NOT_STARTED]
)
def test_what_did_not_run_counts_neither_as_task_nor_as_failure(verdict: Verdict) -> None:
    assert tally_of(verdict) == Tally()


@pytest.mark.row("S3.69", "promise 8")
def test_no_later_task_starts_that_cannot_finish() -> None:
    assert reason(tally_of(Verdict.LANDED), left=1800, needed=1800) is None
    assert reason(tally_of(Verdict.LANDED), left=1799, needed=1800) == (
        "30 minutes were left and the next task may take 30 (session.max_hours)"
    )


@pytest.mark.row("S3.69")
def test_the_first_task_starts_in_a_night_shorter_than_its_limit() -> None:
    assert reason(Tally(), left=60, needed=1800) is None


@pytest.mark.row("S3.69", "promise 8")
def test_nothing_starts_once_the_hours_are_over() -> None:
    assert reason(Tally(), left=0) == "4 hours are over (session.max_hours)"


def test_a_timeout_in_the_plan_goes_before_the_policys_minutes() -> None:
    assert task_limit_seconds(RULES, declared=None) == 1800
    assert task_limit_seconds(RULES, declared=3600) == 3600


@pytest.mark.row("users 35")
@given(verdicts=st.lists(st.sampled_from(list(Verdict)), max_size=12), limit=st.integers(1, 4))
def test_the_count_agrees_with_a_plain_reading_of_the_rule(verdicts: list[Verdict], limit: int) -> None:
    counting = [verdict for verdict in verdicts if verdict in {Verdict.FAILED, Verdict.LANDED}]
    in_a_row = 0
    for verdict in reversed(counting):
        if verdict is Verdict.LANDED:
            break
        in_a_row += 1

    said = reason(tally_of(*verdicts), rules=SessionRules(stop_after_failures=limit, max_tasks=99))

    assert (said is not None) == (in_a_row >= limit)
