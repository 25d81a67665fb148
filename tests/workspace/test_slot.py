import os
import stat
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import PolicyError, StateError
from nightshift.workspace import slot as slot_room
from nightshift.workspace.git import GitError
from nightshift.workspace.slot import Slot, slot_folder


def base_files(night: Any) -> dict[str, bytes]:
    return {
        path: night.vault.objects.read(night.base.commit, path)
        for path in night.vault.objects.paths(night.base.tree)
    }


def tracked_inodes(night: Any) -> dict[str, int]:
    return {
        path: (night.slot.path / path).stat().st_ino for path in night.vault.objects.paths(night.base.tree)
    }


def test_setup_agent_and_gate_see_their_tree_at_one_path(night: Any, run_in: Any) -> None:
    seen = []
    for show in (
        lambda: night.slot.show_gate(night.base.tree, head=night.base.commit),
        lambda: night.slot.show_agent(head=night.base.commit),
        lambda: night.slot.show_gate(night.base.tree, head=night.base.commit),
    ):
        show()
        seen.append(run_in(night.slot.path, "pwd -P").stdout.strip())
        assert night.files() == base_files(night)

    assert set(seen) == {str(night.slot.path)}


def test_the_agents_folder_is_its_own(night: Any) -> None:
    night.slot.show_agent(head=night.base.commit)
    (night.slot.path / "agents.txt").write_text("x")
    night.slot.show_gate(night.base.tree, head=night.base.commit)

    assert not (night.slot.path / "agents.txt").exists()
    assert night.slot.snapshot().tree == night.tree_of({"agents.txt": "x"})


DROPPINGS = {
    "an ignored file": "echo poison > build.log",
    "an ignored folder": "mkdir -p build/lib && echo x > build/lib/y",
    "an untracked file": "echo x > extra.py",
    "a poisoned cache": "mkdir -p src/__pycache__ && echo evil > src/__pycache__/app.cpython-311.pyc",
    "a nested repository": "git init -q nested && echo x > nested/y",
    "a pipe": "mkfifo src/pipe",
    "an empty folder": "mkdir -p src/empty/er",
    "a file changed with its time restored": (
        "touch -r src/app.py was; sed -i s/42/43/ src/app.py; touch -r was src/app.py; rm was"
    ),
    "a file written over in place": "printf 'def answer():\\n    return 41\\n' > src/app.py",
    "a mode that was changed": "chmod 600 gate.sh README.md && chmod +x src/app.py",
    "a folder that was closed": "chmod 500 src && chmod 000 tests",
    "a closed root": "chmod 000 .",
    "a file that was deleted": "rm README.md",
    "a folder that was deleted": "rm -rf src",
    "a file replaced by a link": "rm README.md && ln -s /etc/passwd README.md",
    "a folder replaced by a link": "mv src elsewhere && ln -s elsewhere src",
    "a folder replaced by a link out": "rm -rf src && ln -s /etc src",
    "a file replaced by a folder": "rm README.md && mkdir -p README.md/x && touch README.md/x/y",
    "a folder replaced by a file": "rm -rf src/deep && echo x > src/deep",
    "a file replaced by a pipe": "rm README.md && mkfifo README.md",
    "line endings": "sed -i 's/$/\\r/' src/app.py README.md",
    "an index of its own": "rm -rf .git && git init -q && git add -A && git config core.bare true",
    "a .git that points elsewhere": "rm -rf .git && echo 'gitdir: /nowhere' > .git",
    "no .git at all": "rm -rf .git",
    "everything gone": "rm -rf .git * .gitignore",
}


@pytest.mark.row("S3.46", "promise 2", "promise 3")
@pytest.mark.parametrize("script", DROPPINGS.values(), ids=DROPPINGS.keys())
def test_the_gate_sees_exactly_the_tree_whatever_ran_there_before(
    night: Any, run_in: Any, script: str
) -> None:
    tree = night.tree_of({"src/new.py": "n = 1\n"})
    night.slot.show_gate(night.base.tree, head=night.base.commit)
    run_in(night.slot.path, script)

    night.slot.show_gate(tree, head=night.base.commit)

    assert night.files() == base_files(night) | {"src/new.py": b"n = 1\n"}
    modes = {
        str(path.relative_to(night.slot.path)): path.lstat().st_mode
        for path in night.slot.path.rglob("*")
        if ".git" not in path.relative_to(night.slot.path).parts[:1]
    }
    folders = {path: mode for path, mode in modes.items() if stat.S_ISDIR(mode)}
    assert set(folders) == {"src", "src/deep", "src/deep/er", "tests"}
    assert set(folders.values()) == {stat.S_IFDIR | 0o755}
    assert modes["gate.sh"] == stat.S_IFREG | 0o755
    assert modes["src/app.py"] == stat.S_IFREG | 0o644
    assert run_in(night.slot.path, "git diff --quiet").returncode == 0


@pytest.mark.row("S3.46", "users 2")
@pytest.mark.parametrize(
    "what", ["an ignored folder", "a nested repository", "a closed root", "a .git that points elsewhere"]
)
def test_the_agent_starts_from_the_checkpoint_whatever_the_last_one_left(
    night: Any, run_in: Any, what: str
) -> None:
    night.slot.show_agent(head=night.base.commit)
    run_in(night.slot.path, DROPPINGS[what])

    night.slot.show_agent(head=night.base.commit)

    assert night.files() == base_files(night)
    assert run_in(night.slot.path, "git status --porcelain").stdout == ""


@pytest.mark.row("users 21")
def test_each_folder_is_checked_out_once_and_untouched_files_stay(night: Any) -> None:
    night.slot.show_gate(night.base.tree, head=night.base.commit)
    gate = tracked_inodes(night)
    night.slot.show_agent(head=night.base.commit)
    agent = tracked_inodes(night)

    for number in range(4):
        (night.slot.path / "src" / "app.py").write_text(f"task = {number}\n")
        tree = night.slot.snapshot().tree
        night.slot.show_gate(tree, head=night.base.commit)
        assert {path: ino for path, ino in tracked_inodes(night).items() if path != "src/app.py"} == {
            path: ino for path, ino in gate.items() if path != "src/app.py"
        }
        night.slot.show_agent(head=night.base.commit)
        assert {path: ino for path, ino in tracked_inodes(night).items() if path != "src/app.py"} == {
            path: ino for path, ino in agent.items() if path != "src/app.py"
        }


def test_line_endings_are_those_of_a_fresh_checkout(night: Any, tmp_path: Path) -> None:
    tree = night.tree_of(
        {
            ".gitattributes": "* text=auto\n*.bat text eol=crlf\n",
            "unix.txt": "a\nb\n",
            "kept.txt": "a\r\nb\r\n",
            "run.bat": "a\nb\n",
            "data.bin": b"\0\r\n\n",
        }
    )
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    git = type(night.vault.git)(
        night.vault.folder, home=None, work_tree=fresh, index=tmp_path / "fresh.index"
    )
    git.run("read-tree", "-u", "--reset", tree)

    night.slot.show_gate(night.base.tree, head=night.base.commit)
    for _ in range(2):
        night.slot.show_gate(tree, head=night.base.commit)
        assert night.files() == {
            str(path.relative_to(fresh)): path.read_bytes() for path in fresh.rglob("*") if path.is_file()
        }
        for name in ("unix.txt", "kept.txt", "run.bat"):
            (night.slot.path / name).write_bytes(b"a\rb\r\n")


@pytest.mark.row("users 34")
def test_filters_never_run_and_large_file_pointers_stay_pointers(night: Any, run_in: Any) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    tree = night.tree_of({".gitattributes": "*.bin filter=lfs diff=lfs -text\n", "big.bin": pointer})
    commit = night.vault.commit(
        tree, parent=None, message="m", author=night.project.owner.identity, date="2025-01-01T00:00:00Z"
    )
    night.slot.show_agent(head=commit)

    assert (night.slot.path / "big.bin").read_text() == pointer
    run_in(
        night.slot.path, "git config filter.lfs.clean 'touch ran' && touch big.bin && echo x >> src/app.py"
    )
    assert not (night.slot.path / "ran").exists()
    assert night.vault.objects.read(night.slot.snapshot().tree, "big.bin") == pointer.encode()


def test_a_submodule_is_an_empty_folder(night: Any, run_in: Any) -> None:
    entry = f"160000 {night.base.commit}\tvendored\0".encode()
    index = night.vault.folder / "x.index"
    git = type(night.vault.git)(night.vault.folder, home=None, index=index)
    git.run("read-tree", night.base.tree)
    git.run("update-index", "-z", "--index-info", stdin=entry)
    tree = git.line("write-tree")

    night.slot.show_gate(tree, head=night.base.commit)
    run_in(night.slot.path, "touch vendored/x; git -C vendored init -q")
    night.slot.show_gate(tree, head=night.base.commit)

    assert list((night.slot.path / "vendored").iterdir()) == []


@pytest.mark.row("users 1", "S3.39", "promise 4")
def test_builds_that_ask_git_get_an_answer_and_there_is_no_way_out(night: Any, run_in: Any) -> None:
    for show in (
        lambda: night.slot.show_gate(night.base.tree, head=night.base.commit),
        lambda: night.slot.show_agent(head=night.base.commit),
    ):
        show()
        git = lambda words: run_in(night.slot.path, f"git {words}")  # noqa: E731 - three words said eleven times
        assert git("describe --tags").stdout == "v2\n"
        assert git("describe --tags HEAD~1").stdout == "v1\n"
        assert git("tag").stdout == "v1\nv2\n"
        assert git("rev-parse HEAD").stdout.strip() == night.base.commit
        assert git("log --format=%s").stdout == "gate\nfirst\n"
        assert git("blame -s README.md").returncode == 0
        assert set(git("ls-files").stdout.split()) == set(night.vault.objects.paths(night.base.tree))
        assert git("status --porcelain").stdout == ""
        assert git("remote").stdout == ""
        assert git("push").returncode != 0
        assert git("push origin HEAD").returncode != 0
        assert git("fsck").returncode == 0
        assert git("stash list").stdout == ""


def test_the_agent_may_commit_in_its_throw_away_repository(night: Any, run_in: Any) -> None:
    night.slot.show_agent(head=night.base.commit)

    done = run_in(
        night.slot.path, "echo x > a.txt && git add a.txt && git commit -qm mine && git log -1 --format=%an"
    )

    assert (done.returncode, done.stdout) == (0, "nightshift\n")


def test_the_index_in_the_slot_is_at_the_snapshot_and_head_at_the_tip(night: Any, run_in: Any) -> None:
    night.slot.show_gate(night.tree_of({"new.txt": "x"}), head=night.base.commit)

    assert run_in(night.slot.path, "git status --porcelain").stdout == "A  new.txt\n"
    assert "new.txt" in run_in(night.slot.path, "git ls-files").stdout


def test_a_shallow_base_is_shallow_in_the_slot_too(
    project: Any, vault: Any, tmp_path: Path, run_in: Any
) -> None:
    shallow = tmp_path / "shallow"
    project.git("clone", "-q", "--depth=1", f"file://{project.remote}", str(shallow))
    theirs = type(project)(root=shallow, remote=project.remote, home=project.home)
    base = vault.fetch_base(theirs.owner, theirs.find_base(local=True), project.environ)
    slot = Slot(tmp_path / "slot", vault=vault)

    slot.show_gate(base.tree, head=base.commit)

    assert run_in(slot.path, "git log --format=%s").stdout == "gate\n"


def test_a_sha256_base_is_shown(project: Any, vault: Any, tmp_path: Path, run_in: Any) -> None:
    project.git("init", "-q", "--object-format=sha256", str(tmp_path / "wide"))
    wide = type(project)(root=tmp_path / "wide", remote=project.remote, home=project.home)
    wide.commit({"a.txt": "a\n"})
    base = vault.fetch_base(wide.owner, wide.find_base(), project.environ)
    slot = Slot(tmp_path / "slot", vault=vault)

    slot.show_agent(head=base.commit)
    (slot.path / "b.txt").write_text("b\n")
    snapshot = slot.snapshot()

    assert run_in(slot.path, "git status --porcelain").stdout == "?? b.txt\n"
    assert vault.objects.paths(snapshot.tree) == ("a.txt", "b.txt")


@pytest.mark.row("users 2", "promise 1")
@pytest.mark.parametrize("show", ["agent", "gate"])
def test_a_slot_that_was_swapped_for_the_owners_checkout_is_let_go_of(
    night: Any, tmp_path: Path, show: str
) -> None:
    night.slot.show_agent(head=night.base.commit)
    night.slot.path.rename(tmp_path / "away")
    night.slot.path.symlink_to(night.project.root)
    before = night.project.photograph()

    snapshot = night.slot.snapshot()
    if show == "agent":
        night.slot.show_agent(head=night.base.commit)
    else:
        night.slot.show_gate(night.base.tree, head=night.base.commit)

    assert snapshot.tree is None
    assert "removed or replaced" in snapshot.unreadable[0].message
    assert night.project.photograph() == before
    assert night.files() == base_files(night)
    night.slot.show_agent(head=night.base.commit)
    assert night.files() == base_files(night)


def test_a_slot_whose_folder_is_gone_is_built_anew(night: Any) -> None:
    night.slot.show_agent(head=night.base.commit)
    os.rename(night.slot.path, night.slot.folder / "hidden")  # noqa: PTH104 - as an agent would

    night.slot.show_gate(night.base.tree, head=night.base.commit)
    night.slot.show_agent(head=night.base.commit)

    assert night.files() == base_files(night)


@pytest.mark.row("promise 3")
def test_an_index_that_somebody_else_wrote_is_not_believed(night: Any) -> None:
    night.slot.show_gate(night.base.tree, head=night.base.commit)
    (night.slot.path / "src" / "app.py").write_text("evil = True\n")
    git = type(night.vault.git)(
        night.vault.folder, home=None, work_tree=night.slot.path, index=night.slot.folder / "gate.index"
    )
    git.run("update-index", "--skip-worktree", "src/app.py")

    night.slot.show_gate(night.base.tree, head=night.base.commit)

    assert night.files() == base_files(night)


def test_an_index_that_was_tampered_with_gives_no_snapshot(night: Any) -> None:
    night.slot.show_agent(head=night.base.commit)
    index = night.slot.folder / "agent.index"
    index.write_bytes(index.read_bytes())

    assert night.slot.snapshot().tree is None


def test_a_checkout_that_git_stumbles_over_is_made_anew(night: Any) -> None:
    night.slot.show_gate(night.base.tree, head=night.base.commit)
    (night.slot.folder / "gate.index.lock").write_text("")

    night.slot.show_gate(night.base.tree, head=night.base.commit)

    assert night.files() == base_files(night)


def test_a_tree_that_is_not_there_is_an_error(night: Any) -> None:
    with pytest.raises(GitError):
        night.slot.show_gate("0" * 40, head=night.base.commit)


def test_what_setup_left_beside_what_is_carried_is_listed(night: Any, run_in: Any) -> None:
    slot = night.slot_with(".venv")
    assert slot.droppings() == ()
    slot.show_gate(night.base.tree, head=night.base.commit)
    run_in(
        slot.path,
        "mkdir -p .venv/bin build/lib src/app.egg-info; touch .venv/x build/lib/y a.log src/app.egg-info/z",
    )

    assert slot.keep_carried() == ()

    assert slot.droppings() == ("a.log", "build/", "src/app.egg-info/")
    slot.close()


@pytest.mark.row("promise 7")
def test_closing_leaves_nothing_whatever_is_in_the_slot(night: Any, run_in: Any) -> None:
    night.slot.show_agent(head=night.base.commit)
    run_in(
        night.slot.path,
        "mkfifo pipe; mkdir -p a/b; chmod 000 a; n=$(printf 'x%.0s' $(seq 200));"
        "i=0; while [ $i -lt 100 ]; do mkdir $n && cd -P $n; i=$((i+1)); done",
    )

    night.slot.close()
    night.slot.close()

    assert not night.slot.folder.exists()


def test_a_slot_that_a_killed_night_left_is_cleared_first(night: Any) -> None:
    night.slot.folder.mkdir()
    (night.slot.folder / "tree").mkdir()
    (night.slot.folder / "tree" / "old").write_text("x")

    night.slot.show_gate(night.base.tree, head=night.base.commit)

    assert night.files() == base_files(night)
    assert stat.S_IMODE(night.slot.folder.stat().st_mode) == 0o700


def test_a_slot_that_cannot_be_made_says_why(night: Any, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    slot = Slot(tmp_path / "file" / "slot", vault=night.vault)

    with pytest.raises(StateError, match="cannot be used"):
        slot.show_gate(night.base.tree, head=night.base.commit)


def test_a_slot_lies_in_the_state_folder_where_its_path_is_plain(tmp_path: Path) -> None:
    assert (
        slot_folder(tmp_path, "20250601-120000-abcd") == tmp_path / "runs" / "20250601-120000-abcd" / "slot"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["my state", "c++", "späte", "Application Support"])
def test_a_slot_lies_elsewhere_where_the_state_folder_has_an_odd_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_room.tempfile, "gettempdir", lambda: str(tmp_path))

    assert slot_folder(tmp_path / name, "r-1") == tmp_path / f"nightshift-{os.getuid()}-r-1"

    monkeypatch.setattr(slot_room.tempfile, "gettempdir", lambda: str(tmp_path / name))
    assert slot_folder(tmp_path / name, "r-1") == Path("/tmp").resolve() / f"nightshift-{os.getuid()}-r-1"


@pytest.mark.parametrize(
    "name", ["", ".", "/etc", "../x", "a/../b", ".git", ".git/hooks", "a//b", "x\0y", "./."]
)
def test_a_carried_name_that_leads_out_of_the_tree_is_refused(night: Any, name: str) -> None:
    with pytest.raises(PolicyError, match=r"gate\.carry"):
        Slot(night.slot.folder, vault=night.vault, carry=(name,))
