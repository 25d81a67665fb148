import os
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import RepositoryError
from nightshift.model import Identity
from nightshift.workspace.owner import Owner, open_owner


def test_a_repository_is_found_from_any_folder_in_it(project: Any) -> None:
    expected = Owner(root=project.root, git_dir=project.root / ".git", common_dir=project.root / ".git")

    assert open_owner(project.root) == expected
    assert open_owner(project.root / "src" / "deep") == expected


@pytest.mark.row("promise 1", "S3.45")
def test_reading_a_dirty_repository_changes_no_byte_of_it(project: Any) -> None:
    before = project.photograph()

    owner = open_owner(project.root)
    _ = owner.head, owner.branch, owner.identity, owner.refs(), owner.branches(), owner.tracked_files()
    _ = owner.object_format, owner.is_shallow, owner.is_partial, owner.remote_url("origin")

    assert project.photograph() == before


def test_what_an_owner_is(project: Any) -> None:
    owner = project.owner

    assert owner.head == project.git("rev-parse", "HEAD")
    assert owner.branch == "main"
    assert owner.object_format == "sha1"
    assert not owner.is_shallow
    assert not owner.is_partial
    assert "src/app.py" in owner.tracked_files()
    assert owner.refs()["refs/tags/v1"] == project.git("rev-parse", "v1")


def test_a_detached_head_is_no_branch(project: Any) -> None:
    project.git("checkout", "--quiet", "--detach")

    assert project.owner.branch is None


def test_branches_are_listed_by_full_name_and_a_star_spans_slashes(project: Any) -> None:
    head = project.git("rev-parse", "HEAD")
    for name in ("nightshift/r1/task_1", "nightshift/r1/_session", "other/nightshift"):
        project.git("branch", name)

    assert project.owner.branches("refs/heads/nightshift*") == {
        "refs/heads/nightshift/r1/_session": head,
        "refs/heads/nightshift/r1/task_1": head,
    }


def test_a_linked_worktree_has_its_own_git_dir_and_the_common_one(project: Any, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    project.git("worktree", "add", "-q", "-b", "side", str(linked))

    owner = open_owner(linked)

    assert owner.root == linked
    assert owner.common_dir == project.root / ".git"
    assert owner.git_dir == project.root / ".git" / "worktrees" / "linked"
    assert owner.branch == "side"


def test_a_linked_worktree_of_a_bare_repository_is_fine(project: Any, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    project.git("worktree", "add", "-q", str(linked), "main", cwd=project.remote)

    assert open_owner(linked).root == linked


@pytest.mark.row("users 23")
def test_what_a_git_hook_left_in_the_environment_is_not_believed(
    project: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    project.git("clone", "-q", str(project.remote), str(elsewhere))
    for name, value in (
        ("GIT_DIR", elsewhere / ".git"),
        ("GIT_WORK_TREE", elsewhere),
        ("GIT_INDEX_FILE", elsewhere / ".git" / "index"),
        ("GIT_COMMON_DIR", elsewhere / ".git"),
        ("GIT_PREFIX", "src/"),
    ):
        monkeypatch.setenv(name, str(value))

    owner = open_owner(project.root)

    assert (owner.root, owner.git_dir) == (project.root, project.root / ".git")
    assert owner.identity == Identity(name="Olive Owner", email="olive@example.invalid")
    assert os.environ["GIT_PREFIX"] == "src/"


def test_the_identity_is_what_git_makes_of_all_configuration(
    project: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(project.home))
    (project.home / "work.config").write_text("[user]\n\temail = olive@work.invalid\n")
    with (project.home / ".gitconfig").open("a") as config:
        config.write(f'[includeIf "gitdir:{project.root}/"]\n\tpath = work.config\n')

    assert project.owner.identity == Identity(name="Olive Owner", email="olive@work.invalid")


def test_no_identity_is_none_and_no_guess(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (project.home / ".gitconfig").write_text("")
    monkeypatch.setenv("HOME", str(project.home))

    assert project.owner.identity is None


@pytest.mark.parametrize(
    ("configured", "expected"),
    [
        ("https://example.invalid/a/b.git", "https://example.invalid/a/b.git"),
        ("git@example.invalid:a/b.git", "git@example.invalid:a/b.git"),
        ("../remote.git", "{remote}"),
        ("{remote}", "{remote}"),
        ("file://{remote}", "file://{remote}"),
    ],
)
def test_where_a_remote_is(project: Any, configured: str, expected: str) -> None:
    project.git("remote", "set-url", "origin", configured.format(remote=project.remote))

    assert project.owner.remote_url("origin") == expected.format(remote=project.remote)


def test_no_remote_is_none(project: Any) -> None:
    assert project.owner.remote_url("upstream") is None


def test_the_first_of_several_addresses_is_the_one_to_fetch_from(project: Any) -> None:
    project.git("remote", "set-url", "--add", "origin", "https://example.invalid/mirror.git")

    assert project.owner.remote_url("origin") == str(project.remote)


def test_a_folder_outside_every_repository_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="in no git repository") as caught:
        open_owner(tmp_path)
    assert "-C" in caught.value.tip


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="no folder"):
        open_owner(tmp_path / "nowhere")


def test_a_bare_repository_is_refused(project: Any) -> None:
    with pytest.raises(RepositoryError, match="bare") as caught:
        open_owner(project.remote)
    assert "git clone" in caught.value.tip


def test_a_repository_without_a_commit_is_refused(project: Any, tmp_path: Path) -> None:
    project.git("init", "-q", str(tmp_path / "new"))

    with pytest.raises(RepositoryError, match="no commit yet") as caught:
        open_owner(tmp_path / "new")
    assert "git commit" in caught.value.tip


def test_a_repository_that_git_will_not_use_is_refused_with_its_words(project: Any) -> None:
    project.git("config", "core.repositoryFormatVersion", "99")

    with pytest.raises(RepositoryError, match="git cannot use"):
        open_owner(project.root)


def test_a_sha256_repository_is_read(project: Any, tmp_path: Path) -> None:
    root = tmp_path / "wide"
    project.git("init", "-q", "--object-format=sha256", str(root))
    project.git("commit", "-q", "--allow-empty", "-m", "first", cwd=root)

    owner = open_owner(root)

    assert (owner.object_format, len(owner.head)) == ("sha256", 64)


def test_a_shallow_clone_says_so(project: Any, tmp_path: Path) -> None:
    project.git("clone", "-q", "--depth=1", f"file://{project.remote}", str(tmp_path / "shallow"))

    assert open_owner(tmp_path / "shallow").is_shallow


def test_an_object_is_looked_up_without_guessing(project: Any) -> None:
    owner = project.owner

    assert owner.commit_of("refs/tags/v2") == project.git("rev-parse", "v2^{commit}")
    assert owner.commit_of("--all") is None
    assert owner.commit_of("0" * 40) is None
