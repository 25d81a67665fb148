"""The conductor: takes the tasks one by one and stops when a rule says so."""

from nightshift.events import Kind
from nightshift.model import RecordKind, Task, TaskResult, Verdict
from nightshift.night.selection import next_task, waits
from nightshift.night.stage import Stage
from nightshift.night.stop import Tally, stop_reason, task_limit_seconds
from nightshift.night.task import run_task

_KINDS = {Verdict.LANDED: Kind.LANDED, Verdict.FAILED: Kind.FAILED, Verdict.NEEDS_APPROVAL: Kind.FAILED}


class Conductor:
    """Holds what moves while a night runs: the tip, the results, and the count towards stopping."""

    def __init__(self, stage: Stage, *, done: frozenset[str]) -> None:
        self._stage = stage
        self._done = set(done)
        self._tally = Tally()
        self.tip = stage.night.base.commit
        self._ran: list[TaskResult] = []
        self._skipped: list[TaskResult] = []
        self.stopped: str | None = None

    @property
    def results(self) -> tuple[TaskResult, ...]:
        """All results: what ran, in order, and then what did not."""
        return (*self._ran, *self._skipped)

    def skip(self, result: TaskResult) -> None:
        """Take in a task that is not run at all."""
        self._skipped.append(result)
        self._stage.record(
            RecordKind.TASK_SKIPPED, task=result.task.id, verdict=result.verdict.value, reason=result.reason
        )
        self._stage.say(Kind.SKIPPED, result.reason, task=result.task.id)

    def work_through(self, tasks: tuple[Task, ...]) -> None:
        """Run the tasks in order, each when what it depends on is done, until a rule stops the night."""
        waiting = list(tasks)
        while (task := next_task(waiting, done=self._done)) is not None:
            self.stopped = self._stop_reason(task)
            if self.stopped is not None:
                break
            waiting.remove(task)
            self._take(run_task(self._stage, task, tip=self.tip))
        for task in waiting:
            self.skip(self._not_started(task))

    def _stop_reason(self, task: Task) -> str | None:
        if self._stage.world.interrupted is not None:
            return "the night was interrupted"
        rules = self._stage.policy.session
        return stop_reason(
            self._tally,
            rules,
            left_seconds=self._stage.left_seconds(),
            needed_seconds=task_limit_seconds(rules, declared=task.timeout_seconds),
        )

    def _take(self, result: TaskResult) -> None:
        """Take in a task that ran; only a landed one moves the tip."""
        self._ran.append(result)
        self._tally = self._tally.after(result)
        if result.commit is not None:
            self.tip = result.commit
            self._done.add(result.task.id)
        self._stage.say(_KINDS.get(result.verdict, Kind.FAILED), result.reason, task=result.task.id)

    def _not_started(self, task: Task) -> TaskResult:
        if self.stopped is None:
            return waits(task, done=self._done)
        return TaskResult(task=task, verdict=Verdict.NOT_STARTED, reason=f"not started: {self.stopped}")
