"""What must hold before any money is spent; reads only, so that a dry run takes the same path."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from nightshift import plan as plans
from nightshift import policy as policies
from nightshift.agent import Agent, choose
from nightshift.errors import RepositoryError, UsageError, WorldError
from nightshift.gate import Script, find_script
from nightshift.model import Base, Identity, Night, Plan, Policy
from nightshift.night import sources
from nightshift.night.remarks import evening_remarks
from nightshift.night.request import Request, World
from nightshift.night.review import unmerged_tasks
from nightshift.night.selection import Queue, done_in, select
from nightshift.policy import FILE_NAME
from nightshift.workspace.base import FoundBase
from nightshift.workspace.objects import Objects
from nightshift.workspace.owner import Owner

_DOCS = "docs/"
_STANDARDS = ("CLAUDE.md", "AGENTS.md", "CONTRIBUTING.md")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A night that may begin: what was read once, and the queue of its tasks.

    `base_plan` is the plan text of the base commit, None where it has none; `saved` are the digests of
    plan and policy as saved in the checkout.
    """

    night: Night
    agent: Agent
    script: Script
    queue: Queue
    done: frozenset[str]
    base_plan: bytes | None
    protected: tuple[str, ...]
    standards: tuple[str, ...]
    saved: Mapping[str, str | None]


def read_policy(request: Request, owner: Owner) -> Policy:
    """Read the checkout's policy, with what the command line overrides."""
    return _overridden(sources.load_policy(request, owner), request)


def prepare(
    request: Request, world: World, *, owner: Owner, run: str, found: FoundBase, base: Base, objects: Objects
) -> Prepared:
    """Check everything that can be checked without starting anything, and put the tasks in order."""
    policy, plan = _read(request, owner, base, objects)
    in_checkout = (owner.root / policy.gate.script).exists()
    script = find_script(objects, base, policy, in_checkout=in_checkout)
    paths = frozenset(objects.paths(base.commit))
    _require_reachable_sources(paths, policy)
    _require_known(request, plan)
    agent = choose(policy, override=request.agent, environ=world.environ, owner_root=owner.root)
    base_text = objects.read(base.commit, plan.path)
    review = unmerged_tasks(
        owner, objects, base, remote=policy.delivery.remote, world=world, dry_run=request.dry_run
    )
    base_plan = plans.parse(base_text, path=plan.path) if base_text is not None else None
    policy_path = sources.policy_path(request, owner)
    remarks = evening_remarks(
        plan,
        policy,
        base_plan=base_plan,
        base_policy=objects.read(base.commit, policy_path),
        from_base=request.from_base,
    )
    night = Night(
        run=run,
        repository=owner.root,
        started=world.now().isoformat(timespec="seconds"),
        base=base,
        plan=plan,
        policy=policy,
        identity=_identity(owner),
        gate_digest=script.digest,
        agent=agent.name,
        remarks=(*found.remarks, *review.remarks, *remarks),
    )
    return Prepared(
        night=night,
        agent=agent,
        script=script,
        queue=_queue(request, plan, policy, review.tasks, paths),
        done=done_in(base_plan),
        base_plan=base_text,
        # The judge knows this night's plan, policy and gate; these are where the next one would look.
        protected=(FILE_NAME, *plans.CANDIDATES),
        standards=_standards(plan, paths),
        saved=sources.saved_digests(owner, (plan.path, policy_path)),
    )


def _standards(plan: Plan, paths: frozenset[str]) -> tuple[str, ...]:
    """Name where the base says what is wanted and how: the plan, CLAUDE.md and its like, docs/."""
    folders = [_DOCS] if any(path.startswith(_DOCS) for path in paths) else []
    return (*(name for name in (plan.path, *_STANDARDS) if name in paths), *folders)


def _read(request: Request, owner: Owner, base: Base, objects: Objects) -> tuple[Policy, Plan]:
    if request.from_base:
        policy = _overridden(sources.policy_of_base(request, owner, objects, base.commit), request)
        return policy, sources.plan_of_base(request, owner, objects, base.commit)
    return read_policy(request, owner), sources.load_plan(request, owner)


def _overridden(policy: Policy, request: Request) -> Policy:
    """Lay the flags of the command line over the policy."""
    session, delivery = policy.session, policy.delivery
    if request.max_tasks is not None:
        session = replace(session, max_tasks=request.max_tasks)
    if not request.pull_request:
        delivery = replace(delivery, pull_request="none")
    return replace(policy, session=session, delivery=delivery)


def _identity(owner: Owner) -> Identity:
    if owner.identity is None:
        raise RepositoryError(
            f"git knows no user.name and user.email in {owner.root}: commits would be by nobody",
            tip="git config --global user.name 'Your Name' && git config --global user.email you@example.com",
        )
    return owner.identity


def _require_reachable_sources(paths: frozenset[str], policy: Policy) -> None:
    """End the night when the policy lets no source file of the base be changed."""
    fitting = policies.suggest_allowed(paths)
    if policies.allowed_sources(paths, policy) or not policies.allowed_sources(
        paths, replace(policy, change=replace(policy.change, allowed_paths=("**",)))
    ):
        return
    place = policy.place_of("change.allowed_paths") or policy.path or "the default policy"
    raise WorldError(
        f"{place}: change.allowed_paths matches no source file of the base, so no task could land",
        tip="these fit the files of the base:\nchange:\n  allowed_paths: ["
        + ", ".join(f'"{pattern}"' for pattern in fitting)
        + "]",
    )


def _require_known(request: Request, plan: Plan) -> None:
    ready = {task.id for task in plans.ready(plan)}
    for task_id in (*request.only, *request.redo):
        task = plan.find(task_id)
        if task is None:
            raise UsageError(f"{plan.path} has no task {task_id}", tip="nightshift run --dry-run lists them")
        if task_id not in ready:
            raise UsageError(
                f"{task.place}: {task_id} is not READY, so it cannot be run",
                tip="a task runs under the Ready heading and with Status: READY",
            )


def _queue(
    request: Request, plan: Plan, policy: Policy, review: Mapping[str, str], paths: frozenset[str]
) -> Queue:
    return select(
        plan, policy, in_review=review, exists=paths.__contains__, only=request.only, redo=request.redo
    )
