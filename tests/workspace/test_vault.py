import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import ContainmentError, DeliveryError, RepositoryError, StateError
from nightshift.model import Identity
from nightshift.workspace import receiving
from nightshift.workspace import vault as vault_room
from nightshift.workspace.git import GitError
from nightshift.workspace.owner import open_owner
from nightshift.workspace.process import Ended
from nightshift.workspace.vault import Vault

OLIVE = Identity(name="Olive Owner", email="olive@example.invalid")
WHEN = datetime(2025, 6, 2, 3, 4, 5, tzinfo=UTC)


def commit(night: Any, files: dict[str, str], *, parent: str | None = None) -> str:
    """Commit files on top of the base in the vault."""
    tree = night.tree_of(files)
    made: str = night.vault.commit(
        tree, parent=parent or night.base.commit, message="night", author=OLIVE, date=WHEN
    )
    return made


@pytest.mark.row("promise 1", "S3.45")
def test_fetching_the_base_leaves_the_owner_byte_for_byte_as_it_was(project: Any, vault: Vault) -> None:
    before = project.photograph()

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert (base.branch, base.commit) == ("main", project.git("rev-parse", "main"))
    assert base.tree == project.git("rev-parse", "main^{tree}")
    assert base.source == "fetched from origin"
    assert project.photograph() == before


@pytest.mark.row("users 22")
def test_the_vault_holds_the_bases_history_and_tags_and_nothing_else_of_the_owner(
    project: Any, vault: Vault
) -> None:
    secret = project.git("hash-object", "-w", "--stdin", stdin=b"an .env that was once staged\n")
    stash = project.git("rev-parse", "refs/stash")
    elsewhere = project.git("commit-tree", "-m", "elsewhere", "HEAD^{tree}")
    project.git("tag", "elsewhere", elsewhere)
    project.git("push", "-q", "origin", "elsewhere")

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert vault.git.line("rev-list", "--count", base.commit) == "2"
    assert set(vault.refs("refs/tags")) == {"refs/tags/v1", "refs/tags/v2"}
    assert vault.git.line("describe", base.commit) == "v2"
    assert not any(vault.git.succeeds("cat-file", "-e", found) for found in (secret, stash, elsewhere))
    assert not (vault.folder / "objects" / "info" / "alternates").exists()


def test_the_base_is_what_the_remote_has_now(project: Any, vault: Vault, tmp_path: Path) -> None:
    other = tmp_path / "other"
    project.git("clone", "-q", str(project.remote), str(other))
    vault.fetch_base(project.owner, project.find_base(), project.environ)
    project.git("commit", "-q", "--allow-empty", "-m", "by a colleague", cwd=other)
    project.git("tag", "v3", cwd=other)
    project.git("tag", "-f", "v1", cwd=other)
    project.git("push", "-q", "--force", "origin", "main", "v1", "v3", ":refs/tags/v2", cwd=other)
    before = project.photograph()

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    head = project.git("rev-parse", "HEAD", cwd=other)
    assert base.commit == head
    assert vault.refs("refs/tags") == {"refs/tags/v1": head, "refs/tags/v3": head}
    assert project.photograph() == before


def test_a_base_that_was_rewritten_on_the_remote_is_followed(project: Any, vault: Vault) -> None:
    vault.fetch_base(project.owner, project.find_base(), project.environ)
    project.git("push", "-q", "--force", "origin", "v1:refs/heads/main")

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert base.commit == project.git("rev-parse", "v1")


@pytest.mark.parametrize("form", ["{remote}", "file://{remote}", "../remote.git"])
def test_a_remote_may_be_a_folder(project: Any, vault: Vault, form: str) -> None:
    project.git("remote", "set-url", "origin", form.format(remote=project.remote))

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert base.source == "fetched from origin"


def test_the_owners_local_commit_is_fetched_from_the_owner(project: Any, vault: Vault) -> None:
    made = project.commit({"local.txt": "x\n"})
    before = project.photograph()

    base = vault.fetch_base(project.owner, project.find_base(local=True), project.environ)

    assert base.commit == made
    assert base.source == "the local branch, as asked for"
    assert set(vault.refs("refs/tags")) == {"refs/tags/v1", "refs/tags/v2"}
    assert project.photograph() == before


def test_a_remote_that_falls_silent_gives_the_owners_copy(project: Any, vault: Vault) -> None:
    found = project.find_base()
    project.remote.rename(project.remote.with_name("gone"))

    base = vault.fetch_base(project.owner, found, project.environ)

    assert base.commit == found.commit
    assert base.source.startswith("the owner's copy of what the remote has; fetching failed: ")


def test_a_remote_that_falls_silent_with_news_gives_the_local_branch(
    project: Any, vault: Vault, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    project.git("clone", "-q", str(project.remote), str(other))
    project.git("commit", "-q", "--allow-empty", "-m", "by a colleague", cwd=other)
    project.git("push", "-q", "origin", "main", "HEAD:refs/heads/news", cwd=other)
    found, news = project.find_base(), project.find_base(wanted="news")
    project.remote.rename(project.remote.with_name("gone"))

    base = vault.fetch_base(project.owner, found, project.environ)

    assert base.commit == project.git("rev-parse", "main")
    assert base.source.startswith("the local branch; fetching failed: ")
    with pytest.raises(RepositoryError, match="could not be fetched"):
        vault.fetch_base(project.owner, news, project.environ)


def test_a_shallow_clone_of_the_owner_works_and_stays_shallow(
    project: Any, vault: Vault, tmp_path: Path
) -> None:
    shallow = tmp_path / "shallow"
    project.git("clone", "-q", "--depth=1", f"file://{project.remote}", str(shallow))
    cut = (shallow / ".git" / "shallow").read_bytes()
    owner = open_owner(shallow)
    theirs = type(project)(root=shallow, remote=project.remote, home=project.home)

    local = vault.fetch_base(owner, theirs.find_base(local=True), project.environ)
    assert vault.git.line("rev-list", "--count", local.commit) == "1"
    ref = "refs/heads/nightshift/r/t"
    made = vault.commit(local.tree, parent=local.commit, message="m", author=OLIVE, date=WHEN)
    assert vault.hand_to(owner, {ref: made}).written == (ref,)

    whole = vault.fetch_base(owner, theirs.find_base(), project.environ)
    assert vault.git.line("rev-list", "--count", whole.commit) == "2"
    assert (shallow / ".git" / "shallow").read_bytes() == cut
    assert theirs.git("rev-parse", ref) == made


def test_a_partial_clone_of_the_owner_works(project: Any, vault: Vault, tmp_path: Path) -> None:
    partial = tmp_path / "partial"
    project.git("config", "uploadpack.allowFilter", "true", cwd=project.remote)
    project.git(
        "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{project.remote}", str(partial)
    )
    theirs = type(project)(root=partial, remote=project.remote, home=project.home)

    with pytest.raises(RepositoryError, match="cannot be copied out of"):
        vault.fetch_base(theirs.owner, theirs.find_base(local=True), project.environ)
    base = vault.fetch_base(theirs.owner, theirs.find_base(), project.environ)
    tree = vault.tree_with(base.tree, "new.txt", vault.write_blob(b"n"))
    made = vault.commit(tree, parent=base.commit, message="m", author=OLIVE, date=WHEN)
    handed = vault.hand_to(theirs.owner, {"refs/heads/nightshift/r/t": made, "refs/nightshift/r/t/1": made})

    assert vault.objects.read(base.commit, "README.md") == b"# A project\n"
    assert len(handed.written) == 2
    assert theirs.git("show", "nightshift/r/t:new.txt") == "n"


def test_a_damaged_copy_of_the_owner_does_not_matter_while_the_remote_answers(
    project: Any, vault: Vault
) -> None:
    blob = project.git("hash-object", "-w", "--stdin", stdin=b"soon gone")
    made = project.commit({"lost.txt": "soon gone"}, push=True)
    (project.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert (base.commit, base.source) == (made, "fetched from origin")


def test_one_base_may_be_named_below_another(project: Any, vault: Vault) -> None:
    project.git("push", "-q", "origin", "main:refs/heads/a%2Fb", "v1:refs/heads/a/b")
    for name in ("a/b", "a%2Fb"):
        vault.fetch_base(project.owner, project.find_base(wanted=name), project.environ)
    project.git("push", "-q", "origin", ":refs/heads/a/b")
    project.git("push", "-q", "origin", "main:refs/heads/a")

    base = vault.fetch_base(project.owner, project.find_base(wanted="a"), project.environ)

    assert base.commit == project.git("rev-parse", "main")


def test_a_linked_worktree_hands_over_and_takes_like_its_repository(
    project: Any, vault: Vault, tmp_path: Path
) -> None:
    linked = tmp_path / "linked"
    project.git("worktree", "add", "-q", "-b", "side", str(linked))
    theirs = type(project)(root=linked, remote=project.remote, home=project.home)

    base = vault.fetch_base(open_owner(linked), theirs.find_base(wanted="side", local=True), project.environ)
    vault.hand_to(open_owner(linked), {"refs/heads/nightshift/r/t": base.commit})

    assert project.git("rev-parse", "nightshift/r/t") == base.commit


def test_a_sha256_repository_gets_a_vault_of_its_kind(project: Any, vault: Vault, tmp_path: Path) -> None:
    root = tmp_path / "wide"
    project.git("init", "-q", "--object-format=sha256", str(root))
    wide = type(project)(root=root, remote=project.remote, home=project.home)
    made = wide.commit({"a.txt": "a\n"})

    base = vault.fetch_base(wide.owner, wide.find_base(), project.environ)
    change = vault.tree_with(base.tree, "b.txt", vault.write_blob(b"b\n"))
    landed = vault.commit(change, parent=base.commit, message="m", author=OLIVE, date=WHEN)
    vault.hand_to(wide.owner, {"refs/heads/nightshift/r/t": landed})

    assert (base.commit, vault.object_format, len(landed)) == (made, "sha256", 64)
    assert wide.git("show", "nightshift/r/t:b.txt") == "b"
    again = Vault(vault.folder, home=vault.home)
    again.open()
    assert again.object_format == "sha256"


def test_a_vault_with_nights_in_it_is_never_thrown_away(project: Any, night: Any, tmp_path: Path) -> None:
    project.git("init", "-q", "--object-format=sha256", str(tmp_path / "wide"))
    wide = type(project)(root=tmp_path / "wide", remote=project.remote, home=project.home)
    wide.commit({"a.txt": "a\n"})
    night.vault.set_ref("refs/nightshift/r/t/1", night.base.commit)

    with pytest.raises(StateError, match="holds nights"):
        night.vault.fetch_base(wide.owner, wide.find_base(), project.environ)


@pytest.mark.row("promise 3")
def test_what_somebody_planted_in_the_vault_is_gone_when_it_is_opened(night: Any, tmp_path: Path) -> None:
    folder = night.vault.folder
    marker = tmp_path / "ran"
    (folder / "hooks").mkdir()
    (folder / "hooks" / "reference-transaction").write_text(f"#!/bin/sh\ntouch {marker}\n")
    (folder / "hooks" / "reference-transaction").chmod(0o755)
    (folder / "info").mkdir()
    (folder / "info" / "attributes").write_text("* filter=evil\n")
    (folder / "objects" / "info" / "alternates").write_text(f"{night.project.root}/.git/objects\n")
    (folder / "config").write_text(f"[core]\n\tbare = true\n\tfsmonitor = touch {marker}\n")
    (folder / "packed-refs.lock").write_text("")
    (folder / "refs" / "heads").mkdir(parents=True, exist_ok=True)
    (folder / "refs" / "heads" / "x.lock").write_text("")

    vault = Vault(folder, home=night.vault.home)
    vault.open()
    vault.set_ref("refs/heads/x", night.base.commit)

    assert not marker.exists()
    assert not (folder / "info").exists()
    assert not (folder / "objects" / "info" / "alternates").exists()


def test_a_vault_is_opened_again_and_again(night: Any) -> None:
    before = night.vault.refs()

    night.vault.open()

    assert night.vault.refs() == before


def test_a_vault_that_cannot_be_written_says_where(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(StateError, match="cannot be written") as caught:
        Vault(tmp_path / "file" / "vault.git", home=tmp_path).open()
    assert "NIGHTSHIFT_STATE_DIR" in caught.value.tip


@pytest.mark.row("S3.61", "users 12")
def test_a_commit_is_the_owners_by_our_hand(night: Any) -> None:
    made = commit(night, {"src/new.py": "x = 1\n"})

    shown = night.vault.git.bytes(
        "show", "-s", "--format=%an <%ae> %aI%n%cn <%ce> %cI%n%P%n%B", made
    ).decode()
    assert shown.splitlines() == [
        "Olive Owner <olive@example.invalid> 2025-06-02T03:04:05+00:00",
        "nightshift <nightshift@localhost> 2025-06-02T03:04:05+00:00",
        night.base.commit,
        "night",
    ]


@pytest.mark.parametrize(
    ("author", "message", "shown"),
    [
        (Identity(name="A\nB\0 <x>", email="a@b>\n"), "one\0two", "A B x a@b one two"),
        (Identity(name="Zoë", email="z@b"), "späte Änderung \udcff", "Zoë z@b späte Änderung ?"),
        (Identity(name=" ", email="z@b"), "m", "nobody z@b m"),
    ],
)
def test_odd_names_and_messages_make_honest_commits(
    night: Any, author: Identity, message: str, shown: str
) -> None:
    made = night.vault.commit(
        night.base.tree, parent=None, message=message, author=author, date="2025-01-01T00:00:00Z"
    )

    assert night.vault.git.line("show", "-s", "--format=%an %ae %s", made) == shown


def test_a_commit_that_git_refuses_is_an_error_of_git(night: Any) -> None:
    with pytest.raises(GitError):
        night.vault.commit(night.base.tree, parent=None, message="m", author=OLIVE, date="not a date")


def test_files_are_read_without_a_checkout(night: Any) -> None:
    vault, base = night.vault, night.base

    assert vault.objects.read(base.commit, "src/app.py") == b"def answer():\n    return 42\n"
    assert vault.objects.read(base.commit, "missing") is None
    assert vault.objects.entry(base.commit, "gate.sh").mode == "100755"
    assert vault.objects.entry(base.commit, "missing") is None
    assert "src/deep/er/module.py" in vault.objects.paths(base.tree)


@pytest.mark.row("promise 2", "S3.64")
def test_a_tree_differs_in_one_file_alone_and_keeps_its_mode(night: Any) -> None:
    tree = night.tree_of({"gate.sh": "#!/bin/sh\nexit 1\n"})
    listed = night.vault.git.bytes("diff-tree", "-r", "--name-status", night.base.tree, tree)

    assert listed == b"M\tgate.sh\n"
    assert night.vault.objects.entry(tree, "gate.sh").mode == "100755"
    assert night.vault.objects.entry(night.tree_of({"new.md": "x"}), "new.md").mode == "100644"


def test_what_contains_what(night: Any) -> None:
    made = commit(night, {"a": "a"})

    assert night.vault.objects.contains(night.base.commit, made)
    assert not night.vault.objects.contains(made, night.base.commit)
    assert not night.vault.objects.contains("0" * 40, made)


@pytest.mark.row("promise 1", "S3.37", "S3.75")
def test_handing_over_writes_our_refs_and_nothing_else(night: Any) -> None:
    project = night.project
    landed, kept = commit(night, {"a.txt": "a\n"}), commit(night, {"b.txt": "b\n"})
    refs = {
        "refs/heads/nightshift/r/_session": landed,
        "refs/heads/nightshift/r/task_1": landed,
        "refs/nightshift/r/task_2/1": kept,
    }
    project.write(".git/hooks/reference-transaction", "#!/bin/sh\ntouch hook-ran\n").chmod(0o755)
    project.git("config", "fetch.prune", "true")
    project.git("config", "fetch.writeCommitGraph", "true")
    before, earlier = project.photograph(), project.owner.refs()

    handed = night.vault.hand_to(project.owner, refs)

    after = project.photograph()
    ours = {path for path in after if "refs/heads/nightshift/" in path or "refs/nightshift/" in path}
    assert handed.written == tuple(refs)
    assert handed.bundles == ()
    assert project.owner.refs() == earlier | refs
    assert {path: seen for path, seen in after.items() if path not in ours} == before
    assert project.git("show", "nightshift/r/task_1:a.txt") == "a"
    assert night.vault.hand_to(project.owner, refs) == handed


@pytest.mark.row("promise 1", "promise 4", "S3.37")
@pytest.mark.parametrize(
    "ref",
    [
        "refs/heads/main",
        "refs/heads/nightshift",
        "refs/tags/v9",
        "refs/stash",
        "HEAD",
        "refs/remotes/origin/nightshift/r/t",
        "refs/heads/nightshiftx/r/t",
        "+refs/heads/nightshift/r/t",
    ],
)
def test_no_ref_but_ours_is_ever_written(night: Any, ref: str) -> None:
    before = night.project.photograph()

    with pytest.raises(ContainmentError, match="no ref of nightshift's"):
        night.vault.hand_to(
            night.project.owner, {"refs/heads/nightshift/r/t": night.base.commit, ref: night.base.commit}
        )

    assert night.project.photograph() == before


@pytest.mark.row("promise 4")
def test_a_ref_of_ours_that_stands_elsewhere_is_not_forced(night: Any) -> None:
    project = night.project
    one, other = commit(night, {"a.txt": "a\n"}), commit(night, {"b.txt": "b\n"})
    night.vault.hand_to(project.owner, {"refs/heads/nightshift/r/t": one, "refs/nightshift/r/t/1": one})

    with pytest.raises(DeliveryError, match="could not be fetched"):
        night.vault.hand_to(
            project.owner, {"refs/heads/nightshift/r/new": other, "refs/heads/nightshift/r/t": other}
        )
    handed = night.vault.hand_to(project.owner, {"refs/nightshift/r/t/1": other})

    assert project.git("rev-parse", "nightshift/r/t", "refs/nightshift/r/t/1").split() == [one, one]
    assert "refs/heads/nightshift/r/new" not in project.owner.refs()
    assert len(handed.bundles) == 1


@pytest.mark.row("promise 5", "users 41")
def test_an_attempt_that_git_refuses_is_kept_as_a_bundle_and_the_rest_lands(
    night: Any, tmp_path: Path
) -> None:
    project = night.project
    good = commit(night, {"a.txt": "a\n"})
    evil = commit(night, {".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = -u./x\n'})
    refs = {
        "refs/heads/nightshift/r/t": good,
        "refs/nightshift/r/t/1": evil,
        "refs/nightshift/r/t/2": good,
    }

    handed = night.vault.hand_to(project.owner, refs, bundles=tmp_path / "bundles")

    assert handed.written == ("refs/heads/nightshift/r/t", "refs/nightshift/r/t/2")
    assert handed.bundles == (tmp_path / "bundles" / "r-t-1.bundle",)
    assert "refs/nightshift/r/t/1" not in project.owner.refs()
    listed = project.git("bundle", "list-heads", str(handed.bundles[0]))
    assert listed == f"{evil} refs/nightshift/r/t/1"


def test_bundles_have_a_place_of_their_own(night: Any) -> None:
    evil = commit(night, {".gitmodules": '[submodule "x"]\n\tpath = x\n\turl = -u./x\n'})

    handed = night.vault.hand_to(night.project.owner, {"refs/nightshift/r/t/1": evil})

    assert handed.bundles[0].parent == night.vault.folder.parent / "bundles"


def test_old_sins_of_an_honest_history_stop_nothing(project: Any, vault: Vault, tmp_path: Path) -> None:
    """A base that the owner has not fetched yet comes along with the night's branch, sins and all."""
    other = tmp_path / "other"
    project.git("clone", "-q", str(project.remote), str(other))
    raw = project.git("cat-file", "commit", "HEAD", cwd=other).replace("+0000", "+051800")
    head = project.git("rev-parse", "HEAD", cwd=other)
    sinner = project.git(
        *("hash-object", "-t", "commit", "-w", "--stdin", "--literally"),
        stdin=f"{raw.partition(chr(10))[0]}\nparent {head}\n{raw[raw.index('author') :]}\n".encode(),
        cwd=other,
    )
    project.git("update-ref", "HEAD", sinner, cwd=other)
    project.git("push", "-q", "origin", "HEAD:main", cwd=other)

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)
    handed = vault.hand_to(project.owner, {"refs/heads/nightshift/r/t": base.commit})

    assert base.commit == sinner
    assert handed.written == ("refs/heads/nightshift/r/t",)


def test_an_interrupted_fetch_falls_back_as_one_that_failed(
    project: Any, vault: Vault, tmp_path: Path
) -> None:
    found = project.find_base()
    shutil.rmtree(project.remote / "objects")

    base = vault.fetch_base(project.owner, found, project.environ)

    assert "fetching failed" in base.source


def empty_loose(vault: Vault) -> None:
    for path in (vault.folder / "objects").glob("??/*"):
        path.chmod(0o600)
        path.write_bytes(b"")


def empty_packs(vault: Vault) -> None:
    vault.git.run("repack", "-adq")
    for path in (vault.folder / "objects" / "pack").glob("*.pack"):
        path.chmod(0o600)
        path.write_bytes(b"")


def empty_head(vault: Vault) -> None:
    (vault.folder / "HEAD").write_bytes(b"")


def empty_refs(vault: Vault) -> None:
    for path in (vault.folder / "refs" / "base").glob("*"):
        path.write_bytes(b"")


def empty_blob(vault: Vault) -> None:
    blob = vault.git.line("rev-parse", "refs/base/main:README.md")
    path = vault.folder / "objects" / blob[:2] / blob[2:]
    path.chmod(0o600)
    path.write_bytes(b"")


DAMAGES = [empty_loose, empty_head, empty_refs, empty_blob]


@pytest.mark.row("S3.45")
@pytest.mark.parametrize("local", [True, False], ids=["local", "remote"])
@pytest.mark.parametrize("moved", [True, False], ids=["moved", "unmoved"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_vault_mends_itself_and_says_so(
    project: Any, vault: Vault, damage: Callable[[Vault], None], moved: bool, local: bool
) -> None:
    vault.fetch_base(project.owner, project.find_base(local=local), project.environ)
    if moved:
        project.commit({"more.txt": "more\n"}, push=True)
    damage(vault)
    before = project.photograph()

    vault.open()
    base = vault.fetch_base(project.owner, project.find_base(local=local), project.environ)

    assert base.commit == project.git("rev-parse", "main")
    assert base.source.endswith("; our own copy was damaged and made anew")
    assert vault.objects.read(base.commit, "README.md") == b"# A project\n"
    assert vault.git.succeeds("fsck", "--full")
    assert [path.name for path in vault.folder.parent.glob("vault.git.*")] == ["vault.git.damaged-1"]
    assert project.photograph() == before


@pytest.mark.parametrize("local", [True, False], ids=["local", "remote"])
def test_a_vault_whose_packs_are_empty_is_filled_again(project: Any, vault: Vault, local: bool) -> None:
    """Git takes what such a pack held for missing, and fetches it once more."""
    vault.fetch_base(project.owner, project.find_base(local=local), project.environ)
    empty_packs(vault)
    project.commit({"more.txt": "more\n"}, push=True)

    vault.open()
    base = vault.fetch_base(project.owner, project.find_base(local=local), project.environ)

    assert base.commit == project.git("rev-parse", "main")
    assert vault.objects.read(base.commit, "README.md") == b"# A project\n"
    assert vault.git.line("rev-list", "--count", "--objects", base.commit) != "0"


def test_news_of_the_remote_alone_are_not_lost_for_a_damaged_vault(
    project: Any, vault: Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault.fetch_base(project.owner, project.find_base(), project.environ)
    project.git("clone", "-q", str(project.remote), str(tmp_path / "other"))
    project.git("commit", "-q", "--allow-empty", "-m", "by a colleague", cwd=tmp_path / "other")
    project.git("push", "-q", "origin", "main", cwd=tmp_path / "other")
    old = project.git("rev-parse", "v1^{tree}")
    path = vault.folder / "objects" / old[:2] / old[2:]
    path.chmod(0o600)
    path.write_bytes(b"")
    fetch, troubles = receiving._fetch_remotely, ["fatal: unresolved deltas"]
    monkeypatch.setattr(
        receiving, "_fetch_remotely", lambda *args: troubles.pop() if troubles else fetch(*args)
    )

    base = vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert base.commit == project.git("rev-parse", "HEAD", cwd=tmp_path / "other")
    assert base.source == "fetched from origin; our own copy was damaged and made anew"


def test_only_the_newest_damaged_vault_is_kept(project: Any, vault: Vault) -> None:
    for _ in range(2):
        vault.fetch_base(project.owner, project.find_base(), project.environ)
        empty_loose(vault)
    vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert [path.name for path in vault.folder.parent.glob("vault.git.*")] == ["vault.git.damaged-2"]


def test_the_owners_damage_is_the_owners_and_the_vault_stays(project: Any, vault: Vault) -> None:
    vault.fetch_base(project.owner, project.find_base(), project.environ)
    vault.set_ref("refs/nightshift/r/t/1", project.git("rev-parse", "main"))
    blob = project.git("hash-object", "-w", "--stdin", stdin=b"soon gone")
    project.commit({"lost.txt": "soon gone"})
    (project.root / ".git" / "objects" / blob[:2] / blob[2:]).unlink()

    with pytest.raises(RepositoryError, match="cannot be copied out of") as caught:
        vault.fetch_base(project.owner, project.find_base(local=True), project.environ)

    assert "git fsck" in caught.value.tip
    assert vault.refs("refs/nightshift/") != {}
    assert list(vault.folder.parent.glob("vault.git.*")) == []


@pytest.mark.parametrize(
    "error",
    [
        GitError("git fetch failed", tip="no space left on the disk"),
        GitError("git fetch was interrupted", ended=Ended.INTERRUPTED),
        GitError("git fetch was still running", ended=Ended.TIMED_OUT),
        RepositoryError("main could not be fetched, and is not here either"),
    ],
    ids=["full disk", "interrupted", "slow", "no answer"],
)
def test_what_says_nothing_of_the_vault_leaves_it_alone(
    project: Any, vault: Vault, error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[object] = []

    def fail(*args: object) -> None:
        asked.append(args)
        raise error

    monkeypatch.setattr(vault_room, "bring_base", fail)

    with pytest.raises(type(error)) as caught:
        vault.fetch_base(project.owner, project.find_base(), project.environ)

    assert (caught.value, len(asked)) == (error, 1)
    assert list(vault.folder.parent.glob("vault.git.*")) == []
