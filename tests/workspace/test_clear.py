import contextlib
import os
import socket
from pathlib import Path

import pytest

from nightshift.workspace import clear as clear_room
from nightshift.workspace.clear import clear


def dig(folder: Path, *, depth: int, name: str = "d") -> None:
    """Make a folder deeper than any path can say."""
    fd = os.open(folder, os.O_RDONLY)
    for _ in range(depth):
        os.mkdir(name, dir_fd=fd)
        below = os.open(name, os.O_RDONLY, dir_fd=fd)
        os.close(fd)
        fd = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=fd))
    os.close(fd)


def test_whatever_an_agent_left_is_removed(tmp_path: Path) -> None:
    top = tmp_path / "top"
    (top / "closed" / "inner").mkdir(parents=True)
    (top / "closed" / "inner" / "file").write_text("x")
    (top / b"\xff\xfe\n".decode("utf-8", "surrogateescape")).write_text("x")
    (top / "-rf").write_text("x")
    os.mkfifo(top / "pipe")
    with socket.socket(socket.AF_UNIX) as listening, contextlib.chdir(top):
        # By its short name: the path of a socket has room for about a hundred characters.
        listening.bind("socket")
    (top / "empty").mkdir()
    dig(top, depth=50, name="n" * 100)
    dig(top, depth=300, name="e")
    (top / "closed").chmod(0)
    top.chmod(0)

    assert clear(top)
    assert not top.exists()


def test_links_are_removed_and_never_followed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("x")
    top = tmp_path / "top"
    (top / "deep").mkdir(parents=True)
    (top / "deep" / "link").symlink_to(kept)
    (tmp_path / "link").symlink_to(kept)

    assert clear(top)
    assert clear(tmp_path / "link")
    assert (kept / "file").read_text() == "x"


def test_what_is_not_there_is_gone(tmp_path: Path) -> None:
    assert clear(tmp_path / "nothing")
    assert clear(tmp_path / "nothing" / "below")


def test_a_file_is_removed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")

    assert clear(tmp_path / "file")


def test_what_cannot_be_removed_is_said_and_the_rest_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    top = tmp_path / "top"
    (top / "a" / "stuck").mkdir(parents=True)
    (top / "a" / "stuck" / "file").write_text("x")
    (top / "a" / "b").mkdir()
    (top / "c").write_text("x")
    real = os.rename

    def refuse(source: str, target: str, **fds: int) -> None:
        if source == "stuck":
            raise PermissionError(1, "immutable")
        real(source, target, **fds)

    monkeypatch.setattr(clear_room.os, "rename", refuse)

    assert not clear(top)
    assert [path.name for path in top.rglob("*") if path.is_file()] == ["file"]


def test_a_folder_that_cannot_be_opened_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = tmp_path / "top"
    (top / "a" / "b").mkdir(parents=True)
    real = os.open

    def refuse(path: str, flags: int, **fds: int) -> int:
        if path == "top" or str(path).startswith("."):
            raise PermissionError(1, "no")
        return real(path, flags, **fds)

    monkeypatch.setattr(clear_room.os, "open", refuse)

    assert not clear(top)
