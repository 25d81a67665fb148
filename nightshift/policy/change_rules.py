"""What a measured change may do: paths, kinds, budgets, content, and the files its task named."""

import posixpath
from collections import Counter
from collections.abc import Collection, Iterator

from nightshift.model import Change, FileChange, Judgement, Place, Policy, Task, Violation
from nightshift.policy import rulings
from nightshift.policy.budgets import budget_violations
from nightshift.policy.contents import content_violations
from nightshift.policy.kinds import is_manifest
from nightshift.policy.path_rules import guarded, inside, objection, path_violations
from nightshift.policy.paths import folded
from nightshift.policy.renames import REGULAR, Rename, Sorted, find_renames, is_real, may_have_moved, mode
from nightshift.policy.rulings import Ruling, found, judged
from nightshift.policy.words import shown

_SYMLINK = "120000"
_SUBMODULE = "160000"
_EXACTLY = "; if it moved, an exact rename is allowed, or the policy says `allow: [rename, delete]`"


def judge_change(change: Change, policy: Policy, *, task: Task, protected: Collection[str] = ()) -> Judgement:
    """Judge what a snapshot changed; `protected` are further paths nobody but the owner may change."""
    files = tuple(file for file in change.files if is_real(file))
    paths = tuple(file.path for file in files)
    closed = guarded(policy, task, protected=protected)
    moved = _sorted(files, policy)
    return judged(
        [
            *change.unreadable,
            *path_violations(paths, policy, protected=closed),
            *_twins(files, policy),
            *_kinds(moved.others, policy, protected=closed),
            *_renames(moved.renames, policy),
            *budget_violations(moved, policy),
            *content_violations(moved.others, policy),
            *_undeclared(paths, policy, task),
        ],
        task=task,
    )


def _sorted(files: tuple[FileChange, ...], policy: Policy) -> Sorted:
    """Find renames, but where only deleting is allowed a rename is a deletion and a new file."""
    if "delete" in policy.change.allow and "rename" not in policy.change.allow:
        return Sorted(renames=(), others=files)
    return find_renames(files)


def _twins(files: tuple[FileChange, ...], policy: Policy) -> Iterator[Violation]:
    """Yield paths of one change that a careless file system takes for one."""
    spellings = Counter(folded(file.path) for file in files if not file.is_deleted)
    for file in files:
        if not file.is_deleted and spellings[folded(file.path)] > 1:
            message = f"{shown(file.path)}: another changed path differs from it in spelling only"
            yield found(rulings.PATH, message, policy=policy, place=Place(path=shown(file.path)))


def _kinds(
    files: tuple[FileChange, ...], policy: Policy, *, protected: Collection[str]
) -> Iterator[Violation]:
    for file in files:
        for kind, ruling, verb in _kinds_of(file, policy, protected):
            if kind not in policy.change.allow:
                hint = _EXACTLY if kind == "delete" and _could_move(file, files, policy) else ""
                yield _unallowed(file, kind, ruling, verb, policy, hint=hint)
        if file.new_mode == _SYMLINK and "symlink" in policy.change.allow:
            yield from _leaving(file, policy, protected)


def _could_move(file: FileChange, files: tuple[FileChange, ...], policy: Policy) -> bool:
    return "rename" in policy.change.allow and may_have_moved(file, files)


def _kinds_of(
    file: FileChange, policy: Policy, protected: Collection[str]
) -> Iterator[tuple[str, Ruling, str]]:
    if file.is_deleted:
        yield "delete", rulings.KIND, "is deleted"
    yield from _modes_of(file)
    if file.binary and not file.is_deleted:
        yield "binary", rulings.KIND, "is binary"
    if is_manifest(file.path):
        against = objection(file.path, policy, protected=protected)
        if against is None or against.ruling is rulings.APPROVAL:
            yield "dependency", rulings.DEPENDENCY, "declares or locks dependencies"


def _modes_of(file: FileChange) -> Iterator[tuple[str, Ruling, str]]:
    modes = {written for written in (mode(file.old_mode), mode(file.new_mode)) if written}
    if _SUBMODULE in modes:
        yield "submodule", rulings.GRAVE_KIND, "is a submodule or a nested repository"
    elif file.is_deleted:
        return
    elif _SYMLINK in modes:
        yield "symlink", rulings.GRAVE_KIND, "is or was a symbolic link"
    elif len(modes) > 1 or not modes <= REGULAR:
        yield "mode", rulings.KIND, f"changes its mode to {file.new_mode}"


def _unallowed(
    file: FileChange, kind: str, ruling: Ruling, verb: str, policy: Policy, *, hint: str = ""
) -> Violation:
    name = shown(file.path)
    message = f"{name} {verb}, and `{kind}` is not among what a change may do{hint}"
    return found(ruling, message, policy=policy, place=Place(path=name))


def _leaving(file: FileChange, policy: Policy, protected: Collection[str]) -> Iterator[Violation]:
    """Yield a violation where an allowed link points to what the change itself could not touch."""
    target = file.added_lines[0].text if file.added_lines else "/"
    pointed = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), target))
    if objection(pointed, policy, protected=protected) is not None:
        name = shown(file.path)
        message = f"{name} links to {shown(target)}, where a change may not reach"
        yield found(rulings.GRAVE_KIND, message, policy=policy, place=Place(path=name))


def _renames(renames: tuple[Rename, ...], policy: Policy) -> Iterator[Violation]:
    if "rename" in policy.change.allow:
        return
    for rename in renames:
        yield _unallowed(
            rename.old, "rename", rulings.KIND, f"is renamed to {shown(rename.new.path)}", policy
        )


def _undeclared(paths: tuple[str, ...], policy: Policy, task: Task) -> Iterator[Violation]:
    """Yield the paths outside what the task named; the tests it named belong to it."""
    if not task.files:
        return
    declared = (*task.files, *(task.tests.paths if task.tests else ()))
    for path in paths:
        if not inside(path, declared):
            message = f"{shown(path)} is not among the Files of the task"
            yield found(rulings.FILES, message, policy=policy, place=Place(path=shown(path)))
