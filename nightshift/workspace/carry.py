"""What setup made: kept apart, and given to agent and gate as copies that are brought back by difference."""

import os
import shutil
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import ContainmentError, PolicyError
from nightshift.workspace.clear import clear


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells that nobody touched a file: nothing a program can do sets a ctime back."""

    mode: int
    size: int
    modified_ns: int
    changed_ns: int
    inode: int

    @classmethod
    def of(cls, path: str) -> "Stamp | None":
        """Read the stamp of what stands at a path, None where nothing does."""
        try:
            found = os.lstat(path)
        except OSError:
            return None
        size = 0 if stat.S_ISDIR(found.st_mode) else found.st_size
        return cls(found.st_mode, size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)

    @property
    def is_folder(self) -> bool:
        """Whether it is the stamp of a folder."""
        return stat.S_ISDIR(self.mode)


Manifest = dict[str, Stamp]


def checked(carry: tuple[str, ...]) -> tuple[str, ...]:
    """Return carried names without their final slashes; PolicyError for one that leads out of the tree."""
    names = tuple(name.rstrip("/").removeprefix("./") for name in carry)
    for given, name in zip(carry, names, strict=True):
        parts = name.split("/")
        if not name or name.startswith("/") or {"", ".", "..", ".git"} & set(parts) or "\0" in name:
            raise PolicyError(
                f"gate.carry: {given!r} names nothing inside the tree",
                tip="name a file or a folder below the root, such as .venv",
            )
    return names


class Store:
    """The pristine copies of what is carried; `folder` is ours alone."""

    def __init__(self, folder: Path, *, names: tuple[str, ...]) -> None:
        self._folder = folder
        self._names = names
        self._kept: Manifest = {}
        self._copies: dict[str, Manifest] = {}

    @property
    def kept(self) -> tuple[str, ...]:
        """The names that were there to be kept."""
        return tuple(name for name in self._names if name in self._kept)

    def keep(self, tree: Path) -> tuple[str, ...]:
        """Move what is carried out of a tree; return the names that were not there."""
        self._copies.clear()
        self._kept = {}
        for name in self._names:
            clear(self._folder / name)
            if _has_real_parents(tree, name) and os.path.lexists(tree / name):
                _move(tree / name, self._folder / name)
                _break_hard_links(self._folder / name)
                self._kept |= _manifest(self._folder, name)
        return tuple(name for name in self._names if name not in self._kept)

    def restore(self, tree: Path, *, copy: str) -> None:
        """Make the copy in a tree pristine again; what nobody touched since the last time stays."""
        before = self._copies.get(copy, {})
        reachable = tuple(f"{name}/" for name in self.kept if _make_parents(tree, name))
        paths = [path for path in self._kept if f"{path}/".startswith(reachable)]
        for path in paths:
            kept = self._kept[path]
            here = Stamp.of(f"{tree}/{path}")
            if kept.is_folder:
                self._restore_folder(tree, path, here)
            elif here is None or here != before.get(path):
                self._copy(tree, path, kept)
        for path in reversed(paths):
            if self._kept[path].is_folder:
                _stamp_folder(tree / path, self._kept[path])
        self._copies[copy] = _sure(_stamps(tree, paths), beside=self._folder)

    def _restore_folder(self, tree: Path, path: str, here: Stamp | None) -> None:
        """See that a folder is there and holds nothing but what it should."""
        target = tree / path
        if here is None or not here.is_folder:
            clear(target)
            target.mkdir(parents=True)
            return
        if here.mode & stat.S_IRWXU != stat.S_IRWXU:
            target.chmod(stat.S_IMODE(here.mode) | stat.S_IRWXU)
        for child in target.iterdir():
            if f"{path}/{child.name}" not in self._kept:
                clear(child)

    def _copy(self, tree: Path, path: str, kept: Stamp) -> None:
        source, target = self._folder / path, tree / path
        if Stamp.of(str(source)) != kept:
            raise ContainmentError(
                f"{path}, which setup made, was changed where nightshift keeps it",
                tip="something wrote into nightshift's own folder; start another night",
            )
        clear(target)
        shutil.copyfile(source, target, follow_symlinks=False)
        if not stat.S_ISLNK(kept.mode):
            target.chmod(stat.S_IMODE(kept.mode))
        os.utime(target, ns=(kept.modified_ns, kept.modified_ns), follow_symlinks=False)


def _stamp_folder(folder: Path, kept: Stamp) -> None:
    """Give a folder the mode and time it had; a time that stands is left alone."""
    if folder.stat().st_mtime_ns != kept.modified_ns:
        os.utime(folder, ns=(kept.modified_ns, kept.modified_ns))
    if folder.stat().st_mode != kept.mode:
        folder.chmod(stat.S_IMODE(kept.mode))


def _sure(manifest: Manifest, *, beside: Path) -> Manifest:
    """Leave out what was written in the clock's present tick: a change in it would not show."""
    ticking = beside / ".tick"
    ticking.touch()
    tick = ticking.stat().st_ctime_ns
    return {path: stamp for path, stamp in manifest.items() if stamp.is_folder or stamp.changed_ns < tick}


def _manifest(top: Path, name: str) -> Manifest:
    """Stamp everything below a name, folders before what they hold; what is no file is left out."""
    return {path: stamp for path, stamp in _stamps(top, _walk(top, name)).items() if _is_kept(stamp)}


def _stamps(top: Path, paths: Iterable[str]) -> Manifest:
    found = ((path, Stamp.of(f"{top}/{path}")) for path in paths)
    return {path: stamp for path, stamp in found if stamp is not None}


def _is_kept(stamp: Stamp) -> bool:
    return any(kind(stamp.mode) for kind in (stat.S_ISDIR, stat.S_ISREG, stat.S_ISLNK))


def _walk(top: Path, name: str) -> Iterator[str]:
    waiting = [name]
    while waiting:
        path = waiting.pop()
        yield path
        if (top / path).is_dir() and not (top / path).is_symlink():
            waiting += [f"{path}/{entry.name}" for entry in sorted((top / path).iterdir(), reverse=True)]


def _has_real_parents(tree: Path, name: str) -> bool:
    parents = list(Path(name).parents)[:-1]
    return all((tree / parent).is_dir() and not (tree / parent).is_symlink() for parent in parents)


def _make_parents(tree: Path, name: str) -> bool:
    """Make the folders above a carried name; whether they are real ones, and no links out of the tree."""
    with suppress(OSError):
        for parent in reversed(list(Path(name).parents)[:-1]):
            if not os.path.lexists(tree / parent):
                (tree / parent).mkdir()
    return _has_real_parents(tree, name)


def _move(source: Path, target: Path) -> None:
    """Move within our own folder; one that may not be written cannot be moved as it is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    mode = stat.S_IMODE(source.lstat().st_mode)
    closed = source.is_dir() and not source.is_symlink() and not mode & stat.S_IWUSR
    if closed:
        source.chmod(mode | stat.S_IRWXU)
    source.rename(target)
    if closed:
        target.chmod(mode)


def _break_hard_links(top: Path) -> None:
    """Make files our own that a package cache shares with us, as uv's does."""
    for path in _walk(top.parent, top.name):
        source = top.parent / path
        found = source.lstat()
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            own = source.with_name(f"{source.name}.nightshift")
            with suppress(PermissionError):
                shutil.copy2(source, own)
                own.replace(source)
