"""Mending the vault, which is a cache: a damaged one is put aside, and a new one takes its place."""

from pathlib import Path

from nightshift.errors import NightshiftError, StateError
from nightshift.workspace.clear import clear
from nightshift.workspace.git import Git, GitError
from nightshift.workspace.process import Ended

MENDED = "our own copy was damaged and made anew"


def may_be_damage(error: NightshiftError) -> bool:
    """Tell whether a vault that is damaged could be behind it; a full disk, a signal and slowness are not."""
    cause = error if isinstance(error, GitError) else error.__cause__
    return isinstance(cause, GitError) and not cause.tip and cause.ended is Ended.EXITED


def see_readable(git: Git, tree: str) -> None:
    """See that the trees below a tree can be read, and where each of its files begins; GitError if not."""
    listed = git.bytes("ls-tree", "-r", "-l", "-z", "--full-tree", tree)
    for entry in listed.split(b"\0"):
        meta, _, path = entry.partition(b"\t")
        if meta.endswith(b" BAD"):  # in place of a size
            raise GitError(f"{path.decode('utf-8', 'replace')!r} cannot be read in {git.git_dir}")


def put_aside(folder: Path) -> Path:
    """Move a vault out of the way, where its nights can still be looked for; return where it lies."""
    number = max((_number(old) for old in _put_aside(folder)), default=0) + 1
    aside = folder.with_name(f"{folder.name}.damaged-{number}")
    try:
        folder.rename(aside)
    except OSError as error:
        raise StateError(
            f"{folder} is damaged, and cannot be moved to {aside}: {error.strerror}",
            tip="move it away; the next night makes a new one",
        ) from error
    return aside


def put_back(aside: Path, folder: Path) -> None:
    """Let a vault that was put aside stand where it stood."""
    clear(folder)
    aside.rename(folder)


def keep_newest(folder: Path) -> None:
    """Remove the vaults that were put aside, but for the newest."""
    for old in sorted(_put_aside(folder), key=_number)[:-1]:
        clear(old)


def _put_aside(folder: Path) -> list[Path]:
    return [path for path in folder.parent.glob(f"{folder.name}.damaged-*") if _number(path)]


def _number(aside: Path) -> int:
    text = aside.name.rpartition("-")[2]
    return int(text) if text.isascii() and text.isdigit() else 0
