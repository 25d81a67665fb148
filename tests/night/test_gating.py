"""The gate within a task's time, and within a night that is asked to end."""

import signal
from collections.abc import Callable
from typing import Any

import pytest

from nightshift.agent.scripted import Scripted
from nightshift.model import Cause, Outcome, Verdict
from nightshift.testing.project import GATE, PLAN, Project, ready_task
from nightshift.workspace.interruption import Interruption

POLICY = "version: 1\nagent:\n  kind: scripted\ngate:\n  script: docs/check.sh\n"
GOOD = {"t1": [{"write": {"path": "src/one.py", "text": "N = 1\n"}}]}


@pytest.fixture
def afterwards(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[], None]], None]:
    """Return a function that lets something happen each time the agent has just ended."""

    def happen(what: Callable[[], None]) -> None:
        work = Scripted.work

        def both(self: Scripted, job: Any) -> Outcome:
            outcome = work(self, job)
            what()
            return outcome

        monkeypatch.setattr(Scripted, "work", both)

    return happen


@pytest.mark.row("promise 8", "promise 2", "S3.69")
def test_no_gate_runs_when_the_tasks_time_is_over(
    project: Project, afterwards: Callable[[Callable[[], None]], None]
) -> None:
    passed = [0.0]
    afterwards(lambda: passed.__setitem__(0, 31 * 60.0))
    project.set_plan(ready_task("t1"))

    result = project.night(GOOD, world=project.world(clock=lambda: passed[0]))

    (attempt,) = result.results[0].attempts
    assert (result.results[0].verdict, attempt.gate, attempt.change is None) == (Verdict.FAILED, None, False)
    assert attempt.failure is not None
    assert attempt.failure.cause is Cause.TIMEOUT
    assert attempt.failure.reason == "the task's time was over before the gate could run"
    assert result.tip is None


@pytest.mark.row("promise 6", "promise 2")
def test_a_task_whose_gate_was_interrupted_did_not_land(
    project: Project, afterwards: Callable[[Callable[[], None]], None]
) -> None:
    interruption = Interruption()
    afterwards(lambda: interruption.request(signal.SIGTERM))
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night(GOOD, world=project.world(interruption=interruption))

    assert [one.verdict for one in result.results] == [Verdict.INTERRUPTED, Verdict.NOT_STARTED]
    assert result.results[0].reason == "the night was interrupted while the gate ran"
    assert (result.exit_code, result.tip) == (143, None)
    assert list(project.state.glob("*/runs/*/report.md"))


@pytest.mark.row("promise 3", "S3.35")
@pytest.mark.parametrize("name", ["plan.md", "policy.yaml", "check.sh"])
def test_plan_policy_and_gate_are_out_of_reach_wherever_they_lie(project: Project, name: str) -> None:
    project.write("docs/plan.md", PLAN + ready_task("t1"))
    project.write("docs/policy.yaml", POLICY)
    project.write("docs/check.sh", GATE, executable=True)
    project.commit("Keep everything in docs")
    text = (project.root / "docs" / name).read_text() + "# mine\n"

    result = project.night(
        {"t1": [{"write": {"path": f"docs/{name}", "text": text}}]},
        plan=project.root / "docs/plan.md",
        policy=project.root / "docs/policy.yaml",
    )

    assert [one.verdict for one in result.results] == [Verdict.FAILED]
    attempt = result.results[0].attempts[0]
    assert attempt.gate is None
    assert [found.rule for found in attempt.judgement.blocking] == ["change.protected"]
