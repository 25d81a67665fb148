"""The real claude, gh and git work with the servers that the real night uses."""

import json
from pathlib import Path

import pytest

from tests.real.desk import Desk
from tests.real.fake_anthropic import FakeAnthropic, Fault, Script, Turn
from tests.real.fake_github import FakeGitHub

pytestmark = pytest.mark.real

WRITES = Script(
    match="task_1",
    turns=(
        Turn(
            text="I write it.",
            uses=(("Write", {"file_path": "{cwd}/greet.py", "content": "GREETING = 'hi'\n"}),),
        ),
        Turn(text="task_1 is done."),
    ),
)
FLAGS = ("-p", "--output-format", "json", "--permission-mode", "acceptEdits", "--setting-sources", "")


def claude_environment(server: FakeAnthropic, home: Path) -> dict[str, str]:
    """Return what claude needs to know, and to leave alone."""
    return {
        "ANTHROPIC_BASE_URL": server.url,
        "ANTHROPIC_API_KEY": "sk-ant-dummy",
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CLAUDE_CODE_TMPDIR": str(home),
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "CLAUDE_CODE_MAX_RETRIES": "0",
        "DISABLE_AUTOUPDATER": "1",
    }


def test_the_real_claude_does_what_the_script_says(desk: Desk, claude: str) -> None:
    with FakeAnthropic((WRITES,)) as server:
        done = desk.run(
            claude, *FLAGS, stdin="Please do task_1", environment=claude_environment(server, desk.home)
        )
    answer = json.loads(done.stdout)
    assert (answer["is_error"], answer["result"]) == (False, "task_1 is done.")
    assert desk.git("status", "--porcelain") == "?? greet.py"
    assert "Please do task_1" in server.prompts[0]
    assert {asked.key for asked in server.asked} == {"sk-ant-dummy"}


def test_the_real_claude_reports_a_fault_of_the_server(desk: Desk, claude: str) -> None:
    broken = Script(match="task_1", turns=(Turn(fault=Fault(status=401, message="no such key")),))
    with FakeAnthropic((broken,)) as server:
        done = desk.run(
            claude,
            *FLAGS,
            stdin="Please do task_1",
            check=False,
            environment=claude_environment(server, desk.home),
        )
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["is_error"], answer["api_error_status"]) == (1, True, 401)


def test_the_real_git_pushes_with_the_login_of_gh_and_not_without(desk: Desk, github: FakeGitHub) -> None:
    desk.git("checkout", "-q", "-b", "nightshift/x")
    desk.git("commit", "-q", "--allow-empty", "-m", "more")
    refused = desk.run(
        "git",
        "push",
        "-q",
        "origin",
        "HEAD",
        check=False,
        environment={"GH_TOKEN": "", "GIT_TERMINAL_PROMPT": "0"},
    )
    desk.git("push", "-q", "origin", "HEAD")
    assert refused.returncode != 0
    assert desk.git("ls-remote", "origin", "nightshift/*").split()[1] == "refs/heads/nightshift/x"
    assert "git push without a login" in github.operations


def test_the_real_gh_opens_a_labelled_draft_once(desk: Desk, github: FakeGitHub, gh: str) -> None:
    desk.git("checkout", "-q", "-b", "nightshift/x")
    desk.git("commit", "-q", "--allow-empty", "-m", "more")
    desk.git("push", "-q", "origin", "HEAD")
    create = (
        gh,
        "pr",
        "create",
        "--draft",
        "--label",
        "nightshift",
        "--base",
        "main",
        "--head",
        "nightshift/x",
    )
    words = (*create, "--title", "Night", "--body-file", "-")

    done = desk.run(*words, stdin="What was done\n")
    again = desk.run(*words, stdin="What was done\n", check=False)
    listed = json.loads(
        desk.run(gh, "pr", "list", "--json", "number,title,isDraft,labels,headRefName").stdout
    )
    viewed = json.loads(desk.run(gh, "pr", "view", "1", "--json", "body,state,url").stdout)

    assert done.stdout == "https://github.com/acme/widget/pull/1\n"
    assert (again.returncode, "already exists" in again.stderr) == (1, True)
    assert [(pull.draft, pull.labels, pull.body) for pull in github.opened] == [
        (True, ("nightshift",), "What was done\n")
    ]
    assert (listed[0]["number"], listed[0]["isDraft"], listed[0]["labels"][0]["name"]) == (
        1,
        True,
        "nightshift",
    )
    assert (viewed["state"], viewed["url"]) == ("OPEN", "https://github.com/acme/widget/pull/1")


def test_the_real_gh_is_told_when_github_refuses(desk: Desk, github: FakeGitHub, gh: str) -> None:
    github.refuse["PullRequestCreate"] = "Draft pull requests are not supported in this repository."
    desk.git("checkout", "-q", "-b", "nightshift/x")
    desk.git("commit", "-q", "--allow-empty", "-m", "more")
    desk.git("push", "-q", "origin", "HEAD")
    create = (
        gh,
        "pr",
        "create",
        "--draft",
        "--base",
        "main",
        "--head",
        "nightshift/x",
        "--title",
        "t",
        "--body",
        "b",
    )
    done = desk.run(*create, check=False)
    assert (done.returncode, "not supported" in done.stderr, github.opened) == (1, True, [])


def test_the_real_gh_says_whether_it_is_logged_in(desk: Desk, github: FakeGitHub, gh: str) -> None:
    fine = desk.run(gh, "auth", "status")
    bad = desk.run(gh, "auth", "status", check=False, environment={"GH_TOKEN": "another"})
    assert (fine.returncode, bad.returncode) == (0, 1)


def test_no_other_address_is_reached(desk: Desk, github: FakeGitHub) -> None:
    done = desk.run("git", "ls-remote", "https://example.invalid/acme/widget.git", check=False)
    assert (done.returncode != 0, github.refused) == (True, ["example.invalid:443"])
