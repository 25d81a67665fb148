"""Where nightshift keeps its own things: never in the owner's repository."""

import hashlib
import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from nightshift.errors import StateError

_NAME = "nightshift-runner"
_LONGEST_NAME = 40
_BELOW_HOME = {"linux": (".local", "state"), "darwin": ("Library", "Application Support")}
_OTHERWISE = "point NIGHTSHIFT_STATE_DIR at a folder you can write to"


def repository_key(common_dir: Path) -> str:
    """Name a repository by its folder, and by the digits of its git common dir's real path."""
    real = Path(os.path.realpath(common_dir))
    digits = hashlib.sha256(os.fsencode(real)).hexdigest()[:12]
    name = real.parent.name if real.name == ".git" else real.name.removesuffix(".git")
    cleaned = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:_LONGEST_NAME]
    return f"{cleaned or 'repository'}-{digits}"


def state_folder(common_dir: Path, *, environ: Mapping[str, str]) -> Path:
    """Return where the records of a repository lie; nothing is created."""
    return _records(environ) / repository_key(common_dir)


def lock_folder(*, environ: Mapping[str, str]) -> Path:
    """Return the user's folder of locks, which no setting moves: two nights must meet there."""
    return _users_place(environ) / "locks"


def make_private(folder: Path) -> Path:
    """Create a folder for the owner's eyes only, with the folders above it."""
    try:
        for missing in reversed([folder, *folder.parents]):
            if not os.path.lexists(missing):
                missing.mkdir(mode=0o700, exist_ok=True)
        if not folder.is_dir():
            raise NotADirectoryError(0, "there is a file in its place")
        if folder.stat().st_mode & 0o077:
            folder.chmod(0o700)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(0, "it is not writable")
    except OSError as error:
        raise StateError(f"the folder {folder} cannot be used: {error.strerror}", tip=_OTHERWISE) from error
    return folder


def _records(environ: Mapping[str, str]) -> Path:
    chosen = environ.get("NIGHTSHIFT_STATE_DIR")
    if chosen:
        if not Path(chosen).is_absolute():
            raise StateError(
                f"NIGHTSHIFT_STATE_DIR is not an absolute path: {chosen}", tip="give the whole path"
            )
        return Path(chosen)
    xdg = environ.get("XDG_STATE_HOME", "")
    return Path(xdg) / _NAME if Path(xdg).is_absolute() else _users_place(environ)


def _users_place(environ: Mapping[str, str]) -> Path:
    home = Path(environ.get("HOME", ""))
    if not home.is_absolute():
        raise StateError(
            "HOME is not set, so there is no place for nightshift's own records",
            tip="set HOME to your home folder: in a crontab a line HOME=/home/you above the job",
        )
    return home.joinpath(*_BELOW_HOME.get(sys.platform, _BELOW_HOME["linux"]), _NAME)
