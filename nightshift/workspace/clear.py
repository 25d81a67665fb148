"""Removing what an agent may have left, however deep, closed or oddly named it is."""

import os
import secrets
import stat
from contextlib import suppress
from pathlib import Path

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


def clear(path: Path) -> bool:
    """Remove a file or a whole folder without following a link; return whether it is gone."""
    parent, name = os.path.split(os.path.abspath(path))  # noqa: PTH100 - resolve() would follow the link itself
    try:
        inside = os.open(parent, _FOLDER & ~os.O_NOFOLLOW)
    except OSError:
        return not os.path.lexists(path)
    try:
        return remove(name, inside=inside)
    finally:
        os.close(inside)


def remove(name: str, *, inside: int) -> bool:
    """Remove one entry of the open folder `inside`; return whether it is gone."""
    if not _remove_entry(name, inside=inside):
        _empty(name, inside=inside)
        with suppress(OSError):
            os.rmdir(name, dir_fd=inside)
    return not _exists(name, inside=inside)


def is_folder(name: str, *, inside: int) -> bool:
    """Tell whether an entry is a folder and no link to one."""
    try:
        return stat.S_ISDIR(os.stat(name, dir_fd=inside, follow_symlinks=False).st_mode)
    except OSError:
        return False


def _empty(top: str, *, inside: int) -> None:
    """Lift every deeper folder up into `top`, one after the other: no depth is too deep for that."""
    fd = _open(top, inside=inside)
    if fd is None:
        return
    try:
        waiting = _strip(fd, into=fd)
        while waiting:
            name = waiting.pop()
            child = _open(name, inside=fd)
            if child is not None:
                try:
                    waiting += _strip(child, into=fd)
                finally:
                    os.close(child)
            _remove_entry(name, inside=fd)
    finally:
        os.close(fd)


def _strip(fd: int, *, into: int) -> list[str]:
    """Remove the entries of a folder; what is no empty folder moves to `into`; return its new names."""
    return [
        lifted
        for name in os.listdir(fd)
        if not _remove_entry(name, inside=fd) and (lifted := _lift(name, inside=fd, into=into))
    ]


def _lift(name: str, *, inside: int, into: int) -> str | None:
    """Move a folder under a name that nobody can have taken."""
    lifted = f".{secrets.token_hex(8)}"
    try:
        if is_folder(name, inside=inside):
            os.chmod(name, 0o700, dir_fd=inside)  # a folder can only be moved when it can be written
        os.rename(name, lifted, src_dir_fd=inside, dst_dir_fd=into)
    except OSError:
        return None
    return lifted


def _remove_entry(name: str, *, inside: int) -> bool:
    """Remove a file, a link or an empty folder."""
    try:
        if is_folder(name, inside=inside):
            os.rmdir(name, dir_fd=inside)
        else:
            os.unlink(name, dir_fd=inside)
    except OSError:
        return False
    return True


def _open(name: str, *, inside: int) -> int | None:
    if not is_folder(name, inside=inside):
        return None
    with suppress(OSError):
        os.chmod(name, 0o700, dir_fd=inside)
    try:
        return os.open(name, _FOLDER, dir_fd=inside)
    except OSError:
        return None


def _exists(name: str, *, inside: int) -> bool:
    try:
        os.stat(name, dir_fd=inside, follow_symlinks=False)
    except FileNotFoundError:
        return False
    return True
