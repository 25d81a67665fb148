"""Clocks, signals and alarms: a night stops in time, and says what happened."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import NightInterruptedError
from nightshift.model import Ending, Verdict
from nightshift.testing.project import Project, ready_task
from nightshift.workspace.interruption import Interruption

GOOD = [{"write": {"path": "src/app.py", "text": "TWO = 2\n"}}]
OTHER = [{"write": {"path": "src/other.py", "text": "THREE = 3\n"}}]
RUNS = "version: 1\nagent:\n  kind: scripted\n  sandbox: none\n"


@pytest.mark.row("S3.52", "S3.69", "promise 8")
def test_a_task_is_cut_at_its_own_limit_and_everything_it_started_is_gone(
    project: Project, tmp_path: Path
) -> None:
    project.write("constraints.yaml", RUNS + "session:\n  task_minutes: 0.02\n  max_attempts: 3\n")
    pid = tmp_path / "pid"
    command = ["sh", "-c", f"setsid sleep 300 & echo $! > {pid}; sleep 300"]
    project.set_plan(ready_task("t1"))
    started = time.monotonic()

    result = project.night({"t1": [{"run": command}]})

    assert [one.verdict for one in result.results] == [Verdict.FAILED]
    assert result.results[0].attempts[0].outcome.ending is Ending.TIMEOUT
    assert time.monotonic() - started < 10
    assert not Path(f"/proc/{pid.read_text().strip()}").exists()


@pytest.mark.row("S3.69", "promise 8")
def test_the_nights_own_deadline_cuts_a_running_task(project: Project) -> None:
    project.write("constraints.yaml", RUNS + "session:\n  max_hours: 0.0005\n")
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night({"t1": [{"run": ["sleep", "300"]}], "t2": OTHER})

    assert [one.verdict for one in result.results] == [Verdict.FAILED, Verdict.NOT_STARTED]
    assert result.stopped == "0.0005 hours are over (session.max_hours)"


@pytest.mark.row("promise 8")
def test_an_attempt_has_a_limit_of_its_own(project: Project) -> None:
    project.write("constraints.yaml", RUNS + "session:\n  attempt_minutes: 0.005\n  max_attempts: 2\n")
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": [[{"run": ["sleep", "300"]}], OTHER]}, pull_request=False)

    assert [attempt.outcome.ending for attempt in result.results[0].attempts] == [Ending.TIMEOUT, Ending.DONE]
    assert result.exit_code == 0


@pytest.mark.row("promise 6", "promise 1")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_signal_ends_the_night_with_a_report_and_keeps_what_landed(
    project: Project, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    project.write("constraints.yaml", RUNS)
    flag = tmp_path / "second task runs"
    project.set_plan(ready_task("t1"), ready_task("t2"), ready_task("t3"))
    script = project.script(
        {"t1": GOOD, "t2": [{"run": ["sh", "-c", f"touch '{flag}'; sleep 300"]}], "t3": OTHER}
    )
    night = subprocess.Popen(
        [sys.executable, "-m", "nightshift", "run", "--agent", f"scripted:{script}"],
        cwd=project.root,
        env=project.environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    try:
        until = time.monotonic() + 30
        while not flag.exists() and time.monotonic() < until and night.poll() is None:
            os.sched_yield()
        night.send_signal(number)
        said, _ = night.communicate(timeout=30)
    finally:
        night.kill()

    assert night.returncode == code, said.decode()
    (report,) = project.state.glob("*/runs/*/report.md")
    assert "interrupted" in report.read_text()
    landed = [ref for ref in project.branches() if ref.endswith("/t1")]
    assert len(landed) == 1
    assert project.branches(project.remote).keys() == {"refs/heads/main"}
    run = landed[0].split("/")[3]
    again = project.cli("deliver", run)
    assert again.exit_code == 8
    assert landed[0] in project.branches(project.remote)


@pytest.mark.row("S3.38", "promise 1", "promise 4", "users 12", "users 13")
def test_an_agent_that_moves_the_owners_branch_raises_an_alarm_and_nothing_is_pushed(
    project: Project, working: Callable[..., None]
) -> None:
    project.set_plan(ready_task("t1"))
    first = project.git("rev-list", "--max-parents=0", "HEAD")

    def escape(_: Any) -> None:
        project.git("update-ref", "refs/heads/side", first)

    working(escape)
    result = project.night({"t1": GOOD})

    assert result.exit_code == 7
    assert any("refs/heads/side was created" in alarm for alarm in result.alarms)
    assert not [ref for ref in project.branches() if "nightshift" in ref]
    assert project.branches(project.remote).keys() == {"refs/heads/main"}
    delivered = project.cli("deliver", result.night.run)
    assert f"refs/heads/nightshift/{result.night.run}/t1" in project.branches(project.remote), (
        delivered.stderr
    )


@pytest.mark.row("S3.38", "users 2")
@pytest.mark.parametrize(
    "path",
    [".git/hooks/pre-commit", ".git/config", ".git/info/attributes"],
    ids=["hook", "config", "attributes"],
)
def test_what_an_agent_plants_in_the_owners_repository_is_an_alarm(
    project: Project, working: Callable[..., None], path: str
) -> None:
    project.set_plan(ready_task("t1"))

    def plant(_: Any) -> None:
        target = project.root / path
        target.parent.mkdir(exist_ok=True)
        target.write_text((target.read_text() if target.exists() else "") + "\n")

    working(plant)
    result = project.night({"t1": GOOD})

    assert result.exit_code == 7
    assert any(path.removeprefix(".git/") in alarm for alarm in result.alarms)


@pytest.mark.row("S3.38", "promise 1")
def test_an_owner_who_edits_while_the_night_runs_raises_no_alarm(
    project: Project, working: Callable[..., None]
) -> None:
    project.set_plan(ready_task("t1"))

    def edit(_: Any) -> None:
        project.write("src/app.py", "typed at midnight\n")
        project.git("add", "src/app.py")

    working(edit)
    result = project.night({"t1": GOOD}, pull_request=False)

    assert (result.exit_code, result.alarms) == (0, ())
    assert (project.root / "src/app.py").read_text() == "typed at midnight\n"


@pytest.mark.row("S3.39", "promise 4", "users 13")
def test_an_agent_cannot_push_and_has_no_credential(project: Project, tmp_path: Path) -> None:
    project.environ |= {
        "GH_TOKEN": "gh-secret",
        "SSH_AUTH_SOCK": "/run/agent",
        "AWS_SECRET_ACCESS_KEY": "aws",
    }
    project.write("constraints.yaml", RUNS)
    project.set_plan(ready_task("t1"))
    seen = tmp_path / "seen"
    tries = f"(env; git remote; git push origin HEAD:refs/heads/stolen; git push) > {seen} 2>&1; true"

    project.night({"t1": [*GOOD, {"run": ["sh", "-c", tries]}]}, pull_request=False)

    text = seen.read_text()
    for secret in ("gh-secret", "/run/agent", "AWS_", "NIGHTSHIFT_STATE_DIR", str(project.root)):
        assert secret not in text
    assert "fatal" in text
    assert not [ref for ref in project.branches(project.remote) if "stolen" in ref]


@pytest.mark.row("S3.63")
def test_a_commit_that_fails_is_a_failed_task_with_its_reason(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nightshift.workspace.git import GitError
    from nightshift.workspace.vault import Vault

    project.set_plan(ready_task("t1"))
    commit = Vault.commit

    def refuse(self: Vault, tree: str, **facts: Any) -> str:
        if "not landed" in facts["message"]:
            return commit(self, tree, **facts)
        raise GitError("git commit-tree failed with exit 128: no space left")

    monkeypatch.setattr(Vault, "commit", refuse)
    result = project.night({"t1": GOOD})

    assert [one.verdict for one in result.results] == [Verdict.FAILED]
    assert (
        result.results[0].reason == "the commit failed: git commit-tree failed with exit 128: no space left"
    )


@pytest.mark.row("S3.65", "S3.55")
def test_a_failed_task_is_logged_with_its_reason_and_its_log_and_the_next_one_runs(project: Project) -> None:
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night({"t1": [{"write": {"path": "src/broken.py", "text": "x\n"}}], "t2": GOOD})

    assert [one.verdict for one in result.results] == [Verdict.FAILED, Verdict.LANDED]
    (folder,) = project.state.glob("*/runs/*")
    assert "the gate failed with exit 1" in (folder / "night.log").read_text()
    assert (folder / "t1-1.gate.log").exists()
    assert "t1-1.agent.log" in (folder / "report.md").read_text()


@pytest.mark.row("promise 3", "users 2")
def test_no_gate_run_finds_what_an_earlier_one_left_at_home(project: Project, tmp_path: Path) -> None:
    gate = (
        '#!/bin/sh\nif [ -e "$HOME/.planted" ]; then exit 9; fi\ntouch "$HOME/.planted" "$TMPDIR/planted"\n'
    )
    project.write(".ai-validation/check_quality.sh", gate, executable=True)
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night({"t1": GOOD, "t2": OTHER}, pull_request=False)

    assert [one.verdict for one in result.results] == [Verdict.LANDED, Verdict.LANDED]
    assert not list(project.state.glob("*/runs/*/homes"))


@pytest.mark.row("promise 6")
@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["INT", "TERM"]
)
def test_a_night_interrupted_before_its_first_task_says_so(project: Project, number: int, code: int) -> None:
    interruption = Interruption()
    interruption.request(number)
    project.set_plan(ready_task("t1"))

    with pytest.raises(NightInterruptedError, match="interrupted before its first task") as caught:
        project.night({"t1": GOOD}, world=project.world(interruption=interruption))

    assert caught.value.exit_code == code
    (report,) = project.state.glob("*/runs/*/report.md")
    assert "Nothing ran." in report.read_text()


@pytest.mark.row("promise 5", "promise 6")
def test_branches_that_git_will_not_take_are_kept_and_the_night_is_undelivered(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    evening = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    project.git("branch", "nightshift/20260102-030405-0000")
    world = project.world(now=lambda: evening, randomness=bytes)

    result = project.night({"t1": GOOD}, world=world)

    assert (result.night.run, result.exit_code) == ("20260102-030405-0000", 8)
    assert result.delivered is not None
    assert result.delivered.command == "nightshift deliver 20260102-030405-0000"
    report = next(project.state.glob("*/runs/*/report.md")).read_text()
    assert "could not be fetched into" in report
    assert list(project.state.glob("*/runs/*/pull_request.md"))
    project.git("branch", "-D", "nightshift/20260102-030405-0000")
    again = project.cli("deliver", "20260102-030405-0000")
    assert "refs/heads/nightshift/20260102-030405-0000/t1" in project.branches(), again.stderr
