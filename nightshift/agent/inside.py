"""Writing and deleting files below a folder that others wrote to: no link is followed on the way."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# Without O_NONBLOCK the open of a fifo waits for somebody at its other end.
_FILE = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


def write(root: Path, path: str, data: bytes) -> None:
    """Write a file and the folders above it; the mode of one that is there stays."""
    with _open(root, path, os.O_WRONLY | os.O_CREAT, make=True) as file:
        os.ftruncate(file, 0)
        _write_all(file, data)


def read(root: Path, path: str) -> bytes:
    """Return what a file holds."""
    with _open(root, path, os.O_RDONLY) as file, os.fdopen(os.dup(file), "rb") as reader:
        return reader.read()


def delete(root: Path, path: str) -> None:
    """Delete a file, or a link itself."""
    with _folder_of(root, path) as (folder, name):
        os.unlink(name, dir_fd=folder)


@contextmanager
def _open(root: Path, path: str, flags: int, *, make: bool = False) -> Iterator[int]:
    with _folder_of(root, path, make=make) as (folder, name):
        file = os.open(name, flags | _FILE, 0o666, dir_fd=folder)
        try:
            facts = os.fstat(file)
            if not stat.S_ISREG(facts.st_mode):
                raise OSError(errno.EINVAL, "it is no plain file")
            if facts.st_nlink > 1:
                raise OSError(errno.EMLINK, "it has a second name, which may lie anywhere")
            yield file
        finally:
            os.close(file)


@contextmanager
def _folder_of(root: Path, path: str, *, make: bool = False) -> Iterator[tuple[int, str]]:
    """Open the folder that holds `path`, one step at a time; yield it and the last name."""
    *above, name = PurePosixPath(path).parts
    folder = os.open(root, _FOLDER)
    try:
        for part in above:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, dir_fd=folder)
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder, name
    finally:
        os.close(folder)


def _write_all(file: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(file, left) :]
