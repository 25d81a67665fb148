"""One night, from the lock to the report; and the dry run, which is its first half."""

from contextlib import closing, suppress
from dataclasses import replace
from signal import SIGINT

from nightshift.errors import NightInterruptedError, NightshiftError, NightTerminatedError, StateError
from nightshift.events import Event, Kind
from nightshift.gate import Bench, measure_baseline, set_up
from nightshift.model import Base, GateRun, NightResult, Policy, RecordKind
from nightshift.night.aborted import write_aborted
from nightshift.night.closing import Worked, close
from nightshift.night.conductor import Conductor
from nightshift.night.evening import delivery_remarks
from nightshift.night.night_log import NightLog
from nightshift.night.places import Places, forget_homes, make_places
from nightshift.night.preflight import Prepared, prepare, read_policy
from nightshift.night.request import Request, World
from nightshift.night.stage import Stage
from nightshift.records import Journal, Lock, new_run_id
from nightshift.workspace.base import FoundBase, find_base
from nightshift.workspace.canary import Canary
from nightshift.workspace.git import require_git
from nightshift.workspace.objects import Objects
from nightshift.workspace.owner import Owner, open_owner
from nightshift.workspace.slot import Slot
from nightshift.workspace.vault import Vault


def run_night(request: Request, world: World) -> NightResult:
    """Work one night and write its report; a NightshiftError ends it, after a report of its own."""
    require_git()
    owner = open_owner(request.folder)
    run = new_run_id(now=world.now(), randomness=world.randomness)
    with Lock(owner.common_dir, environ=world.environ, run=run):
        places = make_places(owner, run, world.environ)
        with NightLog(places.folder / "night.log", now=world.now) as log:
            try:
                return _night(request, replace(world, listen=log.beside(world.listen)), owner, places, run)
            except NightshiftError as error:
                ending = _why_it_ended(error, world)
                log.write(Event(kind=Kind.FAILED, text=ending.told))
                with suppress(StateError):
                    write_aborted(places.folder, run=run, error=ending, repository=owner.root)
                if ending is error:
                    raise
                raise ending from error


def _why_it_ended(error: NightshiftError, world: World) -> NightshiftError:
    """Return what ended a night before its first task; after a signal whatever failed failed of it."""
    if world.interrupted is None:
        return error
    ending = NightInterruptedError if world.interrupted == SIGINT else NightTerminatedError
    return ending("the night was interrupted before its first task")


def rehearse(request: Request, world: World) -> Prepared:
    """Do all that a night does before it starts anything, from local refs alone; write nothing."""
    require_git()
    owner = open_owner(request.folder)
    found = _found_base(replace(request, dry_run=True), world, owner)
    tree = owner.git.line("rev-parse", f"{found.commit}^{{tree}}")
    base = Base(branch=found.branch, commit=found.commit, tree=tree, source=found.source)
    return prepare(
        replace(request, dry_run=True),
        world,
        owner=owner,
        run=new_run_id(now=world.now(), randomness=world.randomness),
        found=found,
        base=base,
        objects=Objects(owner.git),
    )


def _found_base(request: Request, world: World, owner: Owner) -> FoundBase:
    """Find the base as request, policy and remote say; with --from-base the policy comes later."""
    policy = Policy() if request.from_base else read_policy(request, owner)
    return find_base(
        owner,
        wanted=request.base,
        policy_base=policy.base,
        remote=policy.delivery.remote,
        environ=world.environ,
        offline=request.dry_run,
        local=request.base_local,
    )


def _night(request: Request, world: World, owner: Owner, places: Places, run: str) -> NightResult:
    started = world.clock()
    found = _found_base(request, world, owner)
    base = _fetched(places, world, owner, found)
    vault = Vault(places.vault, home=places.empty_home)
    vault.open()
    prepared = prepare(request, world, owner=owner, run=run, found=found, base=base, objects=vault.objects)
    remarks = delivery_remarks(prepared, owner=owner, environ=world.environ)
    # After the login of gh was tried: a newer gh may move its own configuration at its first call.
    before = Canary.take(owner, world.environ)
    night = replace(prepared.night, remarks=(*prepared.night.remarks, *remarks), records=places.folder)
    prepared = replace(prepared, night=night)
    with closing(Slot(places.slot, vault=vault, carry=prepared.night.policy.gate.carry)) as slot:
        stage = _stage(prepared, world, places, vault, slot, started=started)
        conductor = Conductor(stage, done=prepared.done)
        worked = _conduct(stage, prepared, conductor)
    forget_homes(places.homes)
    return close(stage, prepared, worked, owner=owner, before=before, started=started)


def _fetched(places: Places, world: World, owner: Owner, found: FoundBase) -> Base:
    """Bring the base into the vault; this alone may take long enough to be interrupted."""
    vault = Vault(places.vault, home=places.empty_home, interruption=world.interruption)
    vault.open()
    return vault.fetch_base(owner, found, world.environ)


def _stage(
    prepared: Prepared, world: World, places: Places, vault: Vault, slot: Slot, *, started: float
) -> Stage:
    night = prepared.night
    bench = Bench(
        slot=slot,
        rules=night.policy.gate,
        homes=places.homes,
        logs=places.folder,
        cache=places.cache,
        run=night.run,
        owner_root=night.repository,
        environ=world.environ,
        interruption=world.interruption,
    )
    return Stage(
        night=night,
        world=world,
        vault=vault,
        slot=slot,
        bench=bench,
        agent=prepared.agent,
        journal=Journal.create(places.folder / "journal.jsonl", clock=world.now),
        folder=places.folder,
        protected=prepared.protected,
        standards=prepared.standards,
        ends_at=started + night.policy.session.max_hours * 3600,
    )


def _conduct(stage: Stage, prepared: Prepared, conductor: Conductor) -> Worked:
    """Set up, measure the baseline, run the tasks; what breaks the world ends the night, not its report."""
    _announce(stage, prepared)
    for result in prepared.queue.skipped:
        conductor.skip(result)
    baseline: tuple[GateRun, ...] = ()
    try:
        if prepared.queue.tasks:
            baseline = _ready_the_gate(stage)
        conductor.work_through(prepared.queue.tasks)
    except NightshiftError as error:
        stage.say(Kind.FAILED, error.told)
        return Worked.of(conductor, baseline=baseline, error=error)
    return Worked.of(conductor, baseline=baseline)


def _announce(stage: Stage, prepared: Prepared) -> None:
    night = stage.night
    stage.record(
        RecordKind.NIGHT_STARTED,
        run=night.run,
        repository=str(night.repository),
        base=night.base.commit,
        branch=night.base.branch,
        plan=night.plan.digest,
        policy=night.policy.digest,
        gate=night.gate_digest,
        agent=night.agent,
        box=night.box,
        tasks=[task.id for task in prepared.queue.tasks],
    )
    stage.say(
        Kind.NIGHT,
        f"night {night.run} on {night.base.branch} at {night.base.commit[:10]}, {night.base.source}",
    )
    for remark in night.remarks:
        stage.say(Kind.WARNING if remark.loud else Kind.REMARK, remark.text)


def _ready_the_gate(stage: Stage) -> tuple[GateRun, ...]:
    """Run setup and the gate on the base; GateError when either fails."""
    base = stage.night.base
    if stage.policy.gate.setup is not None:
        stage.say(Kind.STEP, f"setup: {stage.policy.gate.setup}")
    completed, missing = set_up(stage.bench, base)
    stage.record(
        RecordKind.SETUP_FINISHED,
        exit_code=completed.exit_code if completed else None,
        seconds=round(completed.seconds, 3) if completed else 0,
        missing=list(missing),
    )
    for name in missing:
        stage.say(Kind.WARNING, f"gate.carry names {name}, which setup did not make")
    stage.say(Kind.STEP, "baseline: the gate runs on the base")
    runs = measure_baseline(stage.bench, base)
    stage.record(
        RecordKind.BASELINE_FINISHED,
        passed=runs[-1].passed,
        runs=[[run.exit_code, round(run.seconds, 3)] for run in runs],
    )
    if len(runs) > 1 and runs[-1].passed:
        stage.say(Kind.WARNING, "the gate is flaky: red on the base, then green on the very same tree")
    return runs
