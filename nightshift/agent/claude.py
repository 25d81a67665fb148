"""Claude Code as the agent: `claude -p`, the prompt on stdin, its stream read line by line."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightshift.agent.credential import withheld, withhold_in
from nightshift.agent.ending import Conclusion, cut_short, exit_of, last_words
from nightshift.agent.job import Job
from nightshift.agent.quote import one_line
from nightshift.agent.stream import Answer, Stream
from nightshift.model import Ending, Outcome
from nightshift.workspace import process
from nightshift.workspace.process import Completed

_NAME = "claude"
_KEPT_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Claude:
    """Runs the program `command`; `private` are the variables that only it may see."""

    command: tuple[str, ...]
    allowed_tools: tuple[str, ...]
    model: str | None = None
    private: Mapping[str, str] = field(repr=False)
    name: str = _NAME

    def work(self, job: Job) -> Outcome:
        """Let claude work once, and read its answer."""
        stream = Stream()
        done = process.run(
            self.arguments(),
            cwd=job.folder,
            env={**job.env, **settings(job.home), **self.private},
            timeout_seconds=job.timeout_seconds,
            stdin=job.prompt.encode("utf-8", "replace"),
            log=job.log,
            on_line=stream.take,
            interruption=job.interruption,
            marker=job.marker,
            keep_bytes=_KEPT_BYTES,
        )
        withhold_in(job.log, self.private)
        return self._outcome(done, stream, job)

    def arguments(self) -> tuple[str, ...]:
        """Return the argument list; a list of tools would swallow a prompt, so flags follow each."""
        # `--tools` hides what is not allowed, so that the model does not spend turns on being
        # refused; `dontAsk` refuses what is left that no rule allows, since nobody could be asked.
        return (
            *self.command,
            "-p",
            "--output-format",
            "stream-json",
            "--verbose",
            "--permission-mode",
            "dontAsk",
            "--allowedTools",
            ",".join(self.allowed_tools),
            "--tools",
            ",".join(dict.fromkeys(tool.partition("(")[0] for tool in self.allowed_tools)),
            "--setting-sources",
            "",
            "--strict-mcp-config",
            "--no-session-persistence",
            *(("--model", self.model) if self.model else ()),
        )

    def _outcome(self, done: Completed, stream: Stream, job: Job) -> Outcome:
        answer = stream.answer
        ending, reason = cut_short(done, job, name=self.name) or _judged(done, answer, stream.denials)
        if ending is Ending.TIMEOUT and stream.trouble:
            reason = f"{reason}; {stream.trouble}"
        return Outcome(
            ending=ending,
            reason=withheld(reason, self.private),
            said=withheld(answer.text, self.private) if answer else "",
            denials=tuple(withheld(one, self.private) for one in stream.denials),
            exit_code=done.exit_code,
            turns=answer.turns if answer else None,
            cost_usd=answer.cost_usd if answer else None,
            seconds=done.seconds,
        )


def settings(home: Path) -> dict[str, str]:
    """Return the variables that keep claude to its folders and its task."""
    return {
        "CLAUDE_CONFIG_DIR": str(home / ".claude"),
        "CLAUDE_CODE_TMPDIR": str(home / "tmp"),
        "CLAUDE_CODE_DISABLE_BACKGROUND_TASKS": "1",
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_ERROR_REPORTING": "1",
        "DISABLE_TELEMETRY": "1",
    }


def _judged(done: Completed, answer: Answer | None, denials: tuple[str, ...]) -> Conclusion:
    """Judge a run that ended by itself: done is only what says so in every place at once."""
    ended = exit_of(done, name=_NAME)
    if done.exit_code != 0:
        if answer is None:
            return Ending.CRASHED, f"{ended}{last_words(done)}"
        return Ending.FAILED, f"{ended}: {_words(answer)}"
    if answer is None:
        what = "no result that can be read" if done.stdout_bytes else "nothing"
        return Ending.GARBLED, f"{ended}, but printed {what}"
    if answer.is_error or answer.subtype != "success":
        return Ending.FAILED, f"{ended}, but reported an error: {_words(answer)}"
    if denials:
        listed = ", ".join(denials[:3]) + (f" and {len(denials) - 3} more" if denials[3:] else "")
        return Ending.NEEDS_PERMISSION, f"claude was refused a permission: {listed} (agent.allowed_tools)"
    return Ending.DONE, f"{ended} and a result"


def _words(answer: Answer) -> str:
    said = one_line(answer.text)
    if answer.subtype == "success":
        return said or "it says no more"
    return f"{answer.subtype}: {said}" if said else answer.subtype
