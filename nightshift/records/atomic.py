"""Writing a file so that a reader, or a power cut, sees the old one or the new one."""

import os
from contextlib import suppress
from pathlib import Path

from nightshift.errors import StateError


def write_atomically(path: Path, data: bytes, *, mode: int = 0o600) -> None:
    """Write a neighbour, flush it to the disk, and put it in the file's place."""
    try:
        _replace(path, data, mode=mode)
        flush_folder(path.parent)
    except OSError as error:
        raise unwritable(str(path), error) from error


def unwritable(what: str, error: OSError) -> StateError:
    """Return the refusal of a file of ours that cannot be written."""
    return StateError(
        f"{what} cannot be written: {error.strerror}",
        tip="free some space, or point NIGHTSHIFT_STATE_DIR at a folder you can write to",
    )


def flush_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(path: Path, data: bytes, *, mode: int) -> None:
    neighbour = path.with_name(f".{os.urandom(8).hex()}.tmp")
    try:
        _write_through(neighbour, data, mode=mode)
        neighbour.replace(path)
    finally:
        with suppress(OSError):
            neighbour.unlink()


def _write_through(path: Path, data: bytes, *, mode: int) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb", buffering=0) as file:
        os.fchmod(descriptor, mode)
        left = memoryview(data)
        while left:
            left = left[file.write(left) :]
        os.fsync(descriptor)
