"""The scripts start on a machine with only Python, git and bash, from any folder."""

import os
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SHELL = [
    path
    for path in (*(ROOT / "scripts").iterdir(), ROOT / ".ci" / "run")
    if path.is_file() and not path.suffix
]


@pytest.mark.parametrize("script", SHELL, ids=lambda path: path.name)
def test_a_script_can_be_started_says_what_it_does_and_stops_at_the_first_error(script: Path) -> None:
    first, says, *rest = script.read_text(encoding="utf-8").splitlines()
    assert os.access(script, os.X_OK)
    assert (first, says[:2], "set -euo pipefail" in rest) == ("#!/usr/bin/env bash", "# ", True)
    subprocess.run(["bash", "-n", str(script)], check=True, timeout=10)


def test_the_scripts_that_users_know_are_there() -> None:
    assert {"check", "demo", "soak", "test", "run"} <= {path.name for path in SHELL}


def test_without_a_python_that_is_new_enough_it_is_said(tmp_path: Path) -> None:
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    for name in ("bash", "dirname", "uniq"):
        (tmp_path / name).symlink_to(
            subprocess.check_output(["/bin/sh", "-c", f"command -v {name}"], text=True).strip()
        )
    done = subprocess.run(
        [str(ROOT / "scripts" / "venv"), "demo"],
        check=False,
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=10,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert "no python3.11 or newer on PATH" in done.stderr
