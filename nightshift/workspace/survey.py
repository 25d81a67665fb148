"""A look around an agent's folder before git sees it: what would hold git up, and what it cannot enter."""

import os
import stat
from collections.abc import Collection
from contextlib import suppress
from pathlib import Path

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_LONGEST = 4000
"""Longer paths than this no program opens by name; git gives up on them as well."""


def survey(top: Path, *, but_not: Collection[str]) -> tuple[str, ...]:
    """Walk a folder without following a link; return the folders that cannot be entered.

    Pipes, sockets and devices are removed on the way: they are no files to git, and one of them
    in the place of a .gitignore or of a nested .git/HEAD would let git wait for ever.
    """
    closed: list[str] = []
    waiting = [""]
    while waiting:
        path = waiting.pop()
        below = _folders_in(top, path)
        if below is None:
            closed.append(path)
        else:
            waiting += [child for child in below if child not in but_not]
    return tuple(sorted(closed))


def _folders_in(top: Path, path: str) -> list[str] | None:
    """Name the folders in a folder and rid it of special files; None when it cannot be entered."""
    if len(os.fsencode(path)) > _LONGEST:
        return None
    try:
        fd = os.open(top / path, _OPEN)
    except OSError:
        return None
    try:
        with os.scandir(fd) as entries:
            found = list(entries)
        for entry in found:
            if _is_special(entry):
                with suppress(OSError):
                    os.unlink(entry.name, dir_fd=fd)
        folders = [entry.name for entry in found if entry.is_dir(follow_symlinks=False)]
    finally:
        os.close(fd)
    return [f"{path}/{name}" if path else name for name in folders]


def _is_special(entry: os.DirEntry[str]) -> bool:
    if entry.is_symlink() or entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False):
        return False
    try:
        mode = entry.stat(follow_symlinks=False).st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_ISLNK(mode))
