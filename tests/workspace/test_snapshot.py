import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nightshift.model import Severity
from nightshift.workspace import snapshot as snapshot_room
from nightshift.workspace import survey as survey_room
from nightshift.workspace.change import measure
from nightshift.workspace.git import Git, GitError
from nightshift.workspace.snapshot import RULE
from nightshift.workspace.survey import survey


@pytest.fixture
def at_work(night: Any) -> Iterator[Any]:
    """Give a night whose agent is at work."""
    night.slot.show_agent(head=night.base.commit)
    return night


def changed(night: Any) -> dict[str, tuple[str | None, str | None]]:
    """Take a snapshot that must be whole; return the modes of what differs from the base by path."""
    snapshot = night.slot.snapshot()
    assert snapshot.unreadable == ()
    change = measure(night.vault.git, old_tree=night.base.tree, new_tree=snapshot.tree)
    return {file.path: (file.old_mode, file.new_mode) for file in change.files}


def named(night: Any) -> dict[str | None, str]:
    """Take a snapshot; return what could not be read by path."""
    found = night.slot.snapshot().unreadable
    assert {each.rule for each in found} <= {RULE}
    assert {each.severity for each in found} <= {Severity.CRITICAL}
    assert not any(each.liftable for each in found)
    return {each.place.path if each.place else None: each.message for each in found}


FILE, PROGRAM, LINK = "100644", "100755", "120000"
BENIGN: dict[str, tuple[str, dict[str, tuple[str | None, str | None]]]] = {
    "nothing": ("true", {}),
    "a change": ("echo >> src/app.py", {"src/app.py": (FILE, FILE)}),
    "a new file": ("echo > new.py", {"new.py": (None, FILE)}),
    "a file in a new folder": ("mkdir -p a/b; echo > a/b/c", {"a/b/c": (None, FILE)}),
    "a deletion": ("rm README.md", {"README.md": (FILE, None)}),
    "a rename": ("mv README.md docs.md", {"README.md": (FILE, None), "docs.md": (None, FILE)}),
    "a mode": ("chmod +x src/app.py", {"src/app.py": (FILE, PROGRAM)}),
    "a mode that git does not keep": ("chmod 600 src/app.py", {}),
    "a time": ("touch src/app.py; touch -d 2001-01-01 README.md", {}),
    "a copy of the same": ("cp README.md x; mv x README.md", {}),
    "a link": ("ln -s /etc/passwd passwd", {"passwd": (None, LINK)}),
    "a dangling link": ("ln -s nowhere broken", {"broken": (None, LINK)}),
    "a link for a file": ("ln -sf /etc/passwd README.md", {"README.md": (FILE, LINK)}),
    "a folder for a file": (
        "rm README.md; mkdir README.md; echo > README.md/x",
        {"README.md": (FILE, None), "README.md/x": (None, FILE)},
    ),
    "a file for a folder": (
        "rm -r src/deep; echo > src/deep",
        {"src/deep/er/module.py": (FILE, None), "src/deep": (None, FILE)},
    ),
    "a link for a folder": (
        "mv tests checks; ln -s checks tests",
        {"tests/test_app.py": (FILE, None), "checks/test_app.py": (None, FILE), "tests": (None, LINK)},
    ),
    "a link out for a folder": (
        "rm -r tests; ln -s /etc tests",
        {"tests/test_app.py": (FILE, None), "tests": (None, LINK)},
    ),
    "ignored files": ("echo > a.log; mkdir build; echo > build/x; echo > .env", {}),
    "a tracked file in a folder that is now ignored": (
        "mkdir build; echo src/ >> .gitignore; echo >> src/app.py",
        {".gitignore": (FILE, FILE), "src/app.py": (FILE, FILE)},
    ),
    "caches of the tests": ("mkdir -p src/__pycache__; echo > src/__pycache__/app.cpython-311.pyc", {}),
    "caches of tools": (
        (
            "mkdir .hypothesis .mypy_cache .ruff_cache .pytest_cache src/.pytest_cache; echo > .coverage;"
            r" find . -name '.*_cache' -exec touch {}/x \;; touch .hypothesis/x .coveragerc"
        ),
        {".coveragerc": (None, FILE)},
    ),
    "a pipe and a socket": ("mkfifo pipe; mkfifo src/.gitattributes", {}),
    "a pipe in the place of an ignore file": ("mkfifo src/.gitignore", {}),
    "a pipe for a file": ("rm README.md; mkfifo README.md", {"README.md": (FILE, None)}),
    "empty folders": ("mkdir -p x/y/z", {}),
    "names with spaces and quotes": (
        """echo > 'a b"c'; echo > '-rf'; echo > ':(top)x'; echo > '*'""",
        {'a b"c': (None, FILE), "-rf": (None, FILE), ":(top)x": (None, FILE), "*": (None, FILE)},
    ),
    "a name with a newline": ("echo > 'a\nb'", {"a\nb": (None, FILE)}),
    "a name that is not UTF-8": ("echo > \"$(printf 'caf\\351')\"", {"caf\udce9": (None, FILE)}),
    "a repository in a tracked folder": (
        "cd src && git init -q && echo >> app.py",
        {"src/app.py": (FILE, FILE)},
    ),
    "an ignored repository": ("mkdir build && git init -q build/x && echo > build/x/y", {}),
    "a hundred folders deep": (
        "p=.; i=0; while [ $i -lt 100 ]; do p=$p/d; i=$((i+1)); done; mkdir -p $p; echo > $p/f",
        {"/".join(["d"] * 100) + "/f": (None, FILE)},
    ),
}


@pytest.mark.row("S3.30", "S3.36", "S3.62", "users 23")
@pytest.mark.parametrize(("script", "expected"), BENIGN.values(), ids=BENIGN.keys())
def test_a_snapshot_holds_what_the_agent_did(at_work: Any, run_in: Any, script: str, expected: Any) -> None:
    run_in(at_work.slot.path, script)

    assert changed(at_work) == expected


@pytest.mark.row("S3.30")
def test_a_cache_that_the_project_tracks_is_part_of_the_snapshot(night: Any) -> None:
    vault = night.vault
    tree = vault.tree_with(night.base.tree, ".coverage", vault.write_blob(b"old"))
    night.slot.show_agent(head=night.base.commit, tree=tree)
    (night.slot.path / ".coverage").write_text("new")

    snapshot = night.slot.snapshot()

    assert vault.git.bytes("cat-file", "blob", f"{snapshot.tree}:.coverage") == b"new"


@pytest.mark.row("S3.38", "users 31", "promise 3")
@pytest.mark.parametrize(
    "script",
    [
        "git add -A; git commit -qm mine",
        "git checkout -qb other; git add -A; git commit -qm mine; git reset -q --soft v1; git tag -f v1",
        "git add -A; git stash -q; git stash apply -q",
        "git add -A; git update-index --assume-unchanged src/app.py",
        "git update-index --skip-worktree src/app.py; git config core.sparseCheckout true",
        "echo '*' > .git/info/exclude; git config core.excludesFile /dev/stdin",
        "echo '* -diff -text eol=crlf filter=x' > .git/info/attributes",
        "git config core.fileMode false; git config core.bare true; git config core.worktree /",
        "rm -rf .git",
        "rm -rf .git; echo 'gitdir: /nowhere' > .git",
        "rm -rf .git; ln -s /nowhere .git",
        "rm -f .git/index; mkfifo .git/index",
        "git replace -f HEAD:src/app.py HEAD:README.md",
    ],
)
def test_the_agents_own_commits_and_git_tricks_change_no_snapshot(
    at_work: Any, run_in: Any, script: str
) -> None:
    (at_work.slot.path / "src" / "app.py").write_text("x = 1\n")
    (at_work.slot.path / "new.py").write_text("y = 1\n")
    run_in(at_work.slot.path, script)

    assert set(changed(at_work)) == {"src/app.py", "new.py"}


def test_the_same_folder_is_snapped_the_same_again_and_again(at_work: Any) -> None:
    (at_work.slot.path / "new.py").write_text("y = 1\n")

    assert at_work.slot.snapshot() == at_work.slot.snapshot()


@pytest.mark.row("users 23")
def test_a_change_with_size_and_time_restored_is_seen(at_work: Any) -> None:
    path = at_work.slot.path / "src" / "app.py"
    before = path.stat()
    path.write_text(path.read_text().replace("42", "43"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert set(changed(at_work)) == {"src/app.py"}


@pytest.mark.row("users 23")
def test_files_as_young_as_the_index_are_hashed_again(at_work: Any) -> None:
    """Git trusts a file that is older than the index: our copy of it must be as old as the original."""
    slot = at_work.slot
    index = slot.folder / "agent.index"
    copied = []
    real = shutil.copy2

    def copy(source: Path, target: Path) -> None:
        real(source, target)
        copied.append((source.stat().st_mtime_ns, target.stat().st_mtime_ns))

    snapshot_room.shutil.copy2, undo = copy, snapshot_room.shutil.copy2  # type: ignore[assignment]  # for one call
    try:
        slot.snapshot()
    finally:
        snapshot_room.shutil.copy2 = undo
    assert copied == [(index.stat().st_mtime_ns, index.stat().st_mtime_ns)]


COMMIT = "git -c user.name=x -c user.email=x commit -q --allow-empty -m x"
REFUSED = {
    "an empty repository": ("git init -q nested", "nested", "a git repository of its own"),
    "a repository with files": (
        "git init -q nested; echo > nested/x",
        "nested",
        "a git repository of its own",
    ),
    "a repository with a commit": (
        f"git init -q a/nested; cd a/nested; echo > x; git add x; {COMMIT}",
        "a/nested",
        "a git repository of its own",
    ),
    "a repository with a commit for a file": (
        f"rm README.md; git init -q README.md; cd README.md; {COMMIT}",
        "README.md",
        "a git repository of its own",
    ),
    "a repository for a file": (
        "rm README.md; git init -q README.md",
        "README.md",
        "a git repository of its own",
    ),
    "a name that no tree may hold": (
        "mkdir x; mkdir x/.GIT; echo > x/.GIT/config",
        "x/.GIT/config",
        "takes into no tree",
    ),
    "a short name for it": ("mkdir git~1; echo > git~1/config", "git~1/config", "takes into no tree"),
    "a sparse file of a terabyte": ("truncate -s 1T huge", "huge", "more than nightshift measures"),
    "a tracked file of a terabyte": (
        "truncate -s 1T README.md",
        "README.md",
        "more than nightshift measures",
    ),
    "a newline in the name": ("git init -q 'a\nb'", "a\nb", "a\\nb"),
    "a folder deeper than any path": (
        "n=$(printf 'x%.0s' $(seq 200)); i=0; while [ $i -lt 30 ]; do mkdir $n; cd -P $n; i=$((i+1)); done",
        "/".join(["x" * 200] * 20),
        "cannot be read",
    ),
}


@pytest.mark.row("S3.36", "users 23")
@pytest.mark.parametrize(("script", "path", "words"), REFUSED.values(), ids=REFUSED.keys())
def test_what_no_tree_can_hold_is_named_and_the_rest_is_measured(
    at_work: Any, run_in: Any, script: str, path: str, words: str
) -> None:
    run_in(at_work.slot.path, f"({script}); echo y > honest.txt")
    started = time.monotonic()

    snapshot = at_work.slot.snapshot()

    assert list(named(at_work)) == [path]
    assert words in named(at_work)[path]
    assert at_work.vault.objects.read(snapshot.tree, "honest.txt") == b"y\n"
    assert time.monotonic() - started < 20


def test_many_culprits_are_all_named(at_work: Any, run_in: Any) -> None:
    run_in(at_work.slot.path, "git init -q a; git init -q b/c; truncate -s 1T d; truncate -s 1T e; echo > f")

    assert set(named(at_work)) == {"a", "b/c", "d", "e"}


@pytest.mark.row("users 23")
def test_a_file_that_git_fails_on_is_found_among_many(at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        (at_work.slot.path / f"file-{number}").write_text(f"{number}\n")
    real = Git.run

    def fail(self: Git, *args: str, **options: Any) -> Any:
        if "--stdin" in args and {b"file-3", b"file-17"} & set(options["stdin"].split(b"\0")):
            raise GitError("disk on fire")
        return real(self, *args, **options)

    monkeypatch.setattr(Git, "run", fail)

    found = named(at_work)
    assert set(found) == {"file-3", "file-17"}
    assert "disk on fire" in found["file-3"]
    assert len(at_work.vault.objects.paths(at_work.slot.snapshot().tree)) == 6 + 18


def test_a_full_disk_is_not_blamed_on_every_file(at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(60):
        (at_work.slot.path / f"file-{number}").write_text(f"{number}\n")
    real = Git.run

    def fail(self: Git, *args: str, **options: Any) -> Any:
        if "--stdin" in args:
            raise GitError("No space left on device")
        return real(self, *args, **options)

    monkeypatch.setattr(Git, "run", fail)

    snapshot = at_work.slot.snapshot()

    assert snapshot.tree is None
    assert len(snapshot.unreadable) == 1
    assert "No space left" in snapshot.unreadable[0].message


@pytest.mark.parametrize("root", [os.getuid() == 0])
def test_files_and_folders_without_the_right_to_read_are_named(
    at_work: Any, run_in: Any, root: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may read everything; so for root the answer of the system is played."""
    run_in(at_work.slot.path, "echo > closed.py; chmod 000 closed.py README.md; touch README.md")
    if root:
        monkeypatch.setattr(
            snapshot_room.os, "access", lambda path, _: not str(path).endswith(("closed.py", "README.md"))
        )

    found = named(at_work)

    assert "closed.py" in found
    assert "cannot be read" in found["closed.py"]


def test_a_folder_that_git_could_not_enter_is_named_as_well(
    at_work: Any, run_in: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_in(at_work.slot.path, "mkdir open closed; echo > open/x; echo > closed/x; chmod 000 closed")
    if os.getuid() == 0:
        monkeypatch.setattr(snapshot_room, "survey", lambda *_, **__: ("closed",))
        _stumble(monkeypatch)

    assert named(at_work) == {"closed": "closed is a folder that cannot be read"}


def _stumble(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git warn as it does of a folder that it cannot open."""
    real = Git.run

    def warn(self: Git, *args: str, **options: Any) -> Any:
        done = real(self, *args, **options)
        if args[0] != "ls-files":
            return done
        return type(done)(
            **{name: getattr(done, name) for name in done.__slots__} | {"stderr": b"warning: closed"}
        )

    monkeypatch.setattr(Git, "run", warn)


def test_files_that_vanish_while_we_look_are_named(at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    (at_work.slot.path / "fleeting").write_text("x")
    real = snapshot_room._Taking._others

    def vanish(self: Any) -> Any:
        found = real(self)
        (at_work.slot.path / "fleeting").unlink()
        return found

    monkeypatch.setattr(snapshot_room._Taking, "_others", vanish)

    assert "cannot be read" in named(at_work)["fleeting"]


def test_a_device_is_no_file(at_work: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Should the survey fail to remove one, it is named all the same."""
    os.mkfifo(at_work.slot.path / "pipe")
    monkeypatch.setattr(snapshot_room, "survey", lambda *_, **__: ())
    monkeypatch.setattr(snapshot_room._Taking, "_others", lambda _: ["pipe"])

    assert named(at_work) == {"pipe": "pipe is no file, no folder and no link"}


@pytest.mark.row("users 12")
def test_a_folder_that_git_cannot_read_at_all_gives_no_tree_and_no_crash(
    at_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise GitError("out of memory")

    monkeypatch.setattr(snapshot_room._Taking, "take", fail)

    snapshot = at_work.slot.snapshot()

    assert snapshot.tree is None
    assert "out of memory" in snapshot.unreadable[0].message


def test_a_listing_that_git_could_not_finish_is_not_taken_for_whole(
    at_work: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot_room, "_LISTED_BYTES", 10)
    for number in range(20):
        (at_work.slot.path / f"file-{number}").write_text("x")

    assert at_work.slot.snapshot().tree is None


LINE_ENDINGS = {
    ".gitattributes": "*.txt text\n*.bat text eol=crlf\n*.auto text=auto\n*.id ident\n*.raw -text\n",
    "crlf.txt": b"a\r\nb\r\n",
    "lf.txt": b"a\nb\n",
    "crlf.bat": b"a\r\nb\r\n",
    "lf.bat": b"a\nb\n",
    "crlf.auto": b"a\r\nb\r\n",
    "lf.auto": b"a\nb\n",
    "crlf.raw": b"a\r\nb\r\n",
    "x.id": b"$Id$\n",
}


def test_line_endings_that_git_would_like_better_are_no_change(night: Any, run_in: Any) -> None:
    tree = night.tree_of(LINE_ENDINGS)
    night.slot.show_agent(head=night.base.commit, tree=tree)

    assert night.slot.snapshot().tree == tree
    run_in(
        night.slot.path, "touch *; for f in *; do cp -p $f /tmp/ns-$$ && mv /tmp/ns-$$ $f; done 2>/dev/null"
    )
    assert night.slot.snapshot().tree == tree

    (night.slot.path / "new.raw").write_bytes(b"1\r\n")
    (night.slot.path / "new.txt").write_bytes(b"1\r\n")
    (night.slot.path / "plain").write_bytes(b"1\r\n2\n")
    taken = night.slot.snapshot().tree
    assert night.vault.objects.read(taken, "new.raw") == b"1\r\n"
    assert night.vault.objects.read(taken, "new.txt") == b"1\n"
    assert night.vault.objects.read(taken, "plain") == b"1\r\n2\n"


def test_the_owners_line_ending_settings_are_not_ours(night: Any) -> None:
    night.project.git("config", "core.autocrlf", "true")
    night.slot.show_agent(head=night.base.commit)
    (night.slot.path / "new.py").write_bytes(b"a\r\nb\r\n")

    assert night.vault.objects.read(night.slot.snapshot().tree, "new.py") == b"a\r\nb\r\n"


def test_a_snapshot_starts_from_the_tree_that_was_shown(night: Any) -> None:
    tree = night.tree_of({"kept.py": "k = 1\n"})
    night.slot.show_agent(head=night.base.commit, tree=tree)
    (night.slot.path / "more.py").write_text("m = 1\n")

    taken = night.slot.snapshot().tree

    assert taken == night.tree_of({"more.py": "m = 1\n"}, parent=tree)


def test_a_submodule_that_moved_is_seen(night: Any, run_in: Any) -> None:
    git = Git(night.vault.folder, home=None, index=night.vault.folder / "x.index")
    git.run("read-tree", night.base.tree)
    git.run("update-index", "-z", "--index-info", stdin=f"160000 {night.base.commit}\tvendored\0".encode())
    tree = git.line("write-tree")
    night.slot.show_agent(head=night.base.commit, tree=tree)
    assert night.slot.snapshot().tree == tree

    run_in(
        night.slot.path / "vendored",
        "git init -q; git -c user.name=x -c user.email=x commit -q --allow-empty -m x;"
        "echo > x; git add x; git config core.fsmonitor 'touch ../ran #'",
    )

    change = measure(night.vault.git, old_tree=tree, new_tree=night.slot.snapshot().tree)
    assert [(file.path, file.new_mode) for file in change.files] == [("vendored", "160000")]
    assert not (night.slot.path / "ran").exists()


def test_no_agent_no_snapshot(night: Any) -> None:
    assert night.slot.snapshot().tree is None


def test_a_survey_names_closed_folders_and_removes_what_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a" / "left").mkdir(parents=True)
    os.mkfifo(tmp_path / "a" / "pipe")
    os.mkfifo(tmp_path / "a" / "left" / "pipe")
    (tmp_path / "a" / "link").symlink_to(tmp_path)

    assert survey(tmp_path, but_not=("a/left",)) == ()
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == ["left", "link"]
    assert (tmp_path / "a" / "left" / "pipe").exists()
    assert survey(tmp_path / "nothing", but_not=()) == ("",)


def test_a_survey_goes_on_past_what_it_cannot_tell(tmp_path: Path) -> None:
    class Entry:
        name = "x"

        def is_symlink(self) -> bool:
            return False

        def is_dir(self, **_: bool) -> bool:
            return False

        is_file = is_dir

        def stat(self, **_: bool) -> None:
            raise FileNotFoundError

    assert not survey_room._is_special(Entry())  # type: ignore[arg-type]  # a stand-in of four methods
