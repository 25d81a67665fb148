"""The HOMEs of programs that nobody trusts: empty at each start, with a TMPDIR of a short name."""

import hashlib
import os
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import StateError
from nightshift.records import make_private
from nightshift.workspace.clear import clear


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """A HOME and the TMPDIR that belongs to it."""

    folder: Path
    temporary: Path


def fresh_home(folder: Path) -> Home:
    """Empty a HOME and its TMPDIR, or make them: code of an earlier task may have run there."""
    home = Home(folder=folder, temporary=_temporary(folder))
    forget_home(folder)
    make_private(folder)
    try:
        home.temporary.mkdir(mode=0o700)
    except OSError as error:
        raise StateError(
            f"{home.temporary} cannot be made: {error.strerror}",
            tip="point TMPDIR at a folder you can write to",
        ) from error
    return home


def forget_home(folder: Path) -> None:
    """Remove a HOME and its TMPDIR, unless that belongs to somebody else."""
    clear(folder)
    temporary = _temporary(folder)
    if _is_ours(temporary):
        clear(temporary)


def _temporary(folder: Path) -> Path:
    """Name a TMPDIR; a socket's path has room for about a hundred characters, so it lies near the top."""
    name = hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"ns-{name}"


def _is_ours(folder: Path) -> bool:
    try:
        found = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
