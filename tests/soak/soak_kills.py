"""Nights killed at any moment: the owner's repository stays what it was, and the next night does the rest."""

import os
import random
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from nightshift.testing.project import Project, build_project, ready_task

ROUNDS = int(os.environ.get("NIGHTSHIFT_TESTS_ROUNDS", "5"))
TASKS = ("t1", "t2", "t3")
LIMIT_SECONDS = 120


def planned(folder: Path, home: Path) -> tuple[Project, Path]:
    """Build a project with three tasks and the scripted agent's file for them."""
    project = build_project(folder, home=home)
    project.set_plan(*(ready_task(task, f"Add {task}") for task in TASKS))
    steps = {task: [{"write": {"path": f"src/{task}.py", "text": f"ID = '{task}'\n"}}] for task in TASKS}
    return project, project.script(steps)


def fingerprint(project: Project) -> dict[str, str]:
    """Digest the owner's repository, but objects and our own refs."""
    ours = ("objects/", "refs/heads/nightshift", "refs/nightshift", "logs/refs/heads/nightshift")
    skipped = tuple(str(project.root / ".git" / name) for name in ours)
    files = [path for path in project.root.rglob("*") if path.is_file() and not str(path).startswith(skipped)]
    return {str(path): sha256(path.read_bytes()).hexdigest() for path in files}


def start(project: Project, script: Path) -> subprocess.Popen[bytes]:
    """Start a night in a session of its own."""
    command = [
        sys.executable,
        "-m",
        "nightshift",
        "-C",
        str(project.root),
        "run",
        "--agent",
        f"scripted:{script}",
    ]
    return subprocess.Popen(
        command,
        cwd=project.root,
        env=project.environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def lived(child: subprocess.Popen[bytes], seconds: float) -> bool:
    """Give a night this long, then kill it; say whether it had ended by itself."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return False
    return True


def landed(project: Project) -> list[str]:
    """Name the tasks that have a branch here."""
    ours = [ref for ref in project.branches() if ref.startswith("refs/heads/nightshift/")]
    return sorted(ref.rpartition("/")[2] for ref in ours if not ref.endswith("/_session"))


def test_killed_nights(tmp_path: Path, home: Path) -> None:
    chance = random.Random(1)  # noqa: S311 - a seed repeats the same moments, no secret
    killed = 0
    for number in range(ROUNDS):
        project, script = planned(tmp_path / str(number), home)
        before = fingerprint(project)
        killed += not lived(start(project, script), chance.uniform(0.1, 1.5))
        assert fingerprint(project) == before, f"round {number}: killed"
        assert lived(start(project, script), LIMIT_SECONDS), f"round {number}: the next night did not end"
        assert fingerprint(project) == before, f"round {number}: the next night"
        assert landed(project) == sorted(TASKS), f"round {number}: each task once, not {landed(project)}"
    sys.stdout.write(
        f"\nkills: {ROUNDS} nights, {killed} killed, each followed by one that landed what was left\n"
    )
