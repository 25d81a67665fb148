"""Any program as the agent."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from nightshift.agent import Job
from nightshift.agent.command import Command
from nightshift.model import Ending


def shell(script: str) -> Command:
    return Command(command=("/bin/sh", "-c", script))


def test_the_prompt_comes_on_stdin_and_exit_0_is_done(make_job: Callable[..., Job], folder: Path) -> None:
    outcome = shell("cat > got.txt; printf '\\033[1mdone\\033[0m\\n'; echo noise >&2").work(
        make_job(prompt="do it → now\n")
    )
    assert (outcome.ending, outcome.reason) == (Ending.DONE, "the command ended with exit 0")
    assert outcome.said == "done"
    assert (folder / "got.txt").read_text() == "do it → now\n"


@pytest.mark.row("S3.39")
def test_it_gets_the_built_environment_and_no_credential(
    make_job: Callable[..., Job], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-dummy")
    job = make_job()
    outcome = Command(command=(sys.executable, "-I", "-c", "import os; print(sorted(os.environ))")).work(job)
    expected = sorted({*job.env, "NIGHTSHIFT_RUN"})
    assert outcome.said.replace("'LC_CTYPE', ", "") == str(expected)


@pytest.mark.row("S3.50")
@pytest.mark.parametrize(
    ("script", "seconds", "ending", "reason"),
    [
        ("echo half; echo broken >&2; exit 3", 30, Ending.FAILED, "the command ended with exit 3: broken"),
        ("echo half; exit 3", 30, Ending.FAILED, "the command ended with exit 3: half"),
        ("kill -15 $$", 30, Ending.CRASHED, "the command was ended by signal SIGTERM, and printed nothing"),
        ("sleep 30", 0.3, Ending.TIMEOUT, "the command was stopped: 0.3 seconds were over"),
    ],
    ids=["exit", "exit without stderr", "signal", "timeout"],
)
def test_everything_else_is_a_failure(
    make_job: Callable[..., Job], script: str, seconds: float, ending: Ending, reason: str
) -> None:
    outcome = shell(script).work(make_job(timeout_seconds=seconds))
    assert (outcome.ending, outcome.reason) == (ending, reason)


def test_a_signal_without_a_name_is_told_by_its_number() -> None:
    from nightshift.agent.ending import exit_of
    from nightshift.workspace.process import Completed, Ended

    assert (
        exit_of(Completed(args=(), ended=Ended.EXITED, exit_code=-99), name="it")
        == "it was ended by signal 99"
    )


def test_what_could_not_be_ended_is_a_failure(make_job: Callable[..., Job]) -> None:
    from nightshift.agent.ending import cut_short
    from nightshift.workspace.process import Completed, Ended

    done = Completed(args=(), ended=Ended.EXITED, exit_code=0, error="these processes are left: 7")
    assert cut_short(done, make_job(), name="claude") == (
        Ending.FAILED,
        "claude ended, but these processes are left: 7",
    )
