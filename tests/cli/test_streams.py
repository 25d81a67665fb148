"""Streams that are closed or full, and a folder that is gone, cost no night its exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nightshift.testing.project import Project, ready_task

GOOD = {"t1": [{"write": {"path": "src/app.py", "text": "TWO = 2\n"}}]}


@pytest.mark.row("promise 6", "S3.83")
@pytest.mark.parametrize("redirection", [">&-", "2>&-", ">&- 2>&-", "> /dev/full", "2> /dev/full"])
def test_a_stream_that_takes_nothing_costs_the_night_nothing(project: Project, redirection: str) -> None:
    project.set_plan(ready_task("t1"))
    script = project.script(GOOD)
    night = f"'{sys.executable}' -m nightshift run --no-pr --agent 'scripted:{script}' {redirection}"

    done = subprocess.run(
        ["sh", "-c", night],
        cwd=project.root,
        env=project.environ,
        capture_output=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, b"bug in nightshift" in done.stdout + done.stderr) == (0, False)
    assert [ref for ref in project.branches() if ref.endswith("/t1")]


def test_a_folder_that_is_gone_is_wrong_usage(project: Project, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()

    done = subprocess.run(
        ["sh", "-c", f"rmdir '{gone}'; '{sys.executable}' -m nightshift run"],
        cwd=gone,
        env=project.environ | {"PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert (done.returncode, "the folder we were started in is gone" in done.stderr) == (2, True)


def test_with_json_a_night_that_cannot_begin_is_told_in_json_too(project: Project) -> None:
    project.write("constraints.yaml", "- a list\n")

    done = project.cli("run", "--json")

    facts = json.loads(done.stdout)
    assert (done.exit_code, facts["schema_version"], facts["exit_code"]) == (3, 1, 3)
    assert "constraints.yaml:1:1" in facts["error"]
