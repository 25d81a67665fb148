"""The line for cron works with the little that cron gives."""

import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[1] / "cron.example"
OWNER = "/home/olive"
COMMAND = re.compile(r"^0 2 \* \* \*\s+(?P<command>.+)$", re.MULTILINE)


def command() -> str:
    """Read the command out of the example."""
    found = COMMAND.search(EXAMPLE.read_text(encoding="utf-8"))
    assert found
    return found["command"]


def install(home: Path, *, environment: str) -> None:
    """Put what the example names under this home: the command, and the file with the login."""
    program = home / ".local" / "bin" / "nightshift"
    program.parent.mkdir(parents=True)
    paths = os.pathsep.join(sys.path)
    program.write_text(f'#!/bin/sh\nPYTHONPATH={paths} exec {sys.executable} -m nightshift "$@"\n')
    program.chmod(0o755)
    settings = home / ".config" / "nightshift" / "environment"
    settings.parent.mkdir(parents=True)
    settings.write_text(environment)


def as_cron_does(home: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Start a command as cron does: four variables, no terminal, /bin/sh."""
    cron = {"HOME": str(home), "LOGNAME": "olive", "SHELL": "/bin/sh", "PATH": "/usr/bin:/bin"}
    shell = ["/bin/sh", "-c", line.replace(OWNER, str(home))]
    return subprocess.run(shell, check=False, cwd=home, env=cron, capture_output=True, text=True, timeout=30)


@pytest.mark.row("S3.83")
def test_the_line_starts_nightshift_with_the_environment_file_and_logs_what_it_says(tmp_path: Path) -> None:
    install(tmp_path, environment="GH_TOKEN=dummy\nPATH=/opt/olive:/usr/bin:/bin\n")
    line = command().replace(f"-C {OWNER}/projects/shop run", "--version")
    assert line != command()

    done = as_cron_does(tmp_path, line)

    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert re.fullmatch(r"nightshift \d+\.\d+\.\d+\n", (tmp_path / "nightshift.log").read_text())


def test_what_the_environment_file_sets_reaches_the_command(tmp_path: Path) -> None:
    install(tmp_path, environment="GH_TOKEN=dummy\nPATH=/opt/olive:/usr/bin:/bin\n")
    line = re.sub(r"exec \S+ -C \S+ run", "exec /usr/bin/env", command())

    as_cron_does(tmp_path, line)

    assert {"GH_TOKEN=dummy", "PATH=/opt/olive:/usr/bin:/bin"} <= set(
        (tmp_path / "nightshift.log").read_text().split()
    )


def test_a_missing_environment_file_is_said_in_the_log(tmp_path: Path) -> None:
    install(tmp_path, environment="")
    (tmp_path / ".config" / "nightshift" / "environment").unlink()

    done = as_cron_does(tmp_path, command())

    assert done.returncode != 0
    assert ".config/nightshift/environment" in (tmp_path / "nightshift.log").read_text()


def test_the_log_is_readable_by_the_owner_alone(tmp_path: Path) -> None:
    install(tmp_path, environment="")
    as_cron_does(tmp_path, re.sub(r"exec \S+ -C \S+ run", "true", command()))
    assert stat.S_IMODE((tmp_path / "nightshift.log").stat().st_mode) == 0o600


def test_every_line_is_one_that_cron_understands() -> None:
    lines = [
        line for line in EXAMPLE.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")
    ]
    assert [line for line in lines if not re.match(r"[A-Z]+=\S+$|(?:[\d*/,-]+ ){5} *\S", line)] == []
    assert [line for line in lines if re.search(r"(?<!\\)%", line)] == []
    assert re.findall(r"(?<=[\s=])(?!/)[\w.-]+/[\w./-]+", command()) == []
