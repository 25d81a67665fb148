"""A night that was killed with -9: the next one starts, and finds nothing alive."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from nightshift.model import Verdict
from nightshift.testing.project import Project, ready_task

GOOD = [{"write": {"path": "src/app.py", "text": "TWO = 2\n"}}]


def is_alive(pid: int) -> bool:
    """Whether a process still runs; one that nobody has taken the status of does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except FileNotFoundError:
        return False


@pytest.mark.row("promise 7", "users 20", "users 7")
def test_the_night_after_a_kill_finds_no_process_no_lock_and_no_slot_in_its_way(
    project: Project, tmp_path: Path
) -> None:
    project.write("constraints.yaml", "agent:\n  kind: scripted\n  sandbox: none\n")
    project.set_plan(ready_task("t1"))
    pid = tmp_path / "pid"
    script = project.script(
        {"t1": [{"run": ["sh", "-c", f"echo $$ > '{pid}.new'; mv '{pid}.new' '{pid}'; sleep 300"]}]}
    )
    refs = project.branches()
    night = subprocess.Popen(
        [sys.executable, "-m", "nightshift", "run", "--agent", f"scripted:{script}"],
        cwd=project.root,
        env=project.environ,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 30
    while not pid.exists() and time.monotonic() < until and night.poll() is None:
        os.sched_yield()
    night.send_signal(signal.SIGKILL)
    night.wait(timeout=10)
    assert project.branches() == refs
    assert len(list(project.state.glob("*/runs/*/slot"))) == 1

    result = project.night({"t1": GOOD}, pull_request=False)

    assert [one.verdict for one in result.results] == [Verdict.LANDED]
    assert not is_alive(int(pid.read_text()))
    assert not list(project.state.glob("*/runs/*/slot"))
