"""The real clients, where the machine has them, and a repository that they work in."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.desk import Desk
from tests.real.fake_github import FakeGitHub

REPOSITORY = "acme/widget"

# Read before any test begins: each gets a HOME of its own, which has none of these.
CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
CLAUDE = CACHE / "nightshift-tests" / "npm" / "node_modules" / ".bin" / "claude"
KNOWN = {name: value for name, value in os.environ.items() if name.startswith("NIGHTSHIFT_TESTS_")}
IN_CI = os.environ.get("CI") == "true"


def _program(name: str, *, otherwise: str | None) -> str:
    found = KNOWN.get(f"NIGHTSHIFT_TESTS_{name}", otherwise)
    if found and os.access(found, os.X_OK):
        return found
    reason = KNOWN.get(f"NIGHTSHIFT_TESTS_{name}_MISSING") or f"the real {name.lower()} is not installed"
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture
def claude() -> str:
    """Name the real claude."""
    return _program("CLAUDE", otherwise=str(CLAUDE))


@pytest.fixture
def gh() -> str:
    """Name the real gh."""
    return _program("GH", otherwise=shutil.which("gh"))


@pytest.fixture
def desk(tmp_path: Path, home: Path) -> Desk:
    """Give an owner a repository with one commit."""
    repository = tmp_path / "widget"
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    desk = Desk(home=home, repository=repository, environment=environment)
    repository.mkdir()
    (repository / "README.md").write_text("# widget\n")
    desk.git("init", "-q", "-b", "main")
    desk.git("add", "-A")
    desk.git("commit", "-q", "-m", "start")
    return desk


@pytest.fixture
def github(tmp_path: Path, desk: Desk, gh: str) -> Iterator[FakeGitHub]:
    """Put the repository on a GitHub on loopback, and teach the owner's git to reach it."""
    if shutil.which("openssl") is None:
        _program("OPENSSL", otherwise=None)
    bare = tmp_path / "widget.git"
    desk.git("clone", "-q", "--bare", ".", str(bare))
    with FakeGitHub(tmp_path, {REPOSITORY: bare}) as github:
        with (desk.home / ".gitconfig").open("a") as config:
            config.write(github.git_config(gh))
        desk.environment.update(github.environment())
        desk.git("remote", "add", "origin", f"https://github.com/{REPOSITORY}.git")
        yield github
