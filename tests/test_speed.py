"""Start-up times, as multiples of an empty Python, and memory."""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import pytest

from nightshift.testing.project import PLAN, Project, build_project, ready_task

ROUNDS, FEWEST_ROUNDS = 40, 5
ENTRY_POINT = "from nightshift.__main__ import main; main()"  # as the installed script does
# What a process had before it became another program counts as its own, so a small one has to start it.
MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def seconds(args: list[str], cwd: Path, env: dict[str, str]) -> float:
    """Return how long a command takes, from its start to its end."""
    started = time.perf_counter()
    subprocess.run(args, cwd=cwd, env=env, check=False, capture_output=True, timeout=60)
    return time.perf_counter() - started


def multiple(project: Project, *command: str, enough: float) -> float:
    """Return how many empty Pythons a command takes: the median of pairs, as soon as it is `enough`."""
    empty, full = [sys.executable, "-c", "pass"], [sys.executable, "-c", ENTRY_POINT, *command]
    ratios: list[float] = []
    for _ in range(ROUNDS):
        bare = seconds(empty, project.root, project.environ)
        ratios.append(seconds(full, project.root, project.environ) / bare)
        if len(ratios) >= FEWEST_ROUNDS and median(ratios) <= enough:
            break
    return median(ratios)


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    project = build_project(tmp_path, home=home)
    tasks = "".join(ready_task(f"t{number}") for number in range(10))
    project.write("PROJECT_PLAN.md", PLAN + tasks)
    return project


@pytest.mark.parametrize(
    ("command", "limit"),
    [(("--version",), 2), (("--help",), 7), (("validate", "PROJECT_PLAN.md"), 12)],
    ids=["version", "help", "validate of ten tasks"],
)
def test_a_command_starts_within_its_multiple_of_an_empty_python(
    project: Project, command: tuple[str, ...], limit: float
) -> None:
    assert multiple(project, *command, enough=limit) <= limit


@pytest.mark.row("users 7")
@pytest.mark.slow
def test_a_gate_that_prints_without_end_costs_little_memory(project: Project) -> None:
    long_line = "head -c 200000000 /dev/zero | tr '\\0' 'x'"
    many_lines = "head -c 100000000 /dev/zero | tr '\\0' '\\n'"
    loud = f"#!/bin/sh\n{long_line}\n{many_lines}\n"
    project.write(".ai-validation/check_quality.sh", loud, executable=True)
    project.set_plan(ready_task("t1"))
    script = project.script({"t1": [{"write": {"path": "src/app.py", "text": "A = 1\n"}}]})
    command = [sys.executable, "-m", "nightshift", "run", "--no-pr", "--agent", f"scripted:{script}"]

    done = subprocess.run(
        [sys.executable, "-c", MEASURED, *command],
        cwd=project.root,
        env=project.environ,
        capture_output=True,
        timeout=120,
        check=False,
    )

    assert done.returncode == 0, done.stderr.decode()
    assert int(done.stdout.split()[-1]) < 80 * 1024
