"""`nightshift demo`: its exit code and what it prints; tests/demo/ holds the sample project and its night."""

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from nightshift.errors import UsageError

Command = Callable[..., Any]


@pytest.fixture
def staged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> dict[str, Any]:
    """Put a stage where the demo's project and its night would be; return what they were given."""
    given: dict[str, Any] = {"differences": ()}

    def build(folder: Path) -> SimpleNamespace:
        given["folder"] = folder
        return SimpleNamespace(root=folder / "project", script=folder / "s.yaml", state=folder / "state")

    def night(request: Any, world: Any) -> str:
        given["request"], given["world"] = request, world
        return "the night"

    monkeypatch.setattr("nightshift.demo.build", build)
    monkeypatch.setattr("nightshift.night.run_night", night)
    monkeypatch.setattr("nightshift.delivery.report_text", lambda _: "the report\x1b[2J")
    monkeypatch.setattr("nightshift.demo.expected_ending", lambda _: given["differences"])
    monkeypatch.setattr("nightshift.demo.next_steps", lambda *_, **__: "what next")
    return given


def test_it_works_a_night_with_the_built_in_agent_and_no_pull_request(
    command: Command, staged: dict[str, Any], tmp_path: Path
) -> None:
    done = command("demo", tmp_path / "demo")

    assert (done.exit_code, done.stdout, done.stderr) == (0, "the report[2J\nwhat next\n", "")
    assert staged["folder"] == tmp_path / "demo"
    assert staged["request"].agent == f"scripted:{tmp_path / 'demo/s.yaml'}"
    assert staged["request"].pull_request is False
    assert staged["world"].environ["NIGHTSHIFT_STATE_DIR"] == str(tmp_path / "demo/state")


def test_without_a_folder_it_takes_a_temporary_one(
    command: Command, staged: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert command("demo").exit_code == 0
    assert staged["folder"].name.startswith("nightshift-demo-")


def test_a_night_that_ended_otherwise_than_described_is_1_and_says_how(
    command: Command, staged: dict[str, Any], tmp_path: Path
) -> None:
    staged["differences"] = ("oolong is failed, not landed",)

    done = command("demo", tmp_path / "demo")

    assert done.exit_code == 1
    assert done.stderr == "not as described: oolong is failed, not landed\n"


def test_a_folder_that_is_not_empty_is_left_alone(command: Command, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/file").write_text("mine")

    done = command("demo", tmp_path / "mine")

    assert done.exit_code == UsageError.exit_code == 2
    assert "mine" in done.stderr
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["file"]
