import stat
import time
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import RepositoryError
from nightshift.workspace import process
from nightshift.workspace.base import remote_branches
from nightshift.workspace.process import Completed, Ended
from nightshift.workspace.remote import ask_remote, remote_environment, transport_settings, why


def test_the_base_is_the_remotes_default_branch_not_the_current_one(project: Any) -> None:
    project.git("stash")
    project.git("checkout", "-q", "-b", "feature")
    project.commit({"more.txt": "x\n"})

    found = project.find_base()

    assert (found.branch, found.commit) == ("main", project.git("rev-parse", "origin/main"))
    assert found.source == "fetched from origin"
    assert found.url == str(project.remote)
    assert found.remarks == ()


@pytest.mark.parametrize("name", ["main", "master", "trunk", "develop", "1.x", "release/2"])
def test_a_default_branch_may_have_any_name(project: Any, name: str) -> None:
    project.git("branch", "-m", "main", name)
    project.git("push", "-q", "origin", f"HEAD:refs/heads/{name}")
    project.git("symbolic-ref", "HEAD", f"refs/heads/{name}", cwd=project.remote)

    assert project.find_base().branch == name


@pytest.mark.parametrize(
    ("wanted", "policy_base", "branch"),
    [
        (None, None, "main"),
        (None, "next", "next"),
        ("other", "next", "other"),
        ("refs/heads/other", None, "other"),
    ],
)
def test_the_flag_goes_before_the_policy_and_that_before_the_remote(
    project: Any, wanted: str | None, policy_base: str | None, branch: str
) -> None:
    project.git("push", "-q", "origin", "HEAD:refs/heads/next", "HEAD:refs/heads/other")

    assert project.find_base(wanted=wanted, policy_base=policy_base).branch == branch


@pytest.mark.parametrize("head", ["refs/heads/gone", "detached"])
def test_a_remote_whose_head_names_nothing_is_understood(project: Any, head: str) -> None:
    if head == "detached":
        project.git("update-ref", "--no-deref", "HEAD", "main", cwd=project.remote)
    else:
        project.git("symbolic-ref", "HEAD", head, cwd=project.remote)
    project.git("push", "-q", "origin", "HEAD:refs/heads/zebra")

    assert project.find_base().branch == "main"


def test_new_commits_of_the_remote_are_seen_without_touching_the_owners_refs(
    project: Any, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    project.git("clone", "-q", str(project.remote), str(other))
    project.git("commit", "-q", "--allow-empty", "-m", "by a colleague", cwd=other)
    project.git("push", "-q", cwd=other)
    before = project.photograph()

    found = project.find_base()

    assert found.commit == project.git("rev-parse", "HEAD", cwd=other)
    assert found.known == project.git("rev-parse", "origin/main")
    assert project.photograph() == before


@pytest.mark.parametrize(
    ("count", "words"), [(1, "1 commit of your local main is"), (3, "3 commits of your local main are")]
)
def test_local_commits_that_the_remote_lacks_are_counted(project: Any, count: int, words: str) -> None:
    for number in range(count):
        project.commit({f"local-{number}.txt": "x\n"})

    (remark,) = project.find_base().remarks

    assert remark.text.startswith(words)
    assert "--base-local" in remark.text
    assert remark.loud


def test_local_commits_are_counted_also_when_the_remote_went_on(project: Any, tmp_path: Path) -> None:
    other = tmp_path / "other"
    project.git("clone", "-q", str(project.remote), str(other))
    project.git("commit", "-q", "--allow-empty", "-m", "by a colleague", cwd=other)
    project.git("push", "-q", cwd=other)
    project.commit({"local.txt": "x\n"})

    (remark,) = project.find_base().remarks

    assert remark.text.startswith("1 commit ")


def test_a_local_branch_that_is_behind_is_not_remarked(project: Any) -> None:
    project.git("branch", "-q", "old", "v1")
    project.git("push", "-q", "origin", "main:refs/heads/old")

    assert project.find_base(wanted="old").remarks == ()


def test_local_commits_are_the_base_when_asked_for(project: Any) -> None:
    commit = project.commit({"local.txt": "x\n"})

    found = project.find_base(local=True)

    assert (found.branch, found.commit, found.url) == ("main", commit, None)
    assert found.remarks == ()


def test_a_named_local_base_needs_no_remote(project: Any) -> None:
    project.git("remote", "set-url", "origin", "/nowhere")

    found = project.find_base(local=True, wanted="main")

    assert (found.commit, found.remarks) == (project.git("rev-parse", "main"), ())


def test_without_a_remote_the_current_branch_is_the_base(project: Any) -> None:
    project.git("remote", "remove", "origin")

    found = project.find_base()

    assert (found.branch, found.commit, found.url) == ("main", project.git("rev-parse", "main"), None)
    assert "no remote called origin" in found.source


def test_an_unreachable_remote_gives_the_local_branch_and_a_remark(project: Any) -> None:
    project.git("remote", "set-url", "origin", "https://127.0.0.1:1/x.git")

    found = project.find_base()

    assert (found.branch, found.commit, found.url) == ("main", project.git("rev-parse", "main"), None)
    assert "could not be reached" in found.remarks[0].text
    assert found.remarks[0].loud


def test_an_unreachable_remote_and_no_local_branch_gives_what_was_last_fetched(project: Any) -> None:
    project.git("update-ref", "refs/remotes/origin/next", "v1")
    project.git("remote", "set-url", "origin", str(project.remote.with_name("gone")))

    found = project.find_base(wanted="next")

    assert found.commit == project.git("rev-parse", "v1^{commit}")


def test_a_branch_that_only_the_owner_has_is_taken_with_a_remark(project: Any) -> None:
    project.git("branch", "private", "v1")

    found = project.find_base(wanted="private")

    assert (found.commit, found.url) == (project.git("rev-parse", "v1^{commit}"), None)
    assert "origin has no branch private" in found.remarks[0].text


def test_an_empty_remote_gives_the_local_branch_with_a_remark(project: Any, tmp_path: Path) -> None:
    project.git("init", "-q", "--bare", str(tmp_path / "empty.git"))
    project.git("remote", "set-url", "origin", str(tmp_path / "empty.git"))

    found = project.find_base()

    assert found.branch == "main"
    assert "origin is empty" in found.remarks[0].text


def test_a_branch_that_is_nowhere_is_refused_with_those_that_are_near(project: Any) -> None:
    project.git("push", "-q", "origin", "HEAD:refs/heads/feature-one")

    with pytest.raises(RepositoryError, match="no branch feature-onne") as caught:
        project.find_base(wanted="feature-onne")
    assert "did you mean feature-one?" in caught.value.tip


def test_a_branch_like_no_other_is_refused_with_those_that_there_are(project: Any) -> None:
    with pytest.raises(RepositoryError) as caught:
        project.find_base(wanted="zzz")
    assert caught.value.tip == "there are: main"


@pytest.mark.parametrize("name", ["main~1", "--all", "@{-1}", "v1"])
def test_a_base_is_a_branch_and_nothing_else(project: Any, name: str) -> None:
    with pytest.raises(RepositoryError, match="there is no branch"):
        project.find_base(wanted=name, local=True)


def test_a_detached_head_and_nothing_else_known_names_the_flag(project: Any) -> None:
    project.git("checkout", "-q", "--detach")
    project.git("branch", "-D", "main")
    project.git("remote", "remove", "origin")

    with pytest.raises(RepositoryError, match="detached") as caught:
        project.find_base()
    assert "--base" in caught.value.tip

    with pytest.raises(RepositoryError) as caught:
        project.find_base(wanted="main")
    assert "--base" in caught.value.tip


def test_a_detached_head_is_fine_when_the_remote_has_a_default_branch(project: Any) -> None:
    project.git("checkout", "-q", "--detach", "v1")

    assert project.find_base().branch == "main"
    assert project.find_base(offline=True).branch == "main"


@pytest.mark.row("S3.76")
def test_a_dry_run_asks_nobody_and_says_what_was_last_fetched(project: Any) -> None:
    pushed = project.git("rev-parse", "origin/main")
    project.commit({"local.txt": "x\n"})
    project.remote.rename(project.remote.with_name("gone"))
    before = project.photograph()

    found = project.find_base(offline=True)

    assert (found.branch, found.commit) == ("main", pushed)
    assert "as last fetched" in found.source
    assert "1 commit" in found.remarks[0].text
    assert project.photograph() == before


def test_a_dry_run_without_anything_fetched_takes_the_local_branch(project: Any) -> None:
    for name in ("HEAD", "main"):
        project.git("update-ref", "--no-deref", "-d", f"refs/remotes/origin/{name}")

    found = project.find_base(offline=True)

    assert (found.commit, found.source) == (
        project.git("rev-parse", "main"),
        "the local branch; the remote was not asked",
    )


def test_a_dry_run_with_the_local_base_takes_the_local_branch(project: Any) -> None:
    commit = project.commit({"local.txt": "x\n"})

    assert project.find_base(offline=True, local=True).commit == commit


def test_the_remotes_night_branches_are_listed_or_nothing_is_known(project: Any) -> None:
    project.git("push", "-q", "origin", "HEAD:refs/heads/nightshift/r/t", "HEAD:refs/heads/other")
    head = project.git("rev-parse", "HEAD")

    def there(remote: str) -> dict[str, str] | None:
        return remote_branches(
            project.owner, remote=remote, pattern="refs/heads/nightshift*", environ=project.environ
        )

    assert there("origin") == {"refs/heads/nightshift/r/t": head}
    assert there("upstream") is None
    project.git("remote", "set-url", "origin", "/nowhere")
    assert there("origin") is None


def test_addresses_that_the_owner_rewrites_are_rewritten_for_us_as_well(project: Any) -> None:
    project.git("remote", "set-url", "origin", "short:remote.git")
    project.git("config", f"url.{project.remote.parent}/.insteadOf", "short:")

    assert project.find_base().source == "fetched from origin"


def test_nothing_that_asks_questions_is_started(project: Any, tmp_path: Path) -> None:
    asker = tmp_path / "ask"
    asker.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\n")
    asker.chmod(asker.stat().st_mode | stat.S_IXUSR)
    environ = project.environ | {"SSH_ASKPASS": str(asker), "DISPLAY": ":0", "GIT_DIR": "/nowhere"}

    env = remote_environment(project.owner, environ)

    assert env["GIT_ASKPASS"] == ""
    assert env["GIT_TERMINAL_PROMPT"] == "0"
    assert "BatchMode=yes" in env["GIT_SSH_COMMAND"]
    assert "GIT_DIR" not in env


@pytest.mark.parametrize("where", ["GIT_SSH_COMMAND", "GIT_SSH", "core.sshCommand"])
def test_the_owners_own_ssh_command_stays(project: Any, where: str) -> None:
    environ = dict(project.environ)
    if where.startswith("GIT"):
        environ[where] = "my-ssh"
    else:
        project.git("config", where, "my-ssh")

    assert remote_environment(project.owner, environ).get("GIT_SSH_COMMAND", "my-ssh") == "my-ssh"


def test_a_silent_remote_costs_a_limited_time_and_is_told(
    project: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ssh = tmp_path / "ssh"
    ssh.write_text("#!/bin/sh\nexec sleep 60\n")
    ssh.chmod(0o755)
    monkeypatch.setattr("nightshift.workspace.remote._ASK_SECONDS", 0.3)
    environ = project.environ | {"GIT_SSH_COMMAND": str(ssh)}
    started = time.monotonic()

    answer = ask_remote(project.owner, "ssh://example.invalid/x", environ=environ)

    assert "no answer within" in str(answer.error)
    assert time.monotonic() - started < 15


@pytest.mark.parametrize(
    ("completed", "words"),
    [
        (
            Completed(
                args=(), ended=Ended.EXITED, exit_code=128, stderr=b"warning: x\nfatal: no\x1b[31m way\n"
            ),
            "fatal: no [31m way",
        ),
        (Completed(args=(), ended=Ended.EXITED, exit_code=128, stderr=b"odd\n"), "odd"),
        (Completed(args=(), ended=Ended.EXITED, exit_code=3), "git exited 3"),
        (
            Completed(
                args=(), ended=Ended.EXITED, exit_code=1, stderr=b"fatal: 'https://me:secret@x/y' not found"
            ),
            "fatal: 'https://x/y' not found",
        ),
        (Completed(args=(), ended=Ended.INTERRUPTED), "the call was interrupted"),
        (Completed(args=(), ended=Ended.NOT_STARTED, error="no such program"), "no such program"),
    ],
)
def test_why_a_remote_could_not_be_talked_to_is_one_clean_line(completed: Completed, words: str) -> None:
    assert why(completed) == words


def test_what_the_owner_set_for_this_repository_travels_along_and_nothing_else(project: Any) -> None:
    project.git("config", "http.https://example.invalid/.extraHeader", "Authorization: token")
    project.git("config", "--add", "credential.helper", "")
    project.git("config", "--add", "credential.helper", "store --file x")
    project.git("config", "filter.evil.clean", "touch /tmp/evil")
    (project.home / ".gitconfig").write_text("[http]\n\tproxy = http://global.invalid\n")

    settings = transport_settings(project.owner, project.environ)

    assert settings == {
        "GIT_CONFIG_COUNT": "3",
        "GIT_CONFIG_KEY_0": "http.https://example.invalid/.extraheader",
        "GIT_CONFIG_VALUE_0": "Authorization: token",
        "GIT_CONFIG_KEY_1": "credential.helper",
        "GIT_CONFIG_VALUE_1": "",
        "GIT_CONFIG_KEY_2": "credential.helper",
        "GIT_CONFIG_VALUE_2": "store --file x",
    }


def test_the_owners_credential_helper_is_asked_with_the_owners_home(project: Any, tmp_path: Path) -> None:
    helper = tmp_path / "helper"
    helper.write_text(f'#!/bin/sh\necho "$HOME" > {tmp_path}/asked\n')
    helper.chmod(0o755)
    project.git("config", "credential.helper", str(helper))
    project.git("remote", "set-url", "origin", "https://127.0.0.1:1/x.git")

    env = remote_environment(project.owner, project.environ) | transport_settings(
        project.owner, project.environ
    )
    process.run(
        ["git", "credential", "fill"],
        cwd=tmp_path,
        env=env,
        timeout_seconds=20,
        stdin=b"protocol=https\nhost=x\n\n",
    )

    assert (tmp_path / "asked").read_text().strip() == str(project.home)
