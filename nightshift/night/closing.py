"""The end of a night: status words, canary, handing over, and the report in any case."""

from dataclasses import dataclass, replace

from nightshift import plan as plans
from nightshift.delivery import hand_over, lay_ready, status_message, write_report
from nightshift.errors import DeliveryError, NightshiftError
from nightshift.events import Kind
from nightshift.model import (
    Delivered,
    GateRun,
    NightResult,
    RecordKind,
    Remark,
    Status,
    TaskResult,
    Verdict,
)
from nightshift.night.conductor import Conductor
from nightshift.night.exits import exit_code
from nightshift.night.preflight import Prepared
from nightshift.night.remarks import morning_remarks
from nightshift.night.sources import saved_digests
from nightshift.night.stage import Stage
from nightshift.records import effect
from nightshift.workspace.canary import Canary, compare
from nightshift.workspace.owner import Owner

_WORDS = {
    Verdict.LANDED: Status.DONE,
    Verdict.FAILED: Status.FAILED,
    Verdict.NEEDS_APPROVAL: Status.NEEDS_APPROVAL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What the work of a night came to: its results, the tip, and what stopped it."""

    results: tuple[TaskResult, ...]
    tip: str
    stopped: str | None
    baseline: tuple[GateRun, ...]
    error: NightshiftError | None = None

    @classmethod
    def of(
        cls, conductor: Conductor, *, baseline: tuple[GateRun, ...], error: NightshiftError | None = None
    ) -> "Worked":
        """Read the conductor once it has put down its baton."""
        return cls(
            results=conductor.results,
            tip=conductor.tip,
            stopped=error.told if error else conductor.stopped,
            baseline=baseline,
            error=error,
        )


def close(
    stage: Stage, prepared: Prepared, worked: Worked, *, owner: Owner, before: Canary, started: float
) -> NightResult:
    """Write the status words, look at the canary, hand over, report; return the whole night."""
    landed = any(result.verdict is Verdict.LANDED for result in worked.results)
    tip = _with_status_words(stage, prepared, worked) if landed else None
    result = NightResult(
        night=stage.night,
        results=worked.results,
        exit_code=0,
        stopped=worked.stopped,
        tip=tip,
        baseline=worked.baseline,
    )
    morning = saved_digests(owner, prepared.saved)
    result = replace(result, remarks=morning_remarks(prepared.saved, morning))
    result = _handed_over(stage, result, owner=owner, before=before)
    result = replace(
        result,
        exit_code=exit_code(result, signal=stage.world.interrupted, error=worked.error),
        finished=stage.world.now().isoformat(timespec="seconds"),
        seconds=stage.world.clock() - started,
    )
    write_report(result, stage.folder, environ=stage.world.environ)
    stage.record(RecordKind.NIGHT_FINISHED, exit_code=result.exit_code, stopped=result.stopped)
    return result


def _with_status_words(stage: Stage, prepared: Prepared, worked: Worked) -> str:
    """Commit the status words on top of the tip, after proving that nothing else differs."""
    words = {result.task.id: _WORDS[result.verdict] for result in worked.results if result.verdict in _WORDS}
    before = prepared.base_plan
    after = plans.write_statuses(before, words) if before is not None else None
    if before is None or after is None or after == before:
        return worked.tip
    if not plans.differs_only_in_statuses(before, after):
        stage.say(Kind.WARNING, "the status words were not written: more than they would have changed")
        return worked.tip
    blob = stage.vault.write_blob(after)
    tree = stage.vault.tree_with(worked.tip, stage.night.plan.path, blob)
    return stage.vault.commit(
        tree,
        parent=worked.tip,
        message=status_message(stage.night, words),
        author=stage.night.identity,
        date=stage.world.now(),
    )


def _handed_over(stage: Stage, result: NightResult, *, owner: Owner, before: Canary) -> NightResult:
    """Bring the refs into the owner's repository and publish them, unless the canary sings."""
    refs = night_refs(stage, result)
    for ref, commit in refs.items():
        stage.vault.set_ref(ref, commit)
    result = _looked_at(stage, result, owner=owner, before=before)
    if not stage.journal.is_intact():
        alarm = f"{stage.journal.path} is not what was written there"
        stage.say(Kind.ALARM, alarm)
        result = replace(result, alarms=(*result.alarms, alarm))
    if refs and not result.alarms:
        try:
            result = _with_refs(stage, result, refs, owner=owner)
        except DeliveryError as error:
            parcel = lay_ready(result, stage.folder, environ=stage.world.environ)
            return replace(result, delivered=Delivered(error=error.message, command=parcel.command))
        result = _looked_at(stage, result, owner=owner, before=before, written=tuple(refs))
    if result.tip is None:
        return result
    delivered = _published(stage, result, owner=owner)
    stage.say(Kind.DELIVERED, _how_delivered(delivered))
    return replace(result, delivered=delivered)


def _how_delivered(delivered: Delivered) -> str:
    """Say in one line what went out."""
    if delivered.error is not None:
        return f"not delivered: {delivered.error}"
    if delivered.url is not None:
        return f"pull request: {delivered.url}"
    return f"{len(delivered.pushed)} branches were pushed" if delivered.pushed else "nothing was pushed"


def _with_refs(stage: Stage, result: NightResult, refs: dict[str, str], *, owner: Owner) -> NightResult:
    """Fetch the night's refs into the owner's repository; DeliveryError when git will not have them."""
    with effect(stage.journal, f"fetch:{stage.night.run}") as step:
        handed = stage.vault.hand_to(owner, refs, bundles=stage.folder / "bundles")
        step.confirm(refs=sorted(handed.written), bundles=[str(path) for path in handed.bundles])
    refused = (Remark(text=f"git refused one attempt; it is kept as {path}") for path in handed.bundles)
    return replace(result, remarks=(*result.remarks, *refused))


def _looked_at(
    stage: Stage, result: NightResult, *, owner: Owner, before: Canary, written: tuple[str, ...] = ()
) -> NightResult:
    """Compare the owner's repository with the evening's; `written` are the refs that we brought."""
    after = Canary.take(owner, stage.world.environ)
    findings = compare(before, after, written=written, boxed=stage.night.box != "none")
    for alarm in findings.alarms:
        stage.say(Kind.ALARM, alarm)
    known = {remark.text for remark in result.remarks}
    new = tuple(Remark(text=text) for text in findings.remarks if text not in known)
    return replace(result, alarms=findings.alarms, remarks=(*result.remarks, *new))


def night_refs(stage: Stage, result: NightResult) -> dict[str, str]:
    """Return the full ref names of the night, branches first, with their commits."""
    refs: dict[str, str] = {}
    if result.tip is not None:
        refs[f"refs/heads/{stage.night.session_branch}"] = result.tip
    for task in result.having(Verdict.LANDED):
        refs[f"refs/heads/{task.branch}"] = str(task.commit)
    for task in result.results:
        refs |= {tried.kept_ref: tried.commit for tried in task.attempts if tried.kept_ref and tried.commit}
    return refs


def _published(stage: Stage, result: NightResult, *, owner: Owner) -> Delivered:
    """Push and open the pull request; after an alarm only the text for it is written."""
    return hand_over(
        result,
        owner=owner,
        folder=stage.folder,
        environ=stage.world.environ,
        journal=stage.journal,
        pull_request=stage.policy.delivery.pull_request == "session",
        interruption=stage.world.interruption,
    )
