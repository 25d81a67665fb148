"""Claude as the agent: the arguments, the environment, and how each ending is read."""

import json
import signal
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nightshift.agent import Job
from nightshift.agent.claude import Claude, settings
from nightshift.agent.credential import private_variables
from nightshift.model import Ending, Outcome
from nightshift.testing import fake_claude
from nightshift.workspace.interruption import Interruption

KEY = "sk-ant-a-dummy-key"
TOOLS = ("Read", "Glob", "Grep", "Edit", "Write", "Bash")
GOLDEN = [
    "-p",
    "--output-format",
    "stream-json",
    "--verbose",
    "--permission-mode",
    "dontAsk",
    "--allowedTools",
    "Read,Glob,Grep,Edit,Write,Bash",
    "--tools",
    "Read,Glob,Grep,Edit,Write,Bash",
    "--setting-sources",
    "",
    "--strict-mcp-config",
    "--no-session-persistence",
]
Play = Callable[..., Outcome]


def claude(program: Path | str = "claude", **more: Any) -> Claude:
    fields = {"command": (str(program),), "allowed_tools": TOOLS, "private": {"ANTHROPIC_API_KEY": KEY}}
    return Claude(**(fields | more))


@pytest.fixture
def play(tmp_path: Path, make_job: Callable[..., Job]) -> Play:
    """Let the fake claude play something for the task t1."""

    def act(
        does: str, *, job: dict[str, Any] | None = None, tools: tuple[str, ...] = TOOLS, **more: Any
    ) -> Outcome:
        program = fake_claude.install(tmp_path / "bin", {"tasks": {"t1": {"does": does, **more}}})
        return claude(program, allowed_tools=tools).work(make_job(**(job or {})))

    return act


def stub(folder: Path, script: str) -> Path:
    """Write a program that stands for claude."""
    program = folder / "claude-stub"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    return program


# ---------------------------------------------------------------- how it is started


@pytest.mark.row("S3.49", "users 9")
def test_the_argument_list() -> None:
    assert list(claude().arguments()) == ["claude", *GOLDEN]


@pytest.mark.row("S3.49")
def test_a_model_and_rules_for_a_tool_are_passed_on() -> None:
    rules = ("Read", "Bash(git log:*)", "Bash(pytest:*)")
    words = claude("/opt/claude", allowed_tools=rules, model="sonnet").arguments()
    assert words[words.index("--allowedTools") + 1] == "Read,Bash(git log:*),Bash(pytest:*)"
    assert words[words.index("--tools") + 1] == "Read,Bash"
    assert words[-2:] == ("--model", "sonnet")


@pytest.mark.row("S3.49", "users 12")
def test_what_the_program_gets(tmp_path: Path, make_job: Callable[..., Job], folder: Path) -> None:
    seen = tmp_path / "seen.json"
    program = tmp_path / "stub.py"
    program.write_text(
        f"#!{sys.executable} -I\nimport json, os, sys\n"
        "seen = [sys.argv[1:], dict(os.environ), os.getcwd(), sys.stdin.read()]\n"
        f"json.dump(seen, open({str(seen)!r}, 'w'))\n"
    )
    program.chmod(0o755)
    job = make_job(prompt="-rf `$(reboot)` → \n" * 20_000)

    claude(program).work(job)

    words, env, cwd, prompt = json.loads(seen.read_text())
    assert (words, Path(cwd), prompt) == (GOLDEN, folder, job.prompt)
    built = {**job.env, **settings(job.home), "ANTHROPIC_API_KEY": KEY, "NIGHTSHIFT_RUN": job.marker}
    assert {name: value for name, value in env.items() if name != "LC_CTYPE"} == built
    assert env["CLAUDE_CONFIG_DIR"] == f"{job.home}/.claude"
    assert env["CLAUDE_CODE_TMPDIR"] == f"{job.home}/tmp"
    assert {name for name in env if name.startswith(("DISABLE_", "CLAUDE_CODE_DISABLE_"))} == {
        "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
        "DISABLE_AUTOUPDATER",
        "DISABLE_ERROR_REPORTING",
        "DISABLE_TELEMETRY",
    }
    assert "IS_SANDBOX" not in env


@pytest.mark.row("S3.39", "users 38")
def test_only_what_the_model_needs_is_taken_from_the_owner() -> None:
    needed = {
        "ANTHROPIC_API_KEY": KEY,
        "CLAUDE_CODE_OAUTH_TOKEN": "a-token",
        "ANTHROPIC_BASE_URL": "https://gateway.example.invalid",
        "HTTPS_PROXY": "http://proxy.example.invalid:3128",
        "http_proxy": "http://proxy.example.invalid:3128",
        "NO_PROXY": "localhost",
        "SSL_CERT_FILE": "/etc/ca.pem",
        "NODE_EXTRA_CA_CERTS": "/etc/ca.pem",
    }
    private = {
        "GH_TOKEN": "g",
        "GITHUB_TOKEN": "g",
        "SSH_AUTH_SOCK": "s",
        "AWS_SECRET_ACCESS_KEY": "a",
        "IS_SANDBOX": "1",
    }
    empty = {"HTTP_PROXY": "", "no_proxy": " "}
    assert private_variables({**needed, **private, **empty, "HOME": "/home/olive"}) == needed


# ---------------------------------------------------------------- secrets


@pytest.mark.row("S3.39", "users 22")
def test_the_credential_is_in_no_repr(make_job: Callable[..., Job]) -> None:
    agent, job = claude(), make_job(env={"SECRET": KEY}, prompt=KEY)
    assert KEY not in f"{agent!r} {agent} {replace(agent, model='m')} {job!r}"


@pytest.mark.row("users 22")
def test_a_credential_that_the_agent_prints_is_in_no_log_and_no_outcome(
    tmp_path: Path, make_job: Callable[..., Job]
) -> None:
    line = '{"type":"result","subtype":"success","is_error":false,"result":"my key is %s",'
    line += '"permission_denials":[{"tool_name":"Bash","tool_input":{"command":"echo %s"}}]}\\n'
    program = stub(
        tmp_path, f'printf \'{line}\' "$ANTHROPIC_API_KEY" "$ANTHROPIC_API_KEY"; echo "$HTTPS_PROXY"'
    )
    private = {"ANTHROPIC_API_KEY": KEY, "HTTPS_PROXY": "http://olive:correct-horse@proxy.invalid:3128"}
    job = make_job()

    outcome = claude(program, private=private).work(job)

    written = job.log.read_text()
    assert "my key is [credential]" in written
    assert "http://olive:[credential]@proxy.invalid:3128" in written
    assert outcome.said == "my key is [credential]"
    assert outcome.denials == ("Bash: echo [credential]",)
    assert KEY not in f"{outcome!r}{written}"
    assert job.log.stat().st_mode & 0o077 == 0


def test_a_proxy_that_is_no_address_hides_nothing(tmp_path: Path, make_job: Callable[..., Job]) -> None:
    private = {"ANTHROPIC_API_KEY": "short", "HTTPS_PROXY": "http://[broken"}
    program = stub(tmp_path, 'echo "Error: $HTTPS_PROXY is short" >&2; exit 3')
    outcome = claude(program, private=private).work(make_job())
    assert outcome.reason == "claude ended with exit 3: Error: http://[broken is short"


# ---------------------------------------------------------------- how it ends


def test_a_benign_edit_is_done(play: Play, folder: Path, make_job: Callable[..., Job]) -> None:
    outcome = play("edit", files={"src/app.py": "ONE = 1\n"}, text="task t1 is done")
    assert (folder / "src/app.py").read_text() == "ONE = 1\n"
    assert outcome == Outcome(
        ending=Ending.DONE,
        reason="claude ended with exit 0 and a result",
        said="task t1 is done",
        exit_code=0,
        turns=2,
        cost_usd=0.03,
        seconds=outcome.seconds,
    )
    assert outcome.seconds > 0
    job = make_job()
    assert b'"subtype": "init"' in job.log.read_bytes()
    assert (job.home / ".claude/.claude.json").exists()


@pytest.mark.row("S3.51", "users 1", "users 31")
def test_a_claim_is_quoted_and_changes_nothing(play: Play, folder: Path) -> None:
    outcome = play("edit", text="86/86 tests pass, done")
    assert (outcome.said, list(folder.iterdir())) == ("86/86 tests pass, done", [])
    assert "86" not in outcome.reason


@pytest.mark.row("S3.50", "users 5", "users 9", "users 31")
@pytest.mark.parametrize(
    ("does", "ending", "reason"),
    [
        (
            "denied",
            Ending.NEEDS_PERMISSION,
            "claude was refused a permission: Bash: git push origin main (agent.allowed_tools)",
        ),
        ("api_error", Ending.FAILED, "claude ended with exit 1: API Error: 401 invalid x-api-key"),
        (
            "error_with_exit_0",
            Ending.FAILED,
            "claude ended with exit 0, but reported an error: error_during_execution: aborted by a signal",
        ),
        (
            "max_turns",
            Ending.FAILED,
            "claude ended with exit 1: error_max_turns: Reached maximum number of turns (3)",
        ),
        ("exit", Ending.CRASHED, "claude ended with exit 2: Error: something broke"),
        ("silent", Ending.GARBLED, "claude ended with exit 0, but printed nothing"),
        ("truncated", Ending.GARBLED, "claude ended with exit 0, but printed no result that can be read"),
        ("several", Ending.DONE, "claude ended with exit 0 and a result"),
        ("garbage", Ending.DONE, "claude ended with exit 0 and a result"),
    ],
)
def test_it_is_done_only_if_every_sign_says_so(play: Play, does: str, ending: Ending, reason: str) -> None:
    outcome = play(does)
    assert (outcome.ending, outcome.reason[: len(reason)]) == (ending, reason)


RESULT = '{"type":"result","subtype":"%s","is_error":%s,"result":"%s"}'


@pytest.mark.row("S3.50", "users 5")
@pytest.mark.parametrize(
    ("script", "ending", "reason"),
    [
        (
            f"echo '{RESULT % ('success', 'false', 'ok')}'; exit 3",
            Ending.FAILED,
            "claude ended with exit 3: ok",
        ),
        (
            f"echo '{RESULT % ('success', 'false', '')}'; exit 3",
            Ending.FAILED,
            "claude ended with exit 3: it says no more",
        ),
        (
            f"echo '{RESULT % ('error_x', 'false', '')}'",
            Ending.FAILED,
            "claude ended with exit 0, but reported an error: error_x",
        ),
        ("exit 9", Ending.CRASHED, "claude ended with exit 9, and printed nothing"),
        ("kill -9 $$", Ending.CRASHED, "claude was ended by signal SIGKILL, and printed nothing"),
        (
            "printf '\\033[31mError:\\033[0m unknown option\\n' >&2; exit 1",
            Ending.CRASHED,
            "claude ended with exit 1: Error: unknown option",
        ),
    ],
    ids=["result but exit 3", "no words", "subtype", "no output", "killed", "stderr"],
)
def test_an_exit_code_and_a_result_that_disagree_are_a_failure(
    tmp_path: Path, make_job: Callable[..., Job], script: str, ending: Ending, reason: str
) -> None:
    outcome = claude(stub(tmp_path, script)).work(make_job())
    assert (outcome.ending, outcome.reason) == (ending, reason)


@pytest.mark.row("S3.50", "users 5")
def test_a_result_that_reports_an_error_is_a_failure(tmp_path: Path, make_job: Callable[..., Job]) -> None:
    line = RESULT % ("success", "true", "API Error: overloaded")
    outcome = claude(stub(tmp_path, f"echo '{line}'")).work(make_job())
    assert (outcome.ending, outcome.reason) == (
        Ending.FAILED,
        "claude ended with exit 0, but reported an error: API Error: overloaded",
    )


@pytest.mark.row("users 9")
def test_a_tool_that_the_policy_does_not_allow_is_a_missing_permission(play: Play, folder: Path) -> None:
    outcome = play("edit", files={f"src/{name}.py": "x\n" for name in "abcde"}, tools=("Read",))
    assert outcome.ending is Ending.NEEDS_PERMISSION
    assert outcome.reason.startswith("claude was refused a permission: Write: ")
    assert outcome.reason.endswith("src/c.py and 2 more (agent.allowed_tools)")
    assert len(outcome.denials) == 5
    assert not (folder / "src").exists()


@pytest.mark.row("users 4", "promise 8")
def test_a_claude_that_hangs_is_stopped_at_its_time(play: Play) -> None:
    outcome = play("hang", job={"timeout_seconds": 1.5})
    assert (outcome.ending, outcome.reason) == (
        Ending.TIMEOUT,
        "claude was stopped: 1.5 seconds were over; the API's last answer was 529 (overloaded)",
    )
    assert outcome.seconds < 10


def test_an_attempt_without_time_is_not_begun(play: Play) -> None:
    assert play("edit", job={"timeout_seconds": -1.0}).ending is Ending.TIMEOUT


def test_an_interrupted_night_interrupts_claude(play: Play) -> None:
    interruption = Interruption()
    interruption.request(signal.SIGTERM)
    outcome = play("hang", job={"interruption": interruption})
    assert (outcome.ending, outcome.reason) == (
        Ending.INTERRUPTED,
        "claude was stopped: the night was interrupted",
    )


def test_a_program_that_is_gone_is_not_started(tmp_path: Path, make_job: Callable[..., Job]) -> None:
    job = make_job()
    outcome = claude(tmp_path / "gone").work(job)
    assert outcome.ending is Ending.NOT_STARTED
    assert outcome.reason == f"claude could not be started: {tmp_path}/gone was not found"


@pytest.mark.skipif(sys.platform != "linux", reason="the third child is found through /proc")
@pytest.mark.row("users 7")
def test_children_that_outlive_claude_are_dead_when_it_returns(play: Play, tmp_path: Path) -> None:
    outcome = play("children", seconds=30)
    assert outcome.ending is Ending.DONE
    assert outcome.seconds < 15
    alive = [one.name for one in Path("/proc").iterdir() if _works_in(one, tmp_path / "tree")]
    assert alive == []


def _works_in(process: Path, folder: Path) -> bool:
    try:
        return (process / "cwd").readlink() == folder
    except OSError:
        return False


@pytest.mark.row("users 13", "S3.39", "promise 4")
def test_a_push_of_the_agent_fails(play: Play) -> None:
    outcome = play("push")
    assert outcome.said.startswith("git push: exit 128: fatal: ")


def test_a_write_outside_is_possible_without_a_box(play: Play, tmp_path: Path) -> None:
    assert play("outside", path=str(tmp_path / "outside")).ending is Ending.DONE
    assert (tmp_path / "outside").exists()


@pytest.mark.slow
def test_a_gigantic_line_takes_little_memory_and_the_result_after_it_counts(
    tmp_path: Path, make_job: Callable[..., Job]
) -> None:
    line = RESULT % ("success", "false", "fine")
    program = stub(tmp_path, f"head -c 30000000 /dev/zero | tr '\\0' x; echo; echo '{line}'")
    outcome = claude(program).work(make_job())
    assert (outcome.ending, outcome.said) == (Ending.DONE, "fine")
