"""A disk that is full: one message, the documented exit code, nothing of the owner's touched."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from nightshift.testing.project import Project, ready_task

SMALL = 'mount -t tmpfs -o size={size} tmpfs "$1" && shift && exec "$@"'


def can_mount(folder: Path) -> bool:
    if shutil.which("unshare") is None:
        return False
    tried = ["unshare", "--mount", "sh", "-c", SMALL.format(size="64k"), "sh", str(folder), "true"]
    return subprocess.run(tried, capture_output=True, check=False, timeout=30).returncode == 0


@pytest.mark.parametrize("size", ["16k", "300k", "700k"], ids=["at once", "in the vault", "in the slot"])
def test_a_full_disk_ends_the_night_with_exit_4_and_what_to_do(
    project: Project, tmp_path: Path, size: str
) -> None:
    project.state.mkdir()
    if not can_mount(project.state):
        pytest.skip("a small disk can only be mounted by root")
    project.write("src/data.bin", b"x" * 400_000)
    project.set_plan(ready_task("t1"))
    refs, status = project.branches(), project.git("status", "--porcelain")
    script = project.script({"t1": [{"write": {"path": "src/app.py", "text": "A = 1\n"}}]})
    night = [sys.executable, "-m", "nightshift", "run", "--no-pr", "--agent", f"scripted:{script}"]

    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", SMALL.format(size=size), "sh", str(project.state), *night],
        cwd=project.root,
        env=project.environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "Traceback" not in done.stderr
    assert "bug in nightshift" not in done.stderr
    assert done.returncode == 4, done.stderr
    assert "o space left" in done.stderr
    assert (project.branches(), project.git("status", "--porcelain")) == (refs, status)
