"""Any program as the agent: the prompt on stdin, and exit 0 means that it is done."""

from dataclasses import dataclass

from nightshift.agent.ending import Conclusion, cut_short, exit_of, last_words
from nightshift.agent.job import Job
from nightshift.agent.quote import calm
from nightshift.model import Ending, Outcome
from nightshift.workspace import process
from nightshift.workspace.capture import readable
from nightshift.workspace.process import Completed

_KEPT_BYTES = 64 * 1024
_LINES_SAID = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """Runs the owner's program `command` with the prompt on stdin; it gets no credential."""

    command: tuple[str, ...]
    name: str = "command"

    def work(self, job: Job) -> Outcome:
        """Run the program once."""
        done = process.run(
            self.command,
            cwd=job.folder,
            env=job.env,
            timeout_seconds=job.timeout_seconds,
            stdin=job.prompt.encode("utf-8", "replace"),
            log=job.log,
            interruption=job.interruption,
            marker=job.marker,
            keep_bytes=_KEPT_BYTES,
        )
        ending, reason = cut_short(done, job, name="the command") or _judged(done)
        return Outcome(
            ending=ending,
            reason=reason,
            said=calm(readable(done.stdout, lines=_LINES_SAID)),
            exit_code=done.exit_code,
            seconds=done.seconds,
        )


def _judged(done: Completed) -> Conclusion:
    ended = exit_of(done, name="the command")
    if done.ok:
        return Ending.DONE, ended
    crashed = done.exit_code is not None and done.exit_code < 0
    return Ending.CRASHED if crashed else Ending.FAILED, f"{ended}{last_words(done)}"
