"""Renames found by blob: what left one path and stands unchanged at another."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice

from nightshift.model import FileChange
from nightshift.policy.kinds import has_test_name, is_test

REGULAR = frozenset({"100644", "100755"})
_OLD_REGULAR = "100664"
_TRIED = 50
"""Thousands of equal files are tried against a few of each other, not against all."""

_Key = tuple[str | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rename:
    """A file that moved with its blob and mode unchanged."""

    old: FileChange
    new: FileChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """A change sorted into renames and everything else."""

    renames: tuple[Rename, ...]
    others: tuple[FileChange, ...]


def mode(written: str | None) -> str | None:
    """Return the mode git would write today: trees of old hold 100664, which nobody changed."""
    return "100644" if written == _OLD_REGULAR else written


def is_real(file: FileChange) -> bool:
    """Tell whether anything differs once old modes are read as git writes them today."""
    return (file.old_blob, mode(file.old_mode)) != (file.new_blob, mode(file.new_mode))


def find_renames(files: tuple[FileChange, ...]) -> Sorted:
    """Pair what is gone with what is new; the pairs with the same name first, each file once."""
    namesakes = tuple(_pairs(files, key=lambda side: (*_content(side), _name(side))))
    others = tuple(_pairs(_unpaired(files, namesakes), key=_content))
    renames = (*namesakes, *others)
    return Sorted(renames=renames, others=_unpaired(files, renames))


def may_have_moved(old: FileChange, files: tuple[FileChange, ...]) -> bool:
    """Tell whether a deleted file could be a rename if one of the new files had its content."""
    added = (new for new in files if new.is_added and new.new_mode in REGULAR)
    return any(_may_be(old, new) for new in islice(added, _TRIED))


def _pairs(files: tuple[FileChange, ...], *, key: Callable[[FileChange], _Key]) -> Iterator[Rename]:
    waiting: dict[_Key, list[FileChange]] = {}
    for file in files:
        if file.is_added and file.new_mode in REGULAR:
            waiting.setdefault(key(file), []).append(file)
    for old in files:
        candidates = waiting.get(key(old), []) if old.is_deleted else []
        fitting = (at for at, new in enumerate(candidates[:_TRIED]) if _may_be(old, new))
        at = next(fitting, None)
        if at is not None:
            yield Rename(old=old, new=candidates.pop(at))


def _unpaired(files: tuple[FileChange, ...], renames: tuple[Rename, ...]) -> tuple[FileChange, ...]:
    paired = {id(side) for rename in renames for side in (rename.old, rename.new)}
    return tuple(file for file in files if id(file) not in paired)


def _content(file: FileChange) -> _Key:
    """Return what does not change in a rename: the blob and the mode of the side that exists."""
    return (file.old_blob, mode(file.old_mode)) if file.is_deleted else (file.new_blob, file.new_mode)


def _may_be(old: FileChange, new: FileChange) -> bool:
    """Refuse what only looks like a rename: any two empty files, and a test that no runner finds any more."""
    if old.old_size == 0 and _name(old) != _name(new):
        return False
    loses_test = is_test(old.path) and not is_test(new.path)
    return not loses_test and (has_test_name(new.path) or not has_test_name(old.path))


def _name(file: FileChange) -> str:
    return file.path.rsplit("/", 1)[-1]
