"""The exit code of a night: the first that applies."""

import signal
from pathlib import Path

import pytest

from nightshift.errors import GateError, RepositoryError
from nightshift.model import (
    Base,
    Delivered,
    Identity,
    Night,
    NightResult,
    Place,
    Plan,
    Policy,
    Section,
    Task,
    TaskResult,
    Verdict,
)
from nightshift.night.exits import exit_code

NIGHT = Night(
    run="20260102-030405-abcd",
    repository=Path("/repo"),
    started="2026-01-02T03:04:05+00:00",
    base=Base(branch="main", commit="1" * 40, tree="2" * 40, source="the local branch"),
    plan=Plan(path="PROJECT_PLAN.md", digest="0"),
    policy=Policy(),
    identity=Identity(name="O", email="o@example.invalid"),
    gate_digest="3" * 40,
    agent="scripted",
)
TASK = Task(id="t", title="T", section=Section.READY, place=Place(path="p"))


def night(*verdicts: Verdict, alarms: tuple[str, ...] = (), undelivered: str | None = None) -> NightResult:
    return NightResult(
        night=NIGHT,
        results=tuple(TaskResult(task=TASK, verdict=verdict, reason="") for verdict in verdicts),
        exit_code=0,
        alarms=alarms,
        delivered=Delivered(error=undelivered),
    )


@pytest.mark.row("promise 6")
@pytest.mark.parametrize(
    ("result", "signal_number", "error", "code"),
    [
        pytest.param(night(Verdict.LANDED), None, None, 0, id="all well"),
        pytest.param(night(), None, None, 0, id="nothing to do"),
        pytest.param(night(Verdict.REFUSED, Verdict.IN_REVIEW), None, None, 0, id="refused, in review"),
        pytest.param(night(Verdict.LANDED, Verdict.FAILED), None, None, 1, id="one failed"),
        pytest.param(night(Verdict.NEEDS_APPROVAL), None, None, 1, id="one needs approval"),
        pytest.param(night(Verdict.FAILED, undelivered="x"), None, None, 8, id="undelivered before failed"),
        pytest.param(night(undelivered="x"), None, RepositoryError("x"), 3, id="error before undelivered"),
        pytest.param(night(), None, GateError("red"), 4, id="red baseline"),
        pytest.param(night(alarms=("x",)), None, GateError("red"), 7, id="alarm before error"),
        pytest.param(night(alarms=("x",)), signal.SIGINT, None, 130, id="interrupted before alarm"),
        pytest.param(night(), signal.SIGTERM, None, 143, id="terminated"),
    ],
)
def test_the_first_exit_code_that_applies_is_given(
    result: NightResult, signal_number: int | None, error: Exception | None, code: int
) -> None:
    assert exit_code(result, signal=signal_number, error=error) == code  # type: ignore[arg-type]  # a row holds any
