"""The night on the sample project really ends as it is described, and leaves its checkout alone."""

import os
from pathlib import Path

import pytest

from nightshift.demo import build, expected_ending
from nightshift.night import Request, World, run_night
from nightshift.workspace import process


@pytest.mark.slow
@pytest.mark.row("S3.77", "S3.78", "S3.82", "promise 1")
def test_the_sample_night_ends_as_described(tmp_path: Path, home: Path) -> None:
    demo = build(tmp_path / "demo")
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "NIGHTSHIFT_STATE_DIR": str(demo.state)}

    def git(*args: str) -> str:
        done = process.run(["git", *args], cwd=demo.root, env=environ, timeout_seconds=20)
        assert done.ok, done.tail()
        return done.stdout.decode()

    def owners() -> tuple[str, ...]:
        refs = git("for-each-ref", "--format=%(refname) %(objectname)")
        kept = [line for line in refs.splitlines() if "/nightshift/" not in line]
        return (*kept, git("status", "--porcelain", "--ignored"), git("config", "--list", "--local"))

    before = owners()

    result = run_night(
        Request(folder=demo.root, agent=f"scripted:{demo.script}", pull_request=False), World(environ=environ)
    )

    assert expected_ending(result) == ()
    assert owners() == before
    landed = git("diff", "--name-only", "main", result.night.session_branch).splitlines()
    assert landed == [
        "PROJECT_PLAN.md",
        "src/teatime/spoken.py",
        "src/teatime/steeping.py",
        "src/teatime/water.py",
        "tests/test_spoken.py",
        "tests/test_steeping.py",
        "tests/test_water.py",
    ]
