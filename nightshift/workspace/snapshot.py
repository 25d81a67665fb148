"""The snapshot: what stands in the agent's folder as a tree, and what could not be put into one."""

import hashlib
import os
import shutil
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nightshift.model import Place, Severity, Violation
from nightshift.workspace.checkout import Checkout
from nightshift.workspace.clear import clear
from nightshift.workspace.dotgit import escaped
from nightshift.workspace.git import Git, GitError
from nightshift.workspace.survey import survey

RULE = "change.unreadable"
_MOST_BYTES = 256 * 1024 * 1024
_MOST_CULPRITS = 50
_LISTED_BYTES = 64 * 1024 * 1024
_LIST_SECONDS = 300
_ADD_SECONDS = 600
_FILE_MODES = {stat.S_IFREG, stat.S_IFLNK}
_GITLINK = "160000"
_REGULAR = ("100644", "100755")
_CHUNK = 1024 * 1024
_CACHES = (
    *("__pycache__/", ".pytest_cache/", ".hypothesis/", ".mypy_cache/", ".ruff_cache/"),
    ".coverage",
)
"""What every test run leaves behind, whether or not the project ignores it; the gate never sees it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """The tree of a folder, None when the folder itself is gone, and what is not in that tree."""

    tree: str | None
    unreadable: tuple[Violation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Dirty:
    """A tracked path that differs from the index, which holds `mode` and `blob`.

    One that a repository stands in the place of is gone as well.
    """

    path: str
    mode: str
    blob: str
    is_gone: bool


def take_snapshot(checkout: Checkout, *, carry: tuple[str, ...], scratch: Path) -> Snapshot:
    """Put a folder into a tree; a path that git cannot take is left out and named.

    Untracked sockets and pipes are not files to git: they are left out like ignored ones.
    """
    if not (checkout.is_ours and checkout.index_is_ours):
        gone = "the folder the agent worked in was removed or replaced, so nothing in it can be measured"
        return Snapshot(tree=None, unreadable=(_violation(gone, path=None),))
    checkout.unlock()
    clear(scratch)
    shutil.copy2(checkout.index, scratch)  # with its time, by which git knows what to hash again
    closed = survey(checkout.folder, but_not=(".git", *carry))
    try:
        return _Taking(checkout.git(index=scratch), checkout.folder, carry, closed).take()
    except GitError as error:
        broken = f"git could not read the folder the agent worked in: {error.message}"
        return Snapshot(tree=None, unreadable=(_violation(broken, path=None),))


class _Taking:
    """One snapshot in the making: git on a copy of our index, the folder, and the findings so far."""

    def __init__(self, git: Git, folder: Path, carry: tuple[str, ...], closed: tuple[str, ...]) -> None:
        self._git = git
        self._folder = folder
        self._carry = carry
        self._closed = closed
        self._unreadable: list[Violation] = []

    def take(self) -> Snapshot:
        dirty = self._dirty()
        self._remove([found.path for found in dirty if found.is_gone])
        others = self._others()
        changed = [found.path for found in dirty if not found.is_gone and self._differs(found)]
        wanted = self._within_limit([path for path in (*changed, *others) if self._is_file(path)])
        self._add(wanted)
        self._name_those_refused(set(wanted) & set(others))
        tree = self._git.line("write-tree")
        return Snapshot(tree=tree, unreadable=tuple(self._unreadable))

    def _others(self) -> list[str]:
        """List untracked files that are not ignored; a repository within the tree is a finding."""
        excluded = [
            f"--exclude={pattern}" for pattern in (*_CACHES, *(f"/{escaped(name)}" for name in self._carry))
        ]
        paths = self._listed("ls-files", "-z", "--others", "--exclude-standard", *excluded)
        nested = [path for path in paths if path.endswith("/")]
        for path in nested:
            self._refuse(path.rstrip("/"), "is a git repository of its own, which no commit can hold")
        return [path for path in paths if not path.endswith("/")]

    def _dirty(self) -> list[_Dirty]:
        words = self._listed(
            "diff-files", "-z", "--raw", "--no-renames", "--ignore-submodules=dirty", paths=False
        )
        found = []
        for meta, path in zip(words[::2], words[1::2], strict=True):
            mode, new_mode, blob, _, status = meta.removeprefix(":").split(" ")
            is_gone = status == "D" or (new_mode == _GITLINK != mode)
            found.append(_Dirty(path=path, mode=mode, blob=blob, is_gone=is_gone))
        return [each for each in found if not self._is_carried(each.path)]

    def _listed(self, *args: str, paths: bool = True) -> list[str]:
        """Return what a git command lists; where it stumbled, name the folders that it could not enter."""
        completed = self._git.run(*args, timeout_seconds=_LIST_SECONDS, keep_bytes=_LISTED_BYTES)
        if completed.stdout_bytes > _LISTED_BYTES:
            raise GitError(f"git {args[0]} listed more than {_LISTED_BYTES} bytes of paths")
        if completed.stderr.strip():
            self._name_closed_folders()
        words = [word for word in completed.stdout.decode("utf-8", "surrogateescape").split("\0") if word]
        return [word for word in words if not self._is_carried(word)] if paths else words

    def _name_closed_folders(self) -> None:
        for path in self._closed:
            self._refuse(path, "is a folder that cannot be read")
        self._closed = ()

    def _differs(self, found: _Dirty) -> bool:
        """Tell whether it is changed at all: a line ending that git would like better is no change."""
        if found.mode not in _REGULAR:
            return True
        path = self._folder / found.path
        try:
            here = path.lstat()
            same_mode = bool(here.st_mode & stat.S_IXUSR) == (found.mode == "100755")
            if not stat.S_ISREG(here.st_mode) or not same_mode or here.st_size > _MOST_BYTES:
                return True
            return _blob(path, found.blob) != found.blob
        except OSError:
            return True

    def _is_file(self, path: str) -> bool:
        """Tell whether git can store what stands there; if not, it is a finding."""
        try:
            found = (self._folder / path).lstat()
        except OSError as error:
            self._refuse(path, f"cannot be read: {error.strerror}")
            return False
        if stat.S_ISDIR(found.st_mode):
            return True
        if stat.S_IFMT(found.st_mode) not in _FILE_MODES:
            self._refuse(path, "is no file, no folder and no link")
            return False
        if not stat.S_ISLNK(found.st_mode) and not os.access(self._folder / path, os.R_OK):
            self._refuse(path, "cannot be read: Permission denied")
            return False
        return True

    def _within_limit(self, paths: Sequence[str]) -> list[str]:
        """Leave out the largest files when all together are more than anybody would commit."""
        left = _MOST_BYTES
        kept = []
        for size, path in sorted((_size(self._folder / path), path) for path in paths):
            left -= size
            if left < 0:
                self._refuse(path, f"has {size} bytes, which is more than nightshift measures")
            else:
                kept.append(path)
        return kept

    def _remove(self, paths: Sequence[str]) -> None:
        if paths:
            null = "0" * len(self._git.line("hash-object", "--stdin"))
            lines = "".join(f"0 {null}\t{path}\0" for path in paths)
            self._git.run(
                "update-index", "-z", "--index-info", stdin=lines.encode("utf-8", "surrogateescape")
            )

    def _add(self, paths: Sequence[str]) -> None:
        """Add files to the index; halve what git refuses until the culprits stand alone."""
        if not paths:
            return
        lines = "".join(f"{path}\0" for path in paths).encode("utf-8", "surrogateescape")
        try:
            self._git.run(
                *("update-index", "--add", "--remove", "--replace", "-z", "--stdin"),
                stdin=lines,
                timeout_seconds=_ADD_SECONDS,
            )
        except GitError as error:
            if len(self._unreadable) >= _MOST_CULPRITS:
                raise  # it is not the files, then: a full disk, more likely
            if len(paths) == 1:
                self._refuse(paths[0], f"cannot be put into a tree: {error.message}")
                return
            self._add(paths[: len(paths) // 2])
            self._add(paths[len(paths) // 2 :])

    def _name_those_refused(self, added: Iterable[str]) -> None:
        """Name the new files that git left out in silence, since no tree may hold such a name."""
        asked = set(added)
        if not asked:
            return
        held = set(self._git.bytes("ls-files", "-z").decode("utf-8", "surrogateescape").split("\0"))
        refused = {found.place.path for found in self._unreadable if found.place}
        for path in sorted(asked - held - refused):
            self._refuse(path, "has a name that git takes into no tree")

    def _is_carried(self, path: str) -> bool:
        return any(path == name or path.startswith(f"{name}/") for name in self._carry)

    def _refuse(self, path: str, why: str) -> None:
        self._unreadable.append(_violation(f"{_shown(path)} {why}", path=path))


def _violation(message: str, *, path: str | None) -> Violation:
    place = Place(path=path) if path is not None else None
    return Violation(rule=RULE, severity=Severity.CRITICAL, message=message, place=place)


def _shown(path: str) -> str:
    """Spell a path that may hold anything on one line."""
    return path if path.isprintable() else ascii(path)


def _size(path: Path) -> int:
    try:
        return path.lstat().st_size
    except OSError:
        return 0


def _blob(path: Path, like: str) -> str:
    """Return git's name for the very bytes of a file, hashed as the name it is compared with."""
    sums = hashlib.new(
        "sha1" if len(like) == hashlib.sha1(usedforsecurity=False).digest_size * 2 else "sha256"
    )
    sums.update(f"blob {path.lstat().st_size}\0".encode())
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            sums.update(chunk)
    return sums.hexdigest()
