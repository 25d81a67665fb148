"""Builds the sample project: a small real repository, its remote, and what the scripted agent will do."""

import os
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import UsageError
from nightshift.templating import template_path
from nightshift.workspace import process
from nightshift.workspace.environment import built_environment
from nightshift.workspace.git import NOWHERE, failed, program

_FILES = (
    ("README.md", "README.md"),
    ("PROJECT_PLAN.md", "PROJECT_PLAN.md"),
    ("constraints.yaml", "constraints.yaml"),
    ("pyproject.toml", "pyproject.toml"),
    ("gitignore", ".gitignore"),
    ("build_backend/teatime_build.py", "build_backend/teatime_build.py"),
    ("src/teatime/__init__.py", "src/teatime/__init__.py"),
    ("src/teatime/steeping.py", "src/teatime/steeping.py"),
    ("tests/conftest.py", "tests/conftest.py"),
    ("tests/test_steeping.py", "tests/test_steeping.py"),
)
_GATE = ("check_quality.sh", ".ai-validation/check_quality.sh")
_OWNER = ("Olive Owner", "olive@example.invalid")
_DATE = "2026-01-05T18:00:00+00:00"
_LIMIT_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoProject:
    """Where the sample project, its bare remote, its scripted agent and our own records are."""

    root: Path
    remote: Path
    script: Path
    state: Path


def build(folder: Path) -> DemoProject:
    """Build the sample project in an empty or new folder; UsageError for any other."""
    _make_room(folder)
    project = DemoProject(
        root=folder / "teatime",
        remote=folder / "remote.git",
        script=folder / "agent.yaml",
        state=folder / "state",
    )
    project.script.write_bytes(_template("agent.yaml"))
    for template, path in (*_FILES, _GATE):
        _write(project.root / path, _template(template))
    (project.root / _GATE[1]).chmod(0o755)
    _commit_and_push(project)
    return project


def _make_room(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{folder} cannot be used: {error.strerror}", tip="name a new folder") from error
    if not is_empty:
        raise UsageError(f"{folder} is not empty", tip="name a new or an empty folder")


def _template(name: str) -> bytes:
    return template_path(f"demo/{name}").read_bytes()


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def _commit_and_push(project: DemoProject) -> None:
    """Give the project one commit that is the same everywhere, and a remote that has it."""
    name, email = _OWNER
    root = project.root
    _git(root, "init", "-q", "-b", "main")
    _git(root, "init", "-q", "--bare", "-b", "main", str(project.remote))
    _git(root, "config", "user.name", name)
    _git(root, "config", "user.email", email)
    _git(root, "remote", "add", "origin", str(project.remote))
    _git(root, "add", "-A")
    _git(root, "commit", "-q", "-m", "Tell how long tea has to steep")
    _git(root, "push", "-q", "-u", "origin", "main")


def _git(root: Path, *args: str) -> None:
    """Run git as a fresh machine would: no configuration of the owner's, nothing asked."""
    environment = built_environment(
        home=NOWHERE,
        temporary=root.parent,
        environ=os.environ,
        extra={
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_DATE": _DATE,
            "GIT_COMMITTER_DATE": _DATE,
        },
    )
    completed = process.run([program(), *args], cwd=root, env=environment, timeout_seconds=_LIMIT_SECONDS)
    if not completed.ok:
        raise failed(completed, args)
