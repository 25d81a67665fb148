"""What the owner should know of plan and policy, before the night and after it. Pure."""

from collections.abc import Iterable, Mapping

from nightshift import plan as plans
from nightshift.model import Plan, Policy, Remark
from nightshift.night.sources import digest
from nightshift.policy import FILE_NAME


def evening_remarks(
    plan: Plan, policy: Policy, *, base_plan: Plan | None, base_policy: bytes | None, from_base: bool
) -> tuple[Remark, ...]:
    """Say how plan and policy, as read, differ from the base commit's; None for what is not there."""
    said = [*_of_policy(policy, base_policy, from_base=from_base)]
    if base_plan is None:
        said.append(Remark(text=f"{plan.path} is not in the base commit: status words are not written"))
        return tuple(said)
    if base_plan.digest != plan.digest:
        said.append(Remark(text=f"{plan.path} differs from the base commit: the saved file counts"))
    here, there = len(plans.ready(plan)), len(plans.ready(base_plan))
    if (here == 0) != (there == 0):
        text = f"{plan.path} has {here} READY tasks in the checkout and {there} in the base"
        said.append(Remark(text=text, loud=True))
    return tuple(said)


def _of_policy(policy: Policy, base_policy: bytes | None, *, from_base: bool) -> Iterable[Remark]:
    """Compare the policy; one that was committed and is gone or changed is worth a loud word."""
    if policy.path is None:
        gone = base_policy is not None and not from_base
        why = ", but the base commit has one" if gone else ""
        yield Remark(text=f"there is no {FILE_NAME}{why}: the default policy holds", loud=gone)
    elif base_policy is None:
        yield Remark(text=f"{policy.path} is not in the base commit: the saved file counts")
    elif digest(base_policy) != policy.digest:
        yield Remark(text=f"{policy.path} differs from the base commit: the saved file counts", loud=True)


def morning_remarks(
    evening: Mapping[str, str | None], morning: Mapping[str, str | None]
) -> tuple[Remark, ...]:
    """Name the saved files that changed while the night ran; the next night would obey them."""
    changed = [path for path, found in morning.items() if found != evening.get(path)]
    return tuple(
        Remark(text=f"{path} was changed while the night ran; the next night will obey it", loud=True)
        for path in changed
    )
