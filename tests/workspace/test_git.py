import os
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import ContainmentError, PreflightError
from nightshift.workspace import git as git_room
from nightshift.workspace.git import Git, GitError, require_git
from nightshift.workspace.vault import Vault


def poison(git_dir: Path, marker: Path) -> None:
    """Let everything that git can be told to start leave a mark."""
    script = git_dir.parent / "poison.sh"
    script.write_text(f"#!/bin/sh\necho ran >> {marker}\ncat\n")
    script.chmod(0o755)
    hooks = git_dir / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in ("post-index-change", "reference-transaction", "pre-commit", "post-checkout"):
        (hooks / hook).write_bytes(script.read_bytes())
        (hooks / hook).chmod(0o755)
    with (git_dir / "config").open("a") as config:
        config.write(
            f"[core]\n\tfsmonitor = {script}\n\thooksPath = {hooks}\n"
            f"[diff]\n\texternal = {script}\n[core]\n\tpager = {script}\n"
            f"[gpg]\n\tprogram = {script}\n[commit]\n\tgpgsign = true\n"
        )


def test_the_owners_poisoned_configuration_starts_nothing(project: Any, tmp_path: Path) -> None:
    marker = tmp_path / "ran"
    poison(project.root / ".git", marker)
    git = Git(project.root / ".git", home=None, work_tree=project.root, index=tmp_path / "index")

    git.run("read-tree", "HEAD")
    git.run("update-index", "--refresh", "-q", check=False)
    git.run("diff-files", "--raw")
    git.run("commit-tree", "HEAD^{tree}", "-m", "m", env={"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b",
            "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b"})  # fmt: skip # four words of one thing
    git.run("update-ref", "refs/nightshift/x", "HEAD")

    assert not marker.exists()


@pytest.mark.row("promise 3")
def test_ignore_and_attribute_files_of_a_home_are_not_read(project: Any, tmp_path: Path) -> None:
    home = tmp_path / "other-home"
    (home / ".config" / "git").mkdir(parents=True)
    (home / ".config" / "git" / "ignore").write_text("*.txt\n")
    git = Git(project.root / ".git", home=home, work_tree=project.root, index=tmp_path / "index")

    assert b"notes.txt" in git.bytes("ls-files", "-z", "--others", "--exclude-standard")


def test_a_configuration_that_is_not_ours_is_never_read(vault: Vault) -> None:
    with (vault.folder / "config").open("a") as config:
        config.write("[core]\n\tfsmonitor = /bin/false\n")

    with pytest.raises(ContainmentError, match="changed by somebody else"):
        vault.git.run("rev-parse", "--git-dir")


def test_a_vault_without_configuration_is_an_error(vault: Vault) -> None:
    (vault.folder / "config").unlink()

    with pytest.raises(GitError, match="cannot be read"):
        vault.git.run("rev-parse", "--git-dir")


@pytest.mark.row("users 13")
def test_our_git_has_no_way_out(vault: Vault) -> None:
    for url in ("https://example.invalid/x", "ssh://example.invalid/x", "git://example.invalid/x"):
        with pytest.raises(GitError, match="not allowed"):
            vault.git.run("ls-remote", url, timeout_seconds=20)


def test_a_failed_command_says_what_and_why(vault: Vault) -> None:
    with pytest.raises(GitError, match=r"git cat-file failed with exit 128: .*no-such"):
        vault.git.run("-c", "core.abbrev=7", "cat-file", "blob", "no-such")


def test_a_command_past_its_time_is_an_error(vault: Vault) -> None:
    with pytest.raises(GitError, match="still running after"):
        vault.git.run("cat-file", "--batch", timeout_seconds=0)


def test_whether_something_holds_is_no_error_but_a_hanging_git_is(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not vault.git.succeeds("rev-parse", "--verify", "-q", "HEAD")
    assert vault.git.succeeds("rev-parse", "--is-bare-repository")
    stub = tmp_path / "bin" / "git"
    stub.parent.mkdir()
    stub.write_text("no program")
    stub.chmod(0o755)
    monkeypatch.setenv("PATH", str(stub.parent))

    with pytest.raises(GitError, match="could not be started"):
        vault.git.succeeds("version")


def test_output_past_the_limit_is_an_error_not_half_an_answer(
    vault: Vault, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob = vault.write_blob(b"x" * 2000)
    monkeypatch.setattr(git_room, "LIMIT_BYTES", 1000)

    with pytest.raises(GitError, match="2000 bytes"):
        vault.git.bytes("cat-file", "blob", blob)


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("git version 2.34.0", "2.34.0"),
        ("git version 2.39.5 (Apple Git-154)", "2.39.5"),
        ("git version 3.0.0.rc1", "3.0.0"),
    ],
)
def test_a_git_that_is_new_enough_is_taken(said: str, version: str) -> None:
    assert require_git(said) == version


@pytest.mark.parametrize("said", ["git version 2.33.8", "git version 1.9.1", "hello"])
def test_an_old_or_strange_git_ends_the_night_before_it_begins(said: str) -> None:
    with pytest.raises(PreflightError):
        require_git(said)


def test_the_git_of_this_machine_is_asked_for_its_version() -> None:
    assert require_git().startswith(("2.", "3."))


def test_a_missing_git_is_said_plainly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(PreflightError, match="not found"):
        require_git()


def test_a_git_in_the_current_folder_is_no_program(
    vault: Vault, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    stub = tmp_path / "git"
    stub.write_text("#!/bin/sh\nexit 77\n")
    stub.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")

    assert vault.git.succeeds("version")
