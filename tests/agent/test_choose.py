"""Choosing the agent: what it needs is there, or the night ends before anything is spent."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightshift.agent import choose
from nightshift.agent.claude import Claude
from nightshift.agent.command import Command
from nightshift.agent.program import resolved
from nightshift.agent.scripted import Scripted
from nightshift.errors import AgentError, ExitCode, NightshiftError, UsageError
from nightshift.model import AgentRules, Policy

KEY = {"ANTHROPIC_API_KEY": "sk-ant-dummy"}


def policy(**agent: Any) -> Policy:
    return Policy(agent=replace(AgentRules(sandbox="none"), **agent))


def program(folder: Path, name: str = "claude") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def path(tmp_path: Path) -> str:
    """Put a claude on a PATH of its own."""
    return str(program(tmp_path / "bin").parent)


def refusal(*args: Any, **more: Any) -> NightshiftError:
    with pytest.raises(NightshiftError) as caught:
        choose(*args, **({"environ": {}, "owner_root": Path("/owner")} | more))
    return caught.value


def test_claude_is_the_default(path: str, tmp_path: Path) -> None:
    agent = choose(
        policy(model="sonnet", allowed_tools=("Read",)),
        environ={"PATH": path, **KEY, "GH_TOKEN": "g"},
        owner_root=tmp_path / "o",
    )
    assert agent == Claude(command=(f"{path}/claude",), allowed_tools=("Read",), model="sonnet", private=KEY)
    assert agent.name == "claude"


@pytest.mark.parametrize("name", ["ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN"])
def test_either_credential_will_do(path: str, name: str) -> None:
    agent = choose(
        policy(), override="claude", environ={"PATH": path, name: "a-secret"}, owner_root=Path("/o")
    )
    assert isinstance(agent, Claude)


@pytest.mark.row("S3.39", "users 8")
@pytest.mark.parametrize("environ", [{}, {"ANTHROPIC_API_KEY": " "}, {"OPENAI_API_KEY": "x"}])
def test_without_a_credential_the_night_ends_with_the_command_that_makes_one(
    path: str, environ: dict[str, str]
) -> None:
    error = refusal(policy(), environ={"PATH": path, **environ})
    assert (type(error), error.exit_code) == (AgentError, ExitCode.PREFLIGHT)
    assert "neither ANTHROPIC_API_KEY nor CLAUDE_CODE_OAUTH_TOKEN is set" in error.message
    assert "claude setup-token" in error.tip


@pytest.mark.row("users 8")
@pytest.mark.parametrize(
    ("command", "message", "tip"),
    [
        (("claude",), "the agent's program claude was not found on PATH", "cron's PATH is short"),
        (("gpt", "-x"), "the agent's program gpt was not found on PATH", "absolute path"),
        (
            ("/no/claude",),
            "the agent's program /no/claude does not exist, or is not executable",
            "npm install",
        ),
        (("tools/agent",), "agent.command: tools/agent is a relative path", "absolute path"),
    ],
)
def test_a_missing_program_is_named(command: tuple[str, ...], message: str, tip: str, tmp_path: Path) -> None:
    for kind in ("claude", "command"):
        if (kind, command) != ("command", ("claude",)):
            error = refusal(policy(kind=kind, command=command), environ={"PATH": str(tmp_path), **KEY})
            assert (type(error), message in error.message, tip in error.tip) == (AgentError, True, True)


@pytest.mark.row("users 12")
def test_a_program_in_the_owners_checkout_is_found_by_its_full_path_alone(tmp_path: Path) -> None:
    inside = program(tmp_path / "owner/node_modules/.bin", "agent")
    environ = {"PATH": f"{inside.parent}:relative:/nowhere"}
    with pytest.raises(AgentError, match="was not found on PATH"):
        resolved(("agent",), environ=environ, outside=tmp_path / "owner")
    assert resolved((str(inside), "-x"), environ=environ, outside=tmp_path / "owner") == (str(inside), "-x")


@pytest.mark.row("users 38")
def test_an_update_of_claude_waits_until_the_morning_and_other_links_stay(tmp_path: Path) -> None:
    version = program(tmp_path / "share/claude/versions", "2.1.329")
    manager = program(tmp_path / "mise/bin", "mise")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/claude").symlink_to(version)
    (tmp_path / "bin/node-agent").symlink_to(manager)
    environ = {"PATH": str(tmp_path / "bin")}
    owner = tmp_path / "owner"
    assert resolved(("claude",), environ=environ, outside=owner) == (str(version),)
    assert resolved(("node-agent",), environ=environ, outside=owner) == (f"{tmp_path}/bin/node-agent",)


@pytest.mark.row("users 9")
def test_without_a_box_only_the_owners_word_lets_an_agent_start(path: str, tmp_path: Path) -> None:
    script = tmp_path / "agent.yaml"
    script.write_text("tasks: {t1: [{run: ['true']}]}")
    unsaid = {"sandbox": None}
    for given, override in (
        (policy(**unsaid), "claude"),
        (policy(**unsaid, command=(sys.executable,)), "command"),
        (policy(**unsaid), f"scripted:{script}"),
    ):
        error = refusal(given, override=override, environ={"PATH": path, **KEY})
        assert (error.exit_code, "agent.sandbox: none" in error.tip) == (ExitCode.PREFLIGHT, True)
    assert isinstance(
        choose(policy(), override=f"scripted:{script}", environ={}, owner_root=tmp_path), Scripted
    )


def test_a_script_without_run_steps_needs_no_box(tmp_path: Path) -> None:
    script = tmp_path / "agent.yaml"
    script.write_text("tasks: {t1: [{say: hello}]}")
    agent = choose(policy(sandbox=None), override=f"scripted:{script}", environ={}, owner_root=tmp_path)
    assert (type(agent), agent.name) == (Scripted, "scripted")


def test_a_script_is_found_from_the_current_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "agent.yaml").write_text("tasks: {}")
    monkeypatch.chdir(tmp_path)
    agent = choose(Policy(), override="scripted:agent.yaml", environ={}, owner_root=tmp_path)
    assert isinstance(agent, Scripted)
    assert agent.script.path == "agent.yaml"


def test_a_command_gets_its_words(tmp_path: Path) -> None:
    environ = {"PATH": str(program(tmp_path / "bin", "aider").parent)}
    agent = choose(policy(kind="command", command=("aider", "--yes")), environ=environ, owner_root=Path("/o"))
    assert agent == Command(command=(f"{tmp_path}/bin/aider", "--yes"))
    assert agent.name == "command"


@pytest.mark.parametrize(
    ("given", "override", "error", "words"),
    [
        (policy(kind="command"), None, AgentError, "agent.command does not name one"),
        (policy(kind="scripted"), None, AgentError, "needs a script"),
        (policy(), "scripted:", UsageError, "needs the name of a file"),
        (policy(), "scripted:/no/such.yaml", AgentError, "the script /no/such.yaml does not exist"),
        (policy(), "gpt", UsageError, "there is no agent gpt"),
    ],
)
def test_what_cannot_be_meant_is_explained(
    given: Policy, override: str | None, error: type[NightshiftError], words: str
) -> None:
    caught = refusal(given, override=override)
    assert (type(caught), words in caught.message, bool(caught.tip)) == (error, True, True)


def test_the_room_costs_no_heavy_import() -> None:
    from nightshift.workspace import process

    code = (
        "import sys, nightshift.agent; print({'yaml', 'jinja2', 'pathspec', 'git', 'rich'} & {*sys.modules})"
    )
    done = process.run([sys.executable, "-I", "-c", code], cwd=Path("/"), env={}, timeout_seconds=30)
    assert done.stdout == b"set()\n"
