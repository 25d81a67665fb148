"""What every test gets: a throw-away home, no inherited git, and pids that cannot be hurt."""

import os
from pathlib import Path

import pytest

KEPT = {
    "PATH",
    "LANG",
    "TERM",
    "PYTHONPATH",
    "CI",
    "TMPDIR",
}


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test an empty HOME and an environment that says nothing about this machine."""
    home = tmp_path_factory.mktemp("home")
    for name in list(os.environ):
        if name not in KEPT and not name.startswith(("PYTEST_", "COV_", "NIGHTSHIFT_TESTS_")):
            monkeypatch.delenv(name)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Olive Owner\n\temail = olive@example.invalid\n[init]\n\tdefaultBranch = main\n"
    )
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USER", "olive")
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


@pytest.fixture(autouse=True)
def _no_made_up_pid_is_killed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Forbid every signal while `fp` makes up pids: they would be those of real processes."""
    if "fp" in request.fixturenames:

        def refuse(*_: object) -> None:
            raise AssertionError("a signal was sent while processes are made up")

        monkeypatch.setattr(os, "kill", refuse)
        monkeypatch.setattr(os, "killpg", refuse)
