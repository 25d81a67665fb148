"""The fake claude answers as the real one was seen to."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from nightshift.agent.claude import Claude
from nightshift.testing import fake_claude
from nightshift.testing.fake_claude import VARIABLE, main
from nightshift.testing.plays import Act

FLAGS = list(Claude(command=(), allowed_tools=("Write",), private={}).arguments())


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, logged in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-dummy")
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(tmp_path / "config"))
    return tmp_path


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run the fake in this process; return its exit code, the lines it said and its complaint."""

    def asked(prompt: str = "do it", words: list[str] | None = None, told: str | None = None) -> Any:
        if told is not None:
            monkeypatch.setenv(VARIABLE, told)
        monkeypatch.setattr("sys.stdin", io.StringIO(prompt))
        code = main(FLAGS if words is None else words)
        out, err = capsys.readouterr()
        return code, out, err

    return asked


def last(out: str) -> Any:
    return json.loads(out.splitlines()[-1])


def test_version_and_help_are_answered(ask: Any) -> None:
    assert ask(words=["--version"])[:2] == (0, "2.1.329 (Claude Code)\n")
    code, out, _ = ask(words=["-p", "--help"])
    assert (code, "--allowedTools" in out) == (0, True)


@pytest.mark.parametrize(
    ("words", "prompt", "complaint"),
    [
        (["-p", "--bogus"], "x", "error: unknown option '--bogus'\n"),
        (["-p", "--output-format", "stream-json"], "x", "--output-format=stream-json requires --verbose"),
        (FLAGS, " \n", "Input must be provided"),
        ([*FLAGS[:-2], "--tools", "Read", "--", "prompt"], "x", "unknown option '--'"),
    ],
)
def test_wrong_usage_is_exit_1_and_no_json(ask: Any, words: list[str], prompt: str, complaint: str) -> None:
    code, out, err = ask(prompt, words)
    assert (code, out, complaint in err) == (1, "", True)


def test_a_list_of_tools_swallows_what_follows_it(ask: Any, place: Path) -> None:
    (place / "s.json").write_text(json.dumps({"default": {"files": {"a.txt": "a"}}}))
    words = ["-p", "--verbose", "--allowedTools", "Read", "Write"]
    code, out, _ = ask(words=words, told="s.json")
    assert (code, last(out)["permission_denials"]) == (0, [])


def test_without_a_credential_nobody_is_logged_in(ask: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    code, out, _ = ask()
    assert (code, last(out)["is_error"], last(out)["result"]) == (
        1,
        True,
        "Not logged in · Please run /login",
    )


def test_a_play_is_chosen_by_task_and_attempt(ask: Any, place: Path) -> None:
    plays = [{"files": {"one.txt": "1"}}, {"text": "again"}]
    (place / "s.json").write_text(json.dumps({"tasks": {"t1": plays}, "default": {"text": "other"}}))
    said = [
        last(ask(f"# Task `{task}`, attempt {number} of 3\n", told="s.json")[1])["result"]
        for task, number in (("t1", 1), ("t1", 2), ("t1", 5), ("t2", 1))
    ]
    assert said == ["I have done it.", "again", "again", "other"]
    assert (place / "one.txt").read_text() == "1"
    assert (place / "config/.claude.json").exists()


def test_a_file_needs_the_permission_to_write(ask: Any, place: Path) -> None:
    (place / "s.json").write_text(json.dumps({"default": {"files": {"one.txt": "1"}}}))
    words = [*FLAGS]
    words[words.index("--allowedTools") + 1] = "Read"
    code, out, _ = ask(words=words, told="s.json")
    assert (code, last(out)["permission_denials"][0]["tool_name"]) == (0, "Write")
    assert not (place / "one.txt").exists()


@pytest.mark.parametrize(
    ("act", "code", "results"),
    [
        (Act.EDIT, 0, [("success", False)]),
        (Act.DENIED, 0, [("success", False)]),
        (Act.API_ERROR, 1, [("success", True)]),
        (Act.ERROR_WITH_EXIT_0, 0, [("error_during_execution", True)]),
        (Act.MAX_TURNS, 1, [("error_max_turns", True)]),
        (Act.EXIT, 2, []),
        (Act.SILENT, 0, []),
        (Act.TRUNCATED, 0, []),
        (Act.SEVERAL, 0, [("error_during_execution", True), ("success", False)]),
        (Act.PUSH, 0, [("success", False)]),
    ],
)
def test_each_act_ends_as_the_real_one_was_seen_to(
    ask: Any, act: Act, code: int, results: list[tuple[str, bool]]
) -> None:
    got, out, _ = ask(told=act.value)
    lines = [json.loads(line) for line in out.splitlines() if line.endswith("}")]
    said = [(line["subtype"], line["is_error"]) for line in lines if line["type"] == "result"]
    assert (got, said) == (code, results)


def test_a_hang_is_bounded(ask: Any, place: Path) -> None:
    (place / "s.json").write_text(json.dumps({"default": {"does": "hang", "seconds": 0.05}}))
    code, out, _ = ask(told="s.json")
    assert (code, last(out)["subtype"]) == (0, "api_retry")


def test_it_can_write_outside(ask: Any, place: Path) -> None:
    (place / "s.json").write_text(json.dumps({"default": {"does": "outside", "path": str(place / "x")}}))
    assert ask(told="s.json")[0] == 0
    assert (place / "x").exists()


def test_it_is_installed_as_a_program(place: Path) -> None:
    program = fake_claude.install(place / "a b", {"default": {}})
    assert (program.name, program.stat().st_mode & 0o111) == ("claude", 0o111)
    assert str(place / "a b/claude.json") in program.read_text()
