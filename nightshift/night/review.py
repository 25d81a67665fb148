"""Which tasks wait for review: unmerged night branches, here and on the remote."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from nightshift.errors import RepositoryError
from nightshift.model import Base, Remark
from nightshift.night.request import World
from nightshift.workspace.base import remote_branches
from nightshift.workspace.objects import Objects
from nightshift.workspace.owner import Owner

_PREFIX = "refs/heads/nightshift"
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """Where the unmerged branch of a task is, by task id."""

    tasks: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[Remark, ...] = ()


def unmerged_tasks(
    owner: Owner, objects: Objects, base: Base, *, remote: str, world: World, dry_run: bool
) -> Review:
    """Find the night branches that the base lacks; RepositoryError when `nightshift` is a branch."""
    here = owner.branches(f"{_PREFIX}*")
    _refuse_plain_branch(here, where="here", rename="git branch -m nightshift nightshift-old")
    if dry_run or owner.remote_url(remote) is None:
        return Review(
            tasks=_waiting({f"branch {_short(ref)}": (ref, at) for ref, at in here.items()}, objects, base)
        )
    there = remote_branches(owner, remote=remote, pattern=f"{_PREFIX}*", environ=world.environ)
    if there is None:
        remark = Remark(text=f"{remote} did not answer: its night branches were not looked at")
        there = {}
    else:
        remark = None
    _refuse_plain_branch(
        there,
        where=f"on {remote}",
        rename=f"git push {remote} {remote}/nightshift:refs/heads/nightshift-old :nightshift",
    )
    named = {f"{remote}'s branch {_short(ref)}": (ref, at) for ref, at in there.items()}
    named |= {f"branch {_short(ref)}{_unpushed(ref, there)}": (ref, at) for ref, at in here.items()}
    return Review(tasks=_waiting(named, objects, base), remarks=(remark,) if remark else ())


def _refuse_plain_branch(branches: Mapping[str, str], *, where: str, rename: str) -> None:
    if _PREFIX in branches:
        raise RepositoryError(
            f"a branch called nightshift {where} leaves no room for branches nightshift/…", tip=rename
        )


def _waiting(named: Mapping[str, tuple[str, str]], objects: Objects, base: Base) -> dict[str, str]:
    """Map task ids to the branch that waits; session branches and merged ones do not."""
    waiting: dict[str, str] = {}
    for where, (ref, commit) in named.items():
        parts = _short(ref).split("/")
        if len(parts) == _PARTS and parts[-1] != "_session" and not objects.contains(commit, base.commit):
            waiting[parts[-1]] = where
    return waiting


def _unpushed(ref: str, there: Mapping[str, str]) -> str:
    """Add how a branch that only this repository has gets to its reviewers."""
    return "" if ref in there else f", which is not pushed (nightshift deliver {_short(ref).split('/')[1]})"


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/")
