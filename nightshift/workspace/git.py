"""Git as nightshift starts it: it reads no configuration, hook or list that an agent could write."""

import os
import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from nightshift.errors import ContainmentError, ExitCode, NightshiftError, PreflightError
from nightshift.workspace import process
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.process import Completed, Ended

OLDEST = (2, 34)
LIMIT_BYTES = 512 * 1024 * 1024
_LITTLE_BYTES = 4 * 1024 * 1024
NOWHERE = Path("/nonexistent/nightshift")

_SETTINGS = (
    "core.hooksPath=/dev/null",
    "core.fsmonitor=false",
    "core.untrackedCache=false",
    "core.splitIndex=false",
    "core.excludesFile=/dev/null",
    "core.attributesFile=/dev/null",
    "core.autocrlf=false",
    "core.safecrlf=false",
    "core.logAllRefUpdates=false",
    "commit.gpgSign=false",
    "submodule.recurse=false",
    "fetch.recurseSubmodules=false",
    "fetch.writeCommitGraph=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",
    "protocol.file.allow=always",
    "protocol.version=2",
)
_OPTIONS = tuple(word for setting in _SETTINGS for word in ("-c", setting))
_ENVIRONMENT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_SYSTEM": "/dev/null",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_DEFAULT_REF_FORMAT": "files",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_ASKPASS": "",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C.UTF-8",
}


class GitError(NightshiftError):
    """A git command of ours failed, did not end in time, or could not be started."""

    exit_code: ClassVar[ExitCode] = ExitCode.PREFLIGHT

    def __init__(self, message: str, *, tip: str = "", ended: Ended = Ended.EXITED) -> None:
        super().__init__(message, tip=tip)
        self.ended = ended


@dataclass(frozen=True, slots=True)
class Git:
    """Git on one git directory; `home` None stands for a HOME that does not exist.

    Git directory, work tree and index are always named, so nothing is ever looked for. `config`
    is what the git directory's configuration must hold: one that differs is never read.
    """

    git_dir: Path
    home: Path | None = field(kw_only=True)
    work_tree: Path | None = field(default=None, kw_only=True)
    index: Path | None = field(default=None, kw_only=True)
    config: bytes | None = field(default=None, kw_only=True)
    interruption: Interruption | None = field(default=None, kw_only=True)

    def run(
        self,
        *args: str,
        stdin: bytes = b"",
        timeout_seconds: float = 300,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        keep_bytes: int = 256 * 1024,
    ) -> Completed:
        """Run a git command; with `check` anything but exit 0 is a GitError."""
        self._verify()
        completed = process.run(
            [program(), *_OPTIONS, *args],
            cwd=Path("/"),  # inside no work tree, which would narrow what git lists
            env=self._environment() | (dict(env) if env else {}),
            stdin=stdin,
            timeout_seconds=timeout_seconds,
            keep_bytes=keep_bytes,
            interruption=self.interruption,
        )
        if check and not completed.ok:
            raise failed(completed, args, tip=_room(self.git_dir))
        return completed

    def line(self, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> str:
        """Return the one line that a git command prints."""
        return self.run(*args, stdin=stdin, env=env).stdout.decode("utf-8", "surrogateescape").strip("\n")

    def succeeds(self, *args: str) -> bool:
        """Tell whether a git command exits 0; one that hangs or cannot start is a GitError."""
        completed = self.run(*args, check=False)
        if completed.ended is not Ended.EXITED:
            raise failed(completed, args)
        return completed.ok

    def _verify(self) -> None:
        if self.config is None:
            return
        path = self.git_dir / "config"
        try:
            found = path.read_bytes()
        except OSError as error:
            raise GitError(f"{path} cannot be read: {error.strerror}") from error
        if found != self.config:
            raise ContainmentError(
                f"{path} was changed by somebody else, so git is not started with it",
                tip=f"look at it, then remove {path}; the next night writes it anew",
            )

    def _environment(self) -> dict[str, str]:
        places = {
            "PATH": search_path(os.environ),
            "HOME": str(self.home or NOWHERE),
            "GIT_DIR": str(self.git_dir),
            "GIT_CEILING_DIRECTORIES": str(self.git_dir.parent),
        }
        if self.work_tree is not None:
            places["GIT_WORK_TREE"] = str(self.work_tree)
        if self.index is not None:
            places["GIT_INDEX_FILE"] = str(self.index)
        return _ENVIRONMENT | places

    def bytes(self, *args: str, stdin: bytes = b"", timeout_seconds: float = 300) -> bytes:
        """Return all that a git command prints, up to 512 MiB; more is a GitError."""
        completed = self.run(*args, stdin=stdin, timeout_seconds=timeout_seconds, keep_bytes=LIMIT_BYTES)
        if completed.stdout_bytes > LIMIT_BYTES:
            raise GitError(
                f"git {_command(args)} printed {completed.stdout_bytes} bytes, which is more than we read"
            )
        return completed.stdout


def search_path(environ: Mapping[str, str]) -> str:
    """Return the absolute folders of PATH: what stands in the current folder is never a program."""
    folders = environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(folder for folder in folders if folder.startswith("/"))


def program() -> str:
    """Find git on PATH; PreflightError when it is not there."""
    found = shutil.which("git", path=search_path(os.environ))
    if found is None:
        raise PreflightError("git was not found on PATH", tip="install git 2.34 or newer")
    return found


def require_git(version: str | None = None) -> str:
    """Return git's version, asked for or given; PreflightError when it is older than 2.34."""
    if version is None:
        completed = process.run(
            [program(), "version"],
            cwd=Path("/"),
            env=_ENVIRONMENT | {"HOME": str(NOWHERE)},
            timeout_seconds=30,
        )
        version = completed.stdout.decode("utf-8", "replace")
    found = re.search(r"(\d+)\.(\d+)(?:\.\d+)*", version)
    if found is None:
        raise PreflightError(f"git does not say its version but: {version.strip()[:80]!r}", tip="install git")
    if (int(found[1]), int(found[2])) < OLDEST:
        raise PreflightError(f"git {found[0]} is too old", tip="install git 2.34 or newer")
    return found[0]


def _room(folder: Path) -> str:
    """Return what to do about a disk that is full; git often says only that it could not write."""
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return ""
    return (
        f"no space left on the disk of {folder}: make some, then start again" if free < _LITTLE_BYTES else ""
    )


def failed(completed: Completed, args: tuple[str, ...], *, tip: str = "") -> GitError:
    """Say how a git command failed, with the end of what it said; its arguments may hold secrets."""
    how = {
        Ended.NOT_STARTED: f"could not be started: {completed.error}",
        Ended.TIMED_OUT: f"was still running after {completed.seconds:.0f} seconds and was stopped",
        Ended.INTERRUPTED: "was interrupted",
    }.get(completed.ended, f"failed with exit {completed.exit_code}")
    said = completed.tail(5).strip()
    return GitError(
        f"git {_command(args)} {how}" + (f": {said}" if said else ""), tip=tip, ended=completed.ended
    )


def _command(args: tuple[str, ...]) -> str:
    """Return the name of the command among its arguments, past the settings before it."""
    while args[0] == "-c":
        args = args[2:]
    return args[0]
