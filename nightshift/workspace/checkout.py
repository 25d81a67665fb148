"""A folder that is checked out once and then brought from tree to tree by difference."""

import os
import stat
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from nightshift.workspace.carry import Stamp
from nightshift.workspace.clear import clear, remove
from nightshift.workspace.git import Git, GitError
from nightshift.workspace.vault import Vault

_OPEN = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_GITLINK = "160000"
_CHECKOUT_SECONDS = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What may stand in a folder: files, the folders above them, and what is not looked into."""

    files: Collection[str]
    folders: Collection[str]
    left_alone: Collection[str] = field(default_factory=frozenset)

    @classmethod
    def of(cls, git: Git, tree: str, *, left_alone: tuple[str, ...] = ()) -> "Layout":
        """Read the layout of a tree; a submodule is an empty folder."""
        listed = git.bytes("ls-tree", "-r", "-z", "--full-tree", tree).decode("utf-8", "surrogateescape")
        rows = [entry.partition("\t")[::2] for entry in listed.split("\0") if entry]
        links = {path for meta, path in rows if meta.startswith(_GITLINK)}
        files = {path for _, path in rows} - links
        folders = set(links)
        for path in (*files, *links, *left_alone):
            parent = path.rpartition("/")[0]
            while parent and parent not in folders:
                folders.add(parent)
                parent = parent.rpartition("/")[0]
        return cls(files=files, folders=folders, left_alone=frozenset(left_alone))


class Checkout:
    """One folder of ours with an index of our own beside it; `stands_at` is the tree it was brought to."""

    def __init__(self, folder: Path, *, index: Path, vault: Vault) -> None:
        self.folder = folder
        self.index = index
        self.stands_at: str | None = None
        self._vault = vault
        self._folder_seal: tuple[int, int] | None = None
        self._index_seal: Stamp | None = None
        self._mode = 0o755

    def git(self, *, index: Path | None = None) -> Git:
        """Git on this folder, with the vault as its git directory and an index of ours."""
        return Git(
            self._vault.folder,
            home=self._vault.home,
            work_tree=self.folder,
            index=index or self.index,
            config=self._vault.git.config,
        )

    @property
    def is_ours(self) -> bool:
        """Whether the folder is the very one that we made, not one put in its place."""
        return self._folder_seal is not None and self._folder_seal == _identity(self.folder)

    @property
    def index_is_ours(self) -> bool:
        """Whether nobody wrote the index since we did."""
        return self._index_seal is not None and self._index_seal == Stamp.of(str(self.index))

    def bring_to(self, tree: str, *, left_alone: tuple[str, ...] = ()) -> None:
        """Make the folder hold exactly a tree, and what is left alone; untouched files stay as they are."""
        if not (self.is_ours and self.index_is_ours):
            self._begin()
        layout = Layout.of(self._vault.git, tree, left_alone=left_alone)
        try:
            self._turn(tree, layout)
        except GitError:
            self._begin()
            self._turn(tree, layout)
        self.stands_at = tree

    def foreign(self, *, left_alone: tuple[str, ...] = ()) -> tuple[str, ...]:
        """List what stands in the folder beyond its tree, folders that hold nothing else with a slash."""
        if self.stands_at is None:
            return ()
        layout = Layout.of(self._vault.git, self.stands_at, left_alone=left_alone)
        return tuple(sorted(prune(self.folder, layout)))

    def unlock(self) -> None:
        """Make sure that we can enter the folder, whatever its mode was set to."""
        self.folder.chmod(self._mode)

    def _begin(self) -> None:
        for old in (self.folder, self.index, self.index.with_name(f"{self.index.name}.lock")):
            clear(old)
        self.folder.mkdir()
        self._mode = stat.S_IMODE(self.folder.lstat().st_mode)
        self._folder_seal = _identity(self.folder)
        self.stands_at = None

    def _turn(self, tree: str, layout: Layout) -> None:
        self.unlock()
        prune(self.folder, layout, mode=self._mode)
        self.git().run(
            "read-tree", "--reset", "-u", "--no-recurse-submodules", tree, timeout_seconds=_CHECKOUT_SECONDS
        )
        self._index_seal = Stamp.of(str(self.index))


def prune(folder: Path, layout: Layout, *, mode: int | None = None) -> list[str]:
    """Remove what has no place in a folder, and give the folders that have one `mode`; return what it was.

    Without a mode nothing is touched. No link is followed on the way.
    """
    foreign: list[str] = []
    waiting = [""]
    while waiting:
        path = waiting.pop()
        inner, found = _prune_one(folder, path, layout, mode=mode)
        waiting += inner
        foreign += found
    return foreign


def _prune_one(folder: Path, path: str, layout: Layout, *, mode: int | None) -> tuple[list[str], list[str]]:
    """Look at the entries of one folder; return the folders to look into, and what has no place."""
    inner: list[str] = []
    foreign: list[str] = []
    fd = os.open(folder / path, _OPEN)
    try:
        for name in os.listdir(fd):  # noqa: PTH208 - a descriptor, which no link can lead astray
            child = f"{path}/{name}" if path else name
            if child in layout.left_alone:
                continue
            found = os.stat(name, dir_fd=fd, follow_symlinks=False).st_mode
            opens = stat.S_ISDIR(found)
            if opens and child in layout.folders:
                if mode is not None and stat.S_IMODE(found) != mode:
                    os.chmod(name, mode, dir_fd=fd)
                inner.append(child)
            elif opens or child not in layout.files:
                foreign.append(f"{child}/" if opens else child)
                if mode is not None:
                    remove(name, inside=fd)
    finally:
        os.close(fd)
    return inner, foreign


def _identity(folder: Path) -> tuple[int, int] | None:
    """Return what tells a real folder from every other."""
    try:
        found = folder.lstat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None
