"""An agent that does what a script says: for demonstrations, rehearsals and tests, without a key."""

import select
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nightshift.agent import inside
from nightshift.agent.ending import Conclusion, cut_short, exit_of, last_words
from nightshift.agent.job import Job
from nightshift.agent.quote import calm, duration, one_line
from nightshift.agent.steps import Delete, Edit, Expect, Fail, Run, Say, Script, Sleep, Step, Write
from nightshift.model import Ending, Outcome
from nightshift.records import write_atomically
from nightshift.workspace import process

_KEPT_BYTES = 64 * 1024
_LINES_LOGGED = 1000
_POLL_SECONDS = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripted:
    """Plays the steps of a script for a task and an attempt."""

    script: Script
    clock: Callable[[], float] = time.monotonic
    name: str = "scripted"

    def work(self, job: Job) -> Outcome:
        """Play the steps until one fails, time is over or all are done; write the log."""
        play = _Play(job, self.clock)
        steps = self.script.steps(job.task.id, number=job.number)
        if steps is None:
            ending, reason = (
                Ending.FAILED,
                f"the script {Path(self.script.path).name} has no task {job.task.id}",
            )
        else:
            ending, reason = play.all(steps)
        play.note(reason)
        job.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_atomically(job.log, "\n".join([*play.notes, ""]).encode("utf-8", "replace"))
        said = calm("\n".join(play.said))
        return Outcome(ending=ending, reason=reason, said=said, seconds=play.seconds)


class _Play:
    """One attempt while it is played."""

    def __init__(self, job: Job, clock: Callable[[], float]) -> None:
        self.notes: list[str] = []
        self.said: list[str] = []
        self._job = job
        self._clock = clock
        self._began = clock()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return self._clock() - self._began

    def note(self, text: str) -> None:
        """Write a line into the log."""
        self.notes.append(text)

    def all(self, steps: tuple[Step, ...]) -> Conclusion:
        """Play one step after the other."""
        for number, step in enumerate(steps, start=1):
            stopped = (
                self._over()
                or self._tried(step, where=f"step {number} in line {step.place.line}")
                or self._over()
            )
            if stopped is not None:
                return stopped
        return Ending.DONE, f"the script's {len(steps)} steps were played"

    def _tried(self, step: Step, *, where: str) -> Conclusion | None:
        try:
            return self._one(step, where=where)
        except (OSError, ValueError) as error:
            what = (error.strerror if isinstance(error, OSError) else None) or str(error)
            return Ending.FAILED, one_line(f"{where} failed: {_about(step)}: {what}")

    def _one(self, step: Step, *, where: str) -> Conclusion | None:
        """Play a step; None to go on."""
        folder = self._job.folder
        match step:
            case Write(path=path, text=text):
                inside.write(folder, path, text.encode())
            case Edit():
                return self._edit(step, where=where)
            case Delete(path=path):
                inside.delete(folder, path)
            case Run():
                return self._run(step, where=where)
            case Say(text=text):
                self.said.append(text)
            case Fail(reason=reason):
                return Ending.FAILED, one_line(reason)
            case Sleep(seconds=seconds):
                self._sleep(seconds)
            case Expect(text=text):
                if text not in self._job.prompt:
                    return Ending.FAILED, f"{where} failed: the prompt does not say: {one_line(text)}"
        self.note(f"{where}: {one_line(_about(step))}")
        return None

    def _edit(self, step: Edit, *, where: str) -> Conclusion | None:
        before, old = inside.read(self._job.folder, step.path), step.old.encode()
        times = before.count(old)
        if times != 1:
            found = "not there" if times == 0 else f"there {times} times"
            return Ending.FAILED, one_line(f"{where} failed: the text to replace in {step.path} is {found}")
        inside.write(self._job.folder, step.path, before.replace(old, step.new.encode()))
        self.note(f"{where}: {one_line(_about(step))}")
        return None

    def _run(self, step: Run, *, where: str) -> Conclusion | None:
        job = self._job
        done = process.run(
            step.args,
            cwd=job.folder,
            env=job.env,
            timeout_seconds=job.timeout_seconds - self.seconds,
            interruption=job.interruption,
            marker=job.marker,
            merge_output=True,
            keep_bytes=_KEPT_BYTES,
        )
        name = one_line(_about(step), limit=80)
        self.note(f"{where}: {name}: {exit_of(done, name='it')}\n{done.tail(_LINES_LOGGED)}")
        if done.ok and not done.error:
            return None
        stopped = cut_short(done, job, name=f"{where}, {name},")
        return stopped or (Ending.FAILED, f"{where} failed: {exit_of(done, name=name)}{last_words(done)}")

    def _sleep(self, seconds: float) -> None:
        """Wait without turning, until the time is over or somebody asks for the end."""
        until = min(self.seconds + seconds, self._job.timeout_seconds)
        watched = [] if self._job.interruption is None else [self._job.interruption]
        while (left := until - self.seconds) > 0 and not self._interrupted():
            select.select(watched, [], [], min(left, _POLL_SECONDS))

    def _interrupted(self) -> bool:
        return self._job.interruption is not None and self._job.interruption.requested is not None

    def _over(self) -> Conclusion | None:
        if self._interrupted():
            return Ending.INTERRUPTED, "the script was stopped: the night was interrupted"
        if self.seconds >= self._job.timeout_seconds:
            limit = duration(self._job.timeout_seconds)
            return Ending.TIMEOUT, f"the script was stopped: {limit} were over"
        return None


def _about(step: Step) -> str:
    """Name a step and what it is about."""
    match step:
        case Write(path=path) | Edit(path=path) | Delete(path=path):
            what = path
        case Run(args=args):
            what = " ".join(args)
        case Sleep(seconds=seconds):
            what = f"{seconds:g}"
        case Fail(reason=text) | Say(text=text) | Expect(text=text):
            what = text
    return f"{type(step).__name__.lower()} {what}"
