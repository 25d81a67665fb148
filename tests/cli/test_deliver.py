"""`nightshift deliver`: what it prints and how it ends; tests/night/test_delivery.py holds what it does."""

from collections.abc import Callable
from typing import Any

import pytest

from nightshift.testing.project import Project, ready_task

Command = Callable[..., Any]
ONE = {"t1": [{"write": {"path": "src/one.py", "text": "N = 1\n"}}]}


@pytest.fixture
def run(project: Project, command: Command) -> str:
    """Work a night without a remote, then give it one; return its run."""
    project.set_plan(ready_task("t1"))
    project.git("remote", "rename", "origin", "later")
    result = project.night(ONE, pull_request=False)
    project.git("remote", "rename", "later", "origin")
    return result.night.run


@pytest.mark.row("S3.73")
def test_it_names_each_branch_that_it_pushed(project: Project, command: Command, run: str) -> None:
    done = command("deliver", run)

    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"pushed nightshift/{run}/t1", f"pushed nightshift/{run}/_session"]
    assert f"refs/heads/nightshift/{run}/t1" in project.branches(project.remote)


@pytest.mark.row("promise 7")
def test_a_second_time_it_says_that_it_was_done(project: Project, command: Command, run: str) -> None:
    command("deliver", run)

    done = command("deliver", run)

    assert done.exit_code == 0
    assert done.stderr == "it was handed over already\n"


@pytest.mark.parametrize("run_id", ["20260102-030405-abcd", "../..", "-rf", ""], ids=repr)
def test_a_run_that_is_none_is_wrong_usage(command: Command, run: str, run_id: str) -> None:
    done = command("deliver", "--", run_id)

    assert done.exit_code == 2
    assert f"no night called {run_id} is known" in done.stderr
    assert f"the latest is {run}" in done.stderr


def test_without_a_run_it_is_wrong_usage(command: Command) -> None:
    assert command("deliver").exit_code == 2


def test_branches_deleted_by_hand_come_back_from_our_own_store(
    project: Project, command: Command, run: str
) -> None:
    project.git("branch", "-D", f"nightshift/{run}/t1", f"nightshift/{run}/_session")

    assert command("deliver", run).exit_code == 0
    assert f"refs/heads/nightshift/{run}/t1" in project.branches()
