"""Plan and policy, read once: from the owner's checkout as saved, or from the base commit."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from nightshift import plan as plans
from nightshift import policy as policies
from nightshift.errors import PlanError, PolicyError
from nightshift.model import Plan, Policy
from nightshift.night.request import Request
from nightshift.policy import FILE_NAME
from nightshift.workspace.objects import Objects
from nightshift.workspace.owner import Owner


def shown(owner: Owner, path: Path) -> str:
    """Return a path as the owner would write it: from the root where it lies below it."""
    resolved = path.resolve()
    root = owner.root.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else str(path)


def policy_path(request: Request, owner: Owner) -> str:
    """Return where the policy is looked for, as shown to the owner."""
    return shown(owner, request.policy or owner.root / FILE_NAME)


def load_policy(request: Request, owner: Owner) -> Policy:
    """Load the policy saved in the checkout; without a file the defaults hold."""
    path = request.policy or owner.root / FILE_NAME
    if not path.exists() and request.policy is None:
        return Policy()
    return policies.load(path, shown_as=policy_path(request, owner))


def load_plan(request: Request, owner: Owner) -> Plan:
    """Load the plan saved in the checkout; PlanError names the places looked at."""
    path = request.plan or plans.find(owner.root)
    if path is None:
        raise PlanError(
            f"there is no plan: looked for {', '.join(plans.CANDIDATES)} in {owner.root}",
            tip="nightshift init writes one; --plan FILE names another",
        )
    return plans.load(path, shown_as=shown(owner, path))


def policy_of_base(request: Request, owner: Owner, objects: Objects, commit: str) -> Policy:
    """Load the policy of the base commit; without one there the defaults hold."""
    path = policy_path(request, owner)
    source = objects.read(commit, path)
    if source is None and request.policy is None:
        return Policy()
    if source is None:
        raise PolicyError(
            f"{path} is not in the base commit {commit[:10]}", tip="commit it, or leave out --from-base"
        )
    return policies.parse(source, path=path)


def plan_of_base(request: Request, owner: Owner, objects: Objects, commit: str) -> Plan:
    """Load the plan of the base commit."""
    places = (shown(owner, request.plan),) if request.plan else plans.CANDIDATES
    for path in places:
        source = objects.read(commit, path)
        if source is not None:
            return plans.parse(source, path=path)
    raise PlanError(
        f"there is no plan in the base commit {commit[:10]}: looked for {', '.join(places)}",
        tip="commit it, or leave out --from-base",
    )


def digest(source: bytes) -> str:
    """Return the SHA-256 of a file's bytes in hex."""
    return hashlib.sha256(source).hexdigest()


def saved_digests(owner: Owner, paths: Iterable[str]) -> dict[str, str | None]:
    """Map paths of the checkout to the digests of what is saved there now; None where nothing is."""
    return {path: _saved(owner.root / path) for path in paths}


def _saved(path: Path) -> str | None:
    try:
        return digest(path.read_bytes())
    except OSError:
        return None
