import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.delivery import push
from nightshift.delivery.credentials import masked
from nightshift.delivery.push import push_url
from nightshift.delivery.trouble import PUSH_TROUBLES, understood
from nightshift.errors import DeliveryError
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.owner import Owner, open_owner

Environ = Callable[..., dict[str, str]]
RUN = "20261121-020000-ab12"


@pytest.fixture
def owner(widget: Any) -> Owner:
    return open_owner(widget.root)


@pytest.fixture
def git_log(tmp_path: Path) -> Path:
    """Put a git first on PATH that notes its arguments and answers as it is told in `answer`."""
    folder = tmp_path / "git-bin"
    folder.mkdir()
    (folder / "git").write_text(
        f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {folder}/args\nenv > {folder}/env\n. {folder}/answer\n"
    )
    (folder / "git").chmod(stat.S_IRWXU)
    (folder / "answer").write_text("exit 0\n")
    return folder


@pytest.mark.row("users 37", "promise 4")
def test_all_branches_of_a_night_go_out_in_one_push(
    widget: Any, owner: Owner, environ: Environ, git_log: Path
) -> None:
    push(
        owner,
        widget.branches,
        remote="origin",
        environ=environ(with_gh=False, PATH=f"{git_log}:{os.environ['PATH']}"),
    )

    args = (git_log / "args").read_text().splitlines()
    assert args == [
        "-c",
        "core.hooksPath=/dev/null",
        "push",
        "--porcelain",
        "--no-progress",
        "--no-follow-tags",
        "--no-signed",
        "--no-verify",
        "--recurse-submodules=no",
        "--",
        str(widget.remote),
        *(f"{commit}:refs/heads/{name}" for name, commit in widget.branches.items()),
    ]
    assert not any(word.startswith(("+", "-f", "--force", "--mirror", "--delete")) for word in args)


@pytest.mark.row("users 8", "promise 4")
def test_a_push_asks_nobody_anything(widget: Any, owner: Owner, environ: Environ, git_log: Path) -> None:
    hook = {"GIT_INDEX_FILE": "/x", "GIT_WORK_TREE": "/x", "GIT_DIR": "/x", "GIT_NAMESPACE": "x"}

    push(
        owner,
        widget.branches,
        remote="origin",
        environ=environ(
            with_gh=False, PATH=f"{git_log}:{os.environ['PATH']}", SSH_AUTH_SOCK="/agent", **hook
        ),
    )

    seen = dict(line.split("=", 1) for line in (git_log / "env").read_text().splitlines() if "=" in line)
    assert seen["GIT_TERMINAL_PROMPT"] == "0"
    assert "BatchMode=yes" in seen["GIT_SSH_COMMAND"]
    assert seen["SSH_AUTH_SOCK"] == "/agent"
    assert seen["HOME"] == environ()["HOME"]
    assert seen["GIT_DIR"] == str(owner.git_dir)
    assert not {"GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_NAMESPACE"} & set(seen)


@pytest.mark.row("S3.71", "promise 4")
def test_the_remote_gets_the_nights_branches_and_nothing_else(
    widget: Any, owner: Owner, environ: Environ
) -> None:
    widget.git("tag", "-am", "v1", "v1", widget.branches[f"nightshift/{RUN}/_session"])
    widget.git("config", "push.followTags", "true")
    widget.git("config", "push.gpgSign", "if-asked")

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert (set(result.pushed), result.error) == (set(widget.branches), None)
    assert widget.on_remote() == {"refs/heads/main", *(f"refs/heads/{name}" for name in widget.branches)}


@pytest.mark.row("promise 1")
def test_a_push_leaves_the_owners_repository_as_it_was(widget: Any, owner: Owner, environ: Environ) -> None:
    for hook in ("pre-push", "reference-transaction"):
        planted = owner.git_dir / "hooks" / hook
        planted.parent.mkdir(exist_ok=True)
        planted.write_text(f"#!/bin/sh\ntouch {widget.root}/ran\nexit 1\n")
        planted.chmod(0o755)
    before = (widget.git("for-each-ref"), (owner.git_dir / "config").read_bytes())

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert result.error is None
    assert (widget.git("for-each-ref"), (owner.git_dir / "config").read_bytes()) == before
    assert not (widget.root / "ran").exists()
    assert not (owner.git_dir / "FETCH_HEAD").exists()


def test_a_dry_run_asks_the_remote_and_changes_nothing(widget: Any, owner: Owner, environ: Environ) -> None:
    result = push(owner, widget.branches, remote="origin", environ=environ(), dry_run=True)

    assert (result.pushed, result.error) == ((), None)
    assert widget.on_remote() == {"refs/heads/main"}


@pytest.mark.row("promise 7")
def test_what_is_there_already_counts_as_pushed(widget: Any, owner: Owner, environ: Environ) -> None:
    first = push(owner, widget.branches, remote="origin", environ=environ())

    assert push(owner, widget.branches, remote="origin", environ=environ()) == first


@pytest.mark.row("promise 4")
def test_nothing_is_ever_forced(widget: Any, owner: Owner, environ: Environ) -> None:
    session = f"nightshift/{RUN}/_session"
    other = widget.git("commit-tree", "-m", "other", "HEAD^{tree}")
    widget.git("push", "-q", str(widget.remote), f"{other}:refs/heads/{session}")

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert result.pushed == (f"nightshift/{RUN}/task_3",)
    assert result.error is not None
    assert "nothing is ever forced" in result.error
    assert widget.git("rev-parse", f"refs/heads/{session}", cwd=widget.remote) == other


@pytest.mark.row("promise 4", "users 13")
@pytest.mark.parametrize("name", ["main", "nightshiftx/a", "refs/heads/nightshift/a", "+nightshift/a"])
def test_only_branches_of_ours_are_pushed(widget: Any, owner: Owner, environ: Environ, name: str) -> None:
    with pytest.raises(DeliveryError, match=r"only nightshift/\* branches"):
        push(owner, {name: widget.git("rev-parse", "HEAD")}, remote="origin", environ=environ())

    assert widget.on_remote() == {"refs/heads/main"}


def test_a_missing_remote_is_named(widget: Any, owner: Owner, environ: Environ) -> None:
    result = push(owner, widget.branches, remote="upstream", environ=environ())

    assert result.error == "there is no remote called upstream"
    assert "git remote add upstream URL" in result.hint


def test_a_push_address_of_its_own_is_used(
    widget: Any, owner: Owner, environ: Environ, tmp_path: Path
) -> None:
    other = tmp_path / "other.git"
    widget.git("init", "-q", "--bare", str(other), cwd=tmp_path)
    widget.git("config", "remote.origin.pushurl", str(other))

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert push_url(owner, "origin") == str(other)
    assert result.error is None
    assert widget.on_remote() == {"refs/heads/main"}


def test_a_branch_called_nightshift_on_the_remote_is_understood(
    widget: Any, owner: Owner, environ: Environ
) -> None:
    widget.git("push", "-q", str(widget.remote), "main:refs/heads/nightshift")

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert result.error is not None
    assert "has a branch called nightshift" in result.error


def test_a_remote_that_is_gone_is_understood(widget: Any, owner: Owner, environ: Environ) -> None:
    widget.git("remote", "set-url", "origin", "/nowhere/at/all.git")

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert result.error == "there is no repository at the remote's address, or your login cannot see it"


def test_a_remotes_own_rules_are_understood(widget: Any, owner: Owner, environ: Environ) -> None:
    hook = widget.remote / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)

    result = push(owner, widget.branches, remote="origin", environ=environ())

    assert (result.pushed, result.error) == ((), "the remote's own rules declined the push")


def test_commits_that_are_gone_are_understood(widget: Any, owner: Owner, environ: Environ) -> None:
    result = push(owner, {"nightshift/x/y": "0" * 39 + "1"}, remote="origin", environ=environ())

    assert result.error == "the night's commits are not in this repository"


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ("ssh: Could not resolve hostname github.com: Name or service not known", "cannot be reached"),
        (
            "fatal: unable to access 'https://github.com/o/r/': Could not resolve host: github.com",
            "cannot be reached",
        ),
        ("fatal: unable to access 'https://x/': Failed to connect to x port 443", "cannot be reached"),
        ("Host key verification failed.", "host key"),
        ("git@github.com: Permission denied (publickey).", "did not accept your credentials"),
        (
            "fatal: could not read Username for 'https://github.com': terminal prompts disabled",
            "did not accept",
        ),
        ("remote: Permission to o/r.git denied to nightbot.", "may not push"),
        ("fatal: unable to access 'https://x/': The requested URL returned error: 403", "may not push"),
        (
            "remote: Repository not found.\nfatal: repository 'https://github.com/o/r/' not found",
            "no repository",
        ),
        ("remote: error: GH006: Protected branch update failed", "own rules"),
        ("!\ta:b\t[rejected] (non-fast-forward)", "nothing is ever forced"),
    ],
)
@pytest.mark.row("users 36")
def test_what_git_complains_about_is_understood(words: str, error: str) -> None:
    trouble = understood(words, PUSH_TROUBLES)

    assert trouble is not None
    assert error in trouble.error
    assert trouble.hint


def test_words_that_nobody_knows_are_passed_on_without_passwords(
    widget: Any, owner: Owner, environ: Environ, git_log: Path
) -> None:
    widget.git("remote", "set-url", "origin", "https://olive:hunter2secret@example.invalid/o/r.git")
    (git_log / "answer").write_text(
        "echo 'fatal: https://olive:hunter2secret@example.invalid/o/r.git burns, says hunter2secret' >&2\n"
        "exit 128\n"
    )

    result = push(
        owner, widget.branches, remote="origin", environ=environ(PATH=f"{git_log}:{os.environ['PATH']}")
    )

    assert result.error == (
        "git push failed with exit 128: fatal: https://***@example.invalid/o/r.git burns, says ***"
    )


def test_a_silent_failure_is_told(widget: Any, owner: Owner, environ: Environ, git_log: Path) -> None:
    (git_log / "answer").write_text("exit 3\n")

    result = push(
        owner, widget.branches, remote="origin", environ=environ(PATH=f"{git_log}:{os.environ['PATH']}")
    )

    assert result.error == "git push failed with exit 3: it said nothing"


def test_a_silent_remote_is_not_waited_for(
    widget: Any, owner: Owner, environ: Environ, git_log: Path
) -> None:
    (git_log / "answer").write_text("exec sleep 30\n")

    env = environ(PATH=f"{git_log}:{os.environ['PATH']}", GIT_SSH_COMMAND="ssh")
    result = push(owner, widget.branches, remote="origin", environ=env, timeout_seconds=0.3)

    assert result.error is not None
    assert "gave no answer" in result.error


def test_a_push_can_be_interrupted(widget: Any, owner: Owner, environ: Environ) -> None:
    interruption = Interruption()
    interruption.request(2)

    result = push(owner, widget.branches, remote="origin", environ=environ(), interruption=interruption)

    assert result.error == "the push was interrupted"
    assert widget.on_remote() == {"refs/heads/main"}


def test_a_git_that_is_gone_is_told(widget: Any, owner: Owner, environ: Environ) -> None:
    result = push(
        owner, widget.branches, remote="origin", environ=environ(PATH="/nonexistent", GIT_SSH="ssh")
    )

    assert result.error == "git could not be started"


@pytest.mark.row("users 22")
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://olive:pw@host/x", "https://***@host/x"),
        ("https://ghp_token@host/x", "https://***@host/x"),
        ("'https://a:p@ss@host/x'", "'https://***@host/x'"),
        ("ssh://git:pw@host/x", "ssh://git:***@host/x"),
        ("ssh://git@host/x", "ssh://git@host/x"),
        ("git@host:o/r.git", "git@host:o/r.git"),
        ("https://host/x?access_token=1234", "https://host/x?***"),
    ],
)
def test_no_address_shows_its_credentials(text: str, shown: str) -> None:
    assert masked(text) == shown
