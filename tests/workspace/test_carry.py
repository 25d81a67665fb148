import os
import stat
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import ContainmentError
from nightshift.workspace import carry as carry_room

SETUP = """
mkdir -p .venv/bin .venv/lib/pkg frontend/node_modules/x src
echo '#!/bin/sh' > .venv/bin/tool; chmod 755 .venv/bin/tool
echo 'x = 1' > .venv/lib/pkg/m.py; touch -d '2020-01-01' .venv/lib/pkg/m.py
ln -s lib .venv/lib64; ln -s /usr/bin/env .venv/bin/python
mkdir .venv/readonly; echo r > .venv/readonly/f; chmod 444 .venv/readonly/f; chmod 555 .venv/readonly
mkfifo .venv/pipe
echo y > frontend/node_modules/x/i.js
echo 'version = "1"' > src/_version.py
"""
CARRY = (".venv/", "frontend/node_modules", "./src/_version.py")


@pytest.fixture
def carrying(night: Any, run_in: Any) -> Any:
    """Give a slot whose setup has run and whose carried paths are kept."""
    slot = night.slot_with(*CARRY, "missing")
    slot.show_gate(night.base.tree, head=night.base.commit)
    assert run_in(slot.path, SETUP).returncode == 0
    assert slot.keep_carried() == ("missing",)
    yield slot
    slot.close()


def pristine(slot: Any) -> dict[str, tuple[int, int, bytes]]:
    """Return mode, time and contents of all that is carried, as it stands at the slot's path."""
    seen = {}
    for top in (".venv", "frontend", "src/_version.py"):
        for path in (slot.path / top, *(slot.path / top).rglob("*")):
            found = path.lstat()
            held = (
                str(path.readlink()).encode()
                if path.is_symlink()
                else path.read_bytes()
                if path.is_file()
                else b""
            )
            time = found.st_mtime_ns if path.name != "frontend" else 0
            seen[str(path.relative_to(slot.path))] = (found.st_mode, time, held)
    return seen


def show(night: Any, slot: Any, role: str) -> None:
    if role == "agent":
        slot.show_agent(head=night.base.commit)
    else:
        slot.show_gate(night.base.tree, head=night.base.commit)


def test_what_setup_made_is_given_to_agent_and_gate_as_it_was(night: Any, carrying: Any) -> None:
    kept = carrying.folder / "pristine"
    show(night, carrying, "gate")
    first = pristine(carrying)

    assert first[".venv/lib/pkg/m.py"] == (stat.S_IFREG | 0o644, 1577836800 * 10**9, b"x = 1\n")
    assert first[".venv/bin/python"][2] == b"/usr/bin/env"
    assert first[".venv/readonly"][0] == stat.S_IFDIR | 0o555
    assert first["src/_version.py"][2] == b'version = "1"\n'
    assert ".venv/pipe" not in first
    show(night, carrying, "agent")
    assert pristine(carrying) == first
    for path in (path for path in first if (carrying.path / path).is_file()):
        assert (carrying.path / path).lstat().st_ino != (kept / path).lstat().st_ino


POISON = {
    "a file written in place": "echo evil >> .venv/lib/pkg/m.py",
    "a file changed with its time restored": (
        "echo 'x = 2' > .venv/lib/pkg/m.py && touch -d '2020-01-01' .venv/lib/pkg/m.py"
    ),
    "a file more": "mkdir .venv/lib/evil; echo evil > .venv/lib/evil/sitecustomize.py",
    "a poisoned cache": "mkdir -p .venv/lib/pkg/__pycache__ && echo evil > .venv/lib/pkg/__pycache__/m.pyc",
    "a file fewer": "rm .venv/bin/tool",
    "a link turned": "ln -sfn /tmp .venv/lib64",
    "a file for a folder": "rm -rf .venv/lib && echo x > .venv/lib",
    "a folder for a file": "rm .venv/bin/tool && mkdir .venv/bin/tool && touch .venv/bin/tool/x",
    "modes": "chmod 000 .venv/bin .venv/lib/pkg; chmod 600 .venv/bin/tool",
    "a link for the whole": "rm -rf .venv; ln -s /etc .venv",
    "nothing at all": "rm -rf .venv frontend src/_version.py",
    "a file for the whole": "rm -rf .venv; echo x > .venv",
    "a link for its parent": "rm -rf frontend; mkdir other; ln -s other frontend",
    "a time": "touch .venv .venv/lib .venv/lib/pkg/m.py",
}


@pytest.mark.row("promise 3", "users 6")
@pytest.mark.parametrize(
    ("role", "poison"),
    [*(("gate", poison) for poison in POISON.values()), ("agent", POISON["a file written in place"])],
    ids=[*POISON, "by the agent"],
)
def test_who_comes_next_sees_it_pristine(
    night: Any, carrying: Any, run_in: Any, poison: str, role: str
) -> None:
    show(night, carrying, role)
    before = pristine(carrying)
    run_in(carrying.path, poison)

    show(night, carrying, "gate")
    assert pristine(carrying) == before
    show(night, carrying, "agent")
    assert pristine(carrying) == before


def test_what_nobody_touched_is_not_copied_again(night: Any, carrying: Any, run_in: Any) -> None:
    show(night, carrying, "gate")
    show(night, carrying, "gate")
    inodes = {path: path.lstat().st_ino for path in (carrying.path / ".venv").rglob("*")}
    run_in(carrying.path, "echo evil > .venv/bin/tool")

    show(night, carrying, "gate")

    changed = {path.name for path, inode in inodes.items() if path.lstat().st_ino != inode}
    assert changed <= {"tool"}


def test_a_change_within_one_tick_of_the_clock_is_not_trusted(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    old = carry_room.Stamp(stat.S_IFREG, 1, 1, 1, 1)
    now = carry_room.Stamp.of(str(tmp_path / "file"))
    assert now is not None
    late = carry_room.Stamp(now.mode, 1, 1, now.changed_ns + 10**12, 1)

    assert carry_room._sure({"old": old, "late": late}, beside=tmp_path) == {"old": old}


@pytest.mark.row("S3.62")
@pytest.mark.parametrize("poison", [*POISON.values(), "echo x > .venv/new"])
def test_what_is_carried_is_part_of_no_snapshot(night: Any, carrying: Any, run_in: Any, poison: str) -> None:
    carrying.show_agent(head=night.base.commit)
    run_in(carrying.path, f"({poison}); echo y > honest.txt")

    changed = set(night.vault.objects.paths(carrying.snapshot().tree)) - set(
        night.vault.objects.paths(night.base.tree)
    )

    assert changed <= {"honest.txt", "frontend"}
    assert "honest.txt" in changed


def test_what_is_carried_is_part_of_no_snapshot_though_it_is_not_ignored(night: Any, run_in: Any) -> None:
    tree = night.tree_of({".gitignore": "", "src/_version.py": "version = '0'\n"})
    commit = night.vault.commit(
        tree, parent=None, message="m", author=night.project.owner.identity, date="2025-01-01T00:00:00Z"
    )
    slot = night.slot_with(".venv", "src/_version.py")
    slot.show_gate(tree, head=commit)
    run_in(slot.path, "mkdir .venv; touch .venv/x; echo \"version = '1'\" > src/_version.py")
    slot.keep_carried()

    slot.show_agent(head=commit)
    assert (slot.path / "src" / "_version.py").read_text() == "version = '1'\n"
    assert run_in(slot.path, "git status --porcelain .venv").stdout == ""
    assert slot.snapshot().tree == tree
    run_in(slot.path, "rm src/_version.py")
    assert slot.snapshot().tree == tree
    slot.close()


def test_a_carried_name_behind_a_link_is_not_followed(night: Any, run_in: Any, tmp_path: Path) -> None:
    (tmp_path / "outside" / "modules").mkdir(parents=True)
    slot = night.slot_with("link/modules")
    slot.show_gate(night.base.tree, head=night.base.commit)
    run_in(slot.path, f"ln -s {tmp_path}/outside link")

    assert slot.keep_carried() == ("link/modules",)
    assert (tmp_path / "outside" / "modules").is_dir()
    slot.close()


@pytest.mark.row("promise 1")
def test_a_tree_that_puts_a_link_above_a_carried_name_leads_nowhere(
    night: Any, carrying: Any, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    git = type(night.vault.git)(night.vault.folder, home=None, index=night.vault.folder / "x.index")
    git.run("read-tree", night.base.tree)
    blob = night.vault.write_blob(str(outside).encode())
    git.run("update-index", "-z", "--index-info", stdin=f"120000 {blob}\tfrontend\0".encode())

    carrying.show_gate(git.line("write-tree"), head=night.base.commit)

    assert (carrying.path / "frontend").is_symlink()
    assert list(outside.iterdir()) == []


def test_files_shared_with_a_package_cache_are_made_our_own(night: Any, tmp_path: Path) -> None:
    cache = tmp_path / "cache.py"
    cache.write_text("x = 1\n")
    slot = night.slot_with(".venv")
    slot.show_gate(night.base.tree, head=night.base.commit)
    (slot.path / ".venv").mkdir()
    os.link(cache, slot.path / ".venv" / "shared.py")
    slot.keep_carried()
    cache.write_text("x = 'poisoned later'\n")

    slot.show_gate(night.base.tree, head=night.base.commit)

    assert (slot.path / ".venv" / "shared.py").read_text() == "x = 1\n"
    slot.close()


def test_a_folder_that_may_not_be_written_is_kept_with_its_mode(night: Any) -> None:
    slot = night.slot_with("closed")
    slot.show_gate(night.base.tree, head=night.base.commit)
    (slot.path / "closed").mkdir()
    (slot.path / "closed" / "file").write_text("x")
    (slot.path / "closed").chmod(0o555)
    slot.keep_carried()

    slot.show_gate(night.base.tree, head=night.base.commit)

    assert stat.S_IMODE((slot.path / "closed").stat().st_mode) == 0o555
    slot.close()


@pytest.mark.row("promise 3")
def test_a_store_that_somebody_wrote_into_ends_the_night(night: Any, carrying: Any) -> None:
    (carrying.folder / "pristine" / ".venv" / "bin" / "tool").write_text("evil\n")

    with pytest.raises(ContainmentError, match="which setup made, was changed"):
        carrying.show_gate(night.base.tree, head=night.base.commit)


def test_without_setup_nothing_is_carried_and_nothing_stays(night: Any) -> None:
    slot = night.slot_with(".venv")
    slot.show_gate(night.base.tree, head=night.base.commit)
    assert slot.keep_carried() == (".venv",)
    slot.show_gate(night.base.tree, head=night.base.commit)
    (slot.path / ".venv").mkdir()

    slot.show_gate(night.base.tree, head=night.base.commit)

    assert not (slot.path / ".venv").exists()
    slot.close()
