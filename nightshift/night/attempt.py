"""One attempt at a task, from the checkpoint to a commit or to the reason why there is none."""

from dataclasses import replace

from nightshift.agent import Job, render_prompt
from nightshift.delivery import commit_message
from nightshift.events import Kind
from nightshift.gate import run_gate
from nightshift.model import (
    Attempt,
    Cause,
    Change,
    Ending,
    Failure,
    GateRun,
    Judgement,
    Outcome,
    RecordKind,
    Task,
)
from nightshift.night.failures import agent_failure, gate_failure, no_change, policy_failure
from nightshift.night.stage import Stage
from nightshift.policy import judge_change
from nightshift.records import write_atomically
from nightshift.workspace.change import measure
from nightshift.workspace.git import GitError

_HOME = "agent"
_CONTINUES = {Cause.POLICY, Cause.GATE}


def run_attempt(
    stage: Stage, task: Task, number: int, *, tip: str, previous: Attempt | None, ends_at: float
) -> Attempt:
    """Let the agent work once from `tip`, measure what it did, judge it, gate it and commit it.

    `ends_at` is the task's deadline on the world's clock. After a red gate or a broken rule the
    next attempt goes on from the tree of the previous one, else from the tip.
    """
    stage.record(RecordKind.ATTEMPT_STARTED, task=task.id, attempt=number, checkpoint=tip)
    stage.slot.show_agent(head=tip, tree=_continued_tree(previous))
    outcome = _work(stage, task, number, previous=previous, ends_at=ends_at)
    change = _measured(stage, task, tip=tip)
    tried = Attempt(
        number=number, outcome=outcome, change=change, log=_log_name(task, number), seconds=outcome.seconds
    )
    if outcome.ending is not Ending.DONE:
        return _kept(stage, task, tried, tip, failure=agent_failure(outcome))
    if change.is_empty:
        return _kept(stage, task, tried, tip, failure=no_change(outcome))

    tried = replace(tried, judgement=_judged(stage, task, change))
    if not tried.judgement.can_proceed:
        return _kept(stage, task, tried, tip, failure=policy_failure(tried.judgement))

    tried = replace(tried, gate=_gated(stage, task, number, change, tip=tip, ends_at=ends_at))
    if tried.gate is None or not tried.gate.passed:
        return _kept(
            stage,
            task,
            tried,
            tip,
            failure=gate_failure(tried.gate, interrupted=stage.world.interrupted is not None),
        )
    return _landed(stage, task, tried, tried.gate, tip=tip)


def _continued_tree(previous: Attempt | None) -> str | None:
    """Return the tree that the next attempt starts from; None for the checkpoint's."""
    if previous is None or previous.failure is None or previous.change is None:
        return None
    return previous.change.new_tree if previous.failure.cause in _CONTINUES else None


def _work(stage: Stage, task: Task, number: int, *, previous: Attempt | None, ends_at: float) -> Outcome:
    """Start the agent in the slot and wait for it; afterwards nothing that it started is alive."""
    failure = previous.failure if previous else None
    prompt = render_prompt(task, stage.policy, number=number, failure=failure, standards=stage.standards)
    write_atomically(stage.folder / f"{task.id}-{number}.prompt.md", prompt.encode("utf-8", "replace"))
    limit = ends_at - stage.world.clock()
    if stage.policy.session.attempt_minutes is not None:
        limit = min(limit, stage.policy.session.attempt_minutes * 60)
    stage.say(Kind.STEP, f"attempt {number}: {stage.agent.name} is at work", task=task.id)
    job = Job(
        task=task,
        number=number,
        prompt=prompt,
        folder=stage.slot.path,
        home=stage.bench.homes / _HOME,
        env=stage.bench.environment(_HOME),
        timeout_seconds=limit,
        log=stage.folder / _log_name(task, number),
        marker=stage.night.run,
        interruption=stage.world.interruption,
    )
    outcome = stage.agent.work(job)
    stage.record(
        RecordKind.AGENT_FINISHED,
        task=task.id,
        attempt=number,
        ending=outcome.ending.value,
        reason=outcome.reason,
        exit_code=outcome.exit_code,
        seconds=round(outcome.seconds, 3),
        cost_usd=outcome.cost_usd,
        turns=outcome.turns,
    )
    return outcome


def _log_name(task: Task, number: int) -> str:
    return f"{task.id}-{number}.agent.log"


def _measured(stage: Stage, task: Task, *, tip: str) -> Change:
    """Take the snapshot and measure it against the tip, with our own git directory and index."""
    snapshot = stage.slot.snapshot()
    old_tree = stage.vault.git.line("rev-parse", f"{tip}^{{tree}}")
    change = measure(
        stage.vault.git,
        old_tree=old_tree,
        new_tree=snapshot.tree or old_tree,
        unreadable=snapshot.unreadable,
    )
    stage.record(
        RecordKind.SNAPSHOT_TAKEN,
        task=task.id,
        tree=change.new_tree,
        files=len(change.files),
        added=change.added,
        deleted=change.deleted,
    )
    return change


def _judged(stage: Stage, task: Task, change: Change) -> Judgement:
    judgement = judge_change(change, stage.policy, task=task, protected=stage.protected)
    stage.record(
        RecordKind.CHANGE_JUDGED,
        task=task.id,
        tree=change.new_tree,
        violations=[
            stage.masked(f"{found.severity} {found.rule}: {found.message}") for found in judgement.violations
        ],
    )
    return judgement


def _gated(
    stage: Stage, task: Task, number: int, change: Change, *, tip: str, ends_at: float
) -> GateRun | None:
    """Run the gate on the snapshot; None when the task's time was over before it could start."""
    left = ends_at - stage.world.clock()
    if left <= 0:
        return None
    stage.say(Kind.STEP, f"attempt {number}: the gate runs", task=task.id)
    run = run_gate(
        stage.bench, change.new_tree, head=tip, log=f"{task.id}-{number}.gate.log", timeout_seconds=left
    )
    stage.record(
        RecordKind.GATE_FINISHED,
        task=task.id,
        attempt=number,
        tree=run.tree,
        passed=run.passed,
        exit_code=run.exit_code,
        seconds=round(run.seconds, 3),
    )
    return run


def _landed(stage: Stage, task: Task, tried: Attempt, gate: GateRun, *, tip: str) -> Attempt:
    """Commit the gated tree on the task's branch of our own repository."""
    message = commit_message(stage.night, task, tried.number, gate)
    try:
        commit = stage.vault.commit(
            gate.tree, parent=tip, message=message, author=stage.night.identity, date=stage.world.now()
        )
        stage.vault.set_ref(f"refs/heads/{stage.night.task_branch(task.id)}", commit)
    except GitError as error:
        return replace(
            tried, failure=Failure(cause=Cause.COMMIT, reason=f"the commit failed: {error.message}")
        )
    stage.record(
        RecordKind.TASK_COMMITTED,
        task=task.id,
        attempt=tried.number,
        commit=commit,
        tree=gate.tree,
        parent=tip,
    )
    return replace(tried, commit=commit)


def _kept(stage: Stage, task: Task, tried: Attempt, tip: str, *, failure: Failure) -> Attempt:
    """Keep what a failed attempt made, as a commit under refs/nightshift/, and say why it failed."""
    failure = replace(failure, reason=stage.masked(failure.reason), details=stage.masked(failure.details))
    stage.record(
        RecordKind.ROLLED_BACK,
        task=task.id,
        attempt=tried.number,
        cause=failure.cause.value,
        reason=failure.reason,
    )
    stage.say(Kind.STEP, f"attempt {tried.number}: {failure.reason}", task=task.id)
    tried = replace(tried, failure=failure)
    if tried.change is None or not tried.change.files:
        return tried
    ref = stage.night.attempt_ref(task.id, tried.number)
    commit = stage.vault.commit(
        tried.change.new_tree,
        parent=tip,
        message=f"{task.id}: attempt {tried.number}, not landed\n\n{failure.reason}\n",
        author=stage.night.identity,
        date=stage.world.now(),
    )
    stage.vault.set_ref(ref, commit)
    return replace(tried, commit=commit, kept_ref=ref)
