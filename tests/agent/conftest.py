"""A job to give to an agent, in a folder of its own."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.agent import Job
from nightshift.model import Place, Section, Task
from nightshift.workspace.environment import built_environment

Make = Callable[..., Job]


@pytest.fixture
def task() -> Task:
    place = Place(path="PROJECT_PLAN.md", line=5)
    return Task(
        id="t1", title="Add a thing", section=Section.READY, place=place, text="→ **[t1]** Add a thing"
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    return folder


@pytest.fixture
def make_job(tmp_path: Path, folder: Path, task: Task) -> Make:
    """Make a job; any field may be given."""
    home = tmp_path / "home"
    (home / "tmp").mkdir(parents=True)

    def make(**given: Any) -> Job:
        env = built_environment(home=home, temporary=home / "tmp", environ={"PATH": os.environ["PATH"]})
        fields = {
            "task": task,
            "number": 1,
            "prompt": "# Task `t1`, attempt 1 of 3\n",
            "folder": folder,
            "home": home,
            "env": env,
            "timeout_seconds": 30.0,
            "log": tmp_path / "logs" / "t1-1.agent.log",
            "marker": "20260102-030405-abcd",
        }
        return Job(**(fields | given))

    return make
