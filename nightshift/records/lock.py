"""One night at a time for a repository: a lock that the kernel frees when its holder dies."""

import errno
import fcntl
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from nightshift.errors import LockedError, StateError
from nightshift.records.state import lock_folder, make_private, repository_key

_LONGEST_NOTE = 4096


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Lock:
    """Holds a repository while the `with` block runs; no child inherits it, and kill -9 frees it."""

    def __init__(
        self,
        common_dir: Path,
        *,
        environ: Mapping[str, str],
        run: str = "",
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        self.path = lock_folder(environ=environ) / f"{repository_key(common_dir)}.lock"
        self._run = run
        self._now = now
        self._descriptor: int | None = None

    def __enter__(self) -> Self:
        make_private(self.path.parent)
        descriptor = self._opened()
        try:
            self._take(descriptor)
            self._descriptor = descriptor
        finally:
            if self._descriptor is None:
                os.close(descriptor)
        return self

    def __exit__(self, *_: object) -> None:
        if self._descriptor is not None:
            with suppress(OSError):
                os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None

    def _opened(self) -> int:
        try:
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise _unusable(self.path, error) from error

    def _take(self, descriptor: int) -> None:
        """Lock the file and write down who holds it."""
        note = {"pid": os.getpid(), "started": self._now().astimezone(UTC).isoformat(timespec="seconds")}
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(note | {"run": self._run}).encode() + b"\n", 0)
        except BlockingIOError as error:
            raise LockedError(
                f"another night holds this repository: {_holder(descriptor)}",
                tip="wait until it has ended; a lock is never left behind, so there is nothing to delete",
            ) from error
        except OSError as error:
            raise _unusable(self.path, error) from error


def _unusable(path: Path, error: OSError) -> StateError:
    hint = "locks do not work on every network file system: HOME must be on one that has them"
    return StateError(
        f"the lock {path} cannot be used: {error.strerror}",
        tip=hint if error.errno in {errno.ENOLCK, errno.EOPNOTSUPP} else "make the folder it is in writable",
    )


def _holder(descriptor: int) -> str:
    """Say who wrote the note; it may be one moment too early to know."""
    try:
        note = json.loads(os.pread(descriptor, _LONGEST_NOTE, 0))
        run = f", run {note['run']}" if note["run"] else ""
        return f"pid {note['pid']}, since {note['started']}{run}"
    except (ValueError, KeyError, TypeError):
        return "it has only just started"
