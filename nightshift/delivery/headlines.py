"""The five lines that come first, in the morning and in the pull request."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nightshift.delivery.facts import NOT_RUN, PARKED, WORDS, counted, dollars, spoken
from nightshift.delivery.markdown import one_line, prose
from nightshift.errors import ExitCode
from nightshift.model import NightResult, TaskResult, Verdict
from nightshift.plan import ready

_NAMED = 6
_REASON = 110
_BEFORE_THE_NIGHT = {ExitCode.UNUSABLE, ExitCode.PREFLIGHT, ExitCode.LOCKED}
_INTERRUPTED = {ExitCode.INTERRUPTED, ExitCode.TERMINATED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Headline:
    """One of the five lines, as plain text; `url` and `command` are ours and stand behind it."""

    label: str
    text: str
    url: str | None = None
    command: str | None = None

    @property
    def markdown(self) -> str:
        """The line as Markdown."""
        link = f": <{self.url}>" if self.url else ""
        command = f": `{self.command}`" if self.command else ""
        return f"**{self.label}:** {prose(self.text, limit=2000)}{link}{command}"


def headlines(result: NightResult) -> tuple[Headline, ...]:
    """Say in five lines what needs the owner, what landed, is parked, was spent and did not run."""
    return (
        _needs_you(result),
        Headline(label="Landed", text=_landed(result)),
        Headline(label="Parked", text=_parked(result)),
        Headline(label="Spent", text=_spent(result)),
        Headline(label="Did not run", text=_not_run(result)),
    )


def _needs_you(result: NightResult) -> Headline:
    delivered = result.delivered
    wishes = list(_wishes(result))
    undelivered = delivered is not None and delivered.error is not None
    url = delivered.url if delivered and not undelivered and not result.alarms else None
    if url:
        wishes.append("a review of the pull request")
    elif result.having(Verdict.LANDED) and not undelivered and not result.alarms:
        wishes.append(f"a review of {result.night.session_branch}")
    command = delivered.command if delivered and undelivered and not result.alarms else None
    return Headline(label="Needs you", text="; ".join(wishes) or "nothing", url=url, command=command)


def _wishes(result: NightResult) -> Iterable[str]:
    """Name what only the owner can settle, the worst first."""
    if result.alarms:
        yield f"a look at the containment alarm: {_named(result.alarms, limit=2)}"
    if result.exit_code in _BEFORE_THE_NIGHT and result.stopped:
        yield f"no task could be started: {one_line(result.stopped)}"
    if result.exit_code in _INTERRUPTED:
        yield "the night was interrupted"
    if approvals := result.having(Verdict.NEEDS_APPROVAL):
        yield f"your approval for {_ids(approvals)}"
    if reviews := result.having(Verdict.IN_REVIEW):
        yield f"a review of {_ids(reviews)} from an earlier night"
    if failed := result.having(Verdict.FAILED):
        yield f"a look at {_ids(failed)}, which did not land"
    if refused := result.having(Verdict.REFUSED):
        yield f"a change in the plan for {_ids(refused)}, refused"
    if result.delivered and result.delivered.error and not result.alarms:
        yield f"the night is not delivered: {one_line(result.delivered.error)}"


def _landed(result: NightResult) -> str:
    landed = result.having(Verdict.LANDED)
    ran = sum(1 for one in result.results if one.verdict.ran)
    if landed:
        return f"{len(landed)} of {counted(ran, 'task')} that ran: {_ids(landed)}"
    return f"nothing, of {counted(ran, 'task')} that ran" if ran else "nothing, no task ran"


def _parked(result: NightResult) -> str:
    return _told(result.having(*PARKED)) or "nothing"


def _spent(result: NightResult) -> str:
    attempts = [attempt for one in result.results for attempt in one.attempts]
    gates = sum(1 for attempt in attempts if attempt.gate) + len(result.baseline)
    money = dollars(attempts)
    told = [spoken(result.seconds), counted(len(attempts), "attempt"), counted(gates, "gate run")]
    if money is not None:
        told.append(f"{money:.2f} USD by the agent's own count")
    elif attempts:
        told.append("cost not told by the agent")
    return ", ".join(told)


def _not_run(result: NightResult) -> str:
    skipped = result.having(*NOT_RUN)
    stopped = f"the night stopped: {one_line(result.stopped)}" if result.stopped else ""
    told = "; ".join(part for part in (_told(skipped), _not_asked_for(result), stopped) if part)
    if told:
        return told
    return "every READY task was tried" if result.results else "no task was READY"


def _not_asked_for(result: NightResult) -> str:
    """Count the READY tasks that `--task` left out; a night that was stopped may not have come to them."""
    known = {one.task.place for one in result.results}
    left = [task for task in ready(result.night.plan) if task.place not in known]
    return (
        f"{counted(len(left), 'READY task')} that --task did not name" if left and not result.stopped else ""
    )


def _told(results: Sequence[TaskResult]) -> str:
    """Name tasks with their verdicts and reasons, as many as fit a line."""
    told = [
        f"{one_line(one.task.id, limit=70)} {WORDS[one.verdict]} ({_reason(one)})" for one in results[:_NAMED]
    ]
    rest = len(results) - len(told)
    return "; ".join([*told, f"and {rest:,} more"] if rest else told)


def _reason(result: TaskResult) -> str:
    return one_line(result.reason, limit=_REASON)


def _ids(results: Sequence[TaskResult]) -> str:
    return _named([one.task.id for one in results], limit=_NAMED)


def _named(names: Sequence[str], *, limit: int) -> str:
    shown = [one_line(name, limit=200) for name in names[:limit]]
    rest = len(names) - len(shown)
    return ", ".join([*shown, f"and {rest:,} more"] if rest else shown)
