"""A committed project for each test of the command line, and the command itself in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from nightshift.cli import app
from nightshift.testing.project import Project, build_project

Command = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    return build_project(tmp_path, home=home)


@pytest.fixture
def command(project: Project, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs the command as if its owner had typed it in the project."""

    def run(*args: str | Path, cwd: Path | None = None, **environ: str) -> Result:
        monkeypatch.chdir(cwd or project.root)
        for name, value in (project.environ | environ).items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(app, [str(word) for word in args], prog_name="nightshift")

    return run
