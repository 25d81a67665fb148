"""Where a path may be touched: the one order in which the path rules of a policy are asked."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nightshift.model import Place, Policy, Task, Violation
from nightshift.policy import rulings
from nightshift.policy.paths import compiled, faults, is_protected
from nightshift.policy.rulings import Ruling, found
from nightshift.policy.words import shown

FILE_NAME = "constraints.yaml"
"""Where a policy lies, from the root of its repository, unless its owner names another place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Objection:
    """What the policy has against touching one path."""

    ruling: Ruling
    reason: str
    index: int | None = None


def objection(path: str, policy: Policy, *, protected: Collection[str]) -> Objection | None:
    """Return the gravest objection to touching the path, None where there is none."""
    change = policy.change
    fault = next(faults(path), None)
    if fault is not None:
        return Objection(ruling=rulings.PATH, reason=fault)
    if is_protected(path, protected=protected):
        return Objection(ruling=rulings.PROTECTED, reason="nobody but the owner may change it")
    forbidden = compiled(change.forbidden_paths).find(path)
    if forbidden is not None:
        return _matched(rulings.FORBIDDEN, change.forbidden_paths, forbidden)
    if not compiled(change.allowed_paths).cover(path):
        return Objection(ruling=rulings.ALLOWED, reason="no allowed path covers it")
    approval = compiled(change.approval_paths).find(path)
    return None if approval is None else _matched(rulings.APPROVAL, change.approval_paths, approval)


def path_violations(
    paths: Collection[str], policy: Policy, *, protected: Collection[str]
) -> Iterator[Violation]:
    """Yield a violation for each path that may not be touched."""
    for path in paths:
        against = objection(path, policy, protected=protected)
        if against is not None:
            place = Place(path=shown(path))
            message = f"{shown(path)}: {against.reason}"
            yield found(against.ruling, message, policy=policy, place=place, index=against.index)


def guarded(policy: Policy, task: Task, *, protected: Collection[str] = ()) -> tuple[str, ...]:
    """Return the paths that decide over the task itself: gate, policy, plan, and what the caller adds."""
    own = (policy.gate.script, policy.path or FILE_NAME, task.place.path)
    return tuple(dict.fromkeys((*(path.removeprefix("./") for path in (*own, *protected)),)))


def inside(path: str, declared: tuple[str, ...]) -> bool:
    """Tell whether a path is among declared ones, which may be names, folders or gitignore patterns."""
    return any(_declares(one.removeprefix("./"), path) for one in declared)


def is_pattern(text: str) -> bool:
    """Tell whether text is a gitignore pattern that can match something."""
    try:
        specs = compiled((text,)).written.patterns
    except (ValueError, IndexError):
        return False
    return any(pattern.include is not None for pattern in specs)


def _declares(declared: str, path: str) -> bool:
    literal = path == declared or path.startswith(f"{declared.rstrip('/')}/")
    return literal or (is_pattern(declared) and compiled((declared,)).written.match_file(path))


def _matched(ruling: Ruling, patterns: tuple[str, ...], index: int) -> Objection:
    verb = "is forbidden by" if ruling is rulings.FORBIDDEN else "needs an approval because of"
    return Objection(ruling=ruling, reason=f"it {verb} `{patterns[index]}`", index=index)
