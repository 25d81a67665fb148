"""The pull request's title and body: what was measured, and nothing that an agent said."""

from collections.abc import Iterable
from dataclasses import dataclass

from nightshift.delivery import facts
from nightshift.delivery.headlines import headlines
from nightshift.delivery.markdown import cell, code, fence, one_line, prose
from nightshift.delivery.message import subject
from nightshift.model import NightResult, TaskResult, Verdict
from nightshift.templating import render

LIMIT = 65_536
_TITLE_WIDTH = 100
_NAMED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Size:
    """How much a body tells: characters of each quotation, rows of each list, tasks in detail."""

    quote: int
    rows: int
    details: int


_SIZES = (
    _Size(quote=4000, rows=100, details=100),
    _Size(quote=1500, rows=100, details=100),
    _Size(quote=500, rows=100, details=100),
    _Size(quote=0, rows=100, details=100),
    _Size(quote=0, rows=50, details=20),
    _Size(quote=0, rows=20, details=5),
    _Size(quote=0, rows=20, details=0),
)


def pull_request_title(result: NightResult) -> str:
    """Return a title of one line: the task's own when one landed, else how many did."""
    landed = result.having(Verdict.LANDED)
    if len(landed) == 1:
        return subject(landed[0].task.title, before=f"{one_line(landed[0].task.id)}: ", width=_TITLE_WIDTH)
    names = ", ".join(one_line(one.task.id) for one in landed[:_NAMED])
    more = f" and {len(landed) - _NAMED} more" if len(landed) > _NAMED else ""
    return subject(
        f"Nightshift: {facts.counted(len(landed), 'task')} landed: {names}{more}", width=_TITLE_WIDTH
    )


def pull_request_body(result: NightResult) -> str:
    """Return the body, at most 65,536 characters; what does not fit is shortened evenly, and said."""
    marker = f"<!-- nightshift-run: {one_line(result.night.run)} -->\n"
    bodies = (_body(result, size) + marker for size in _SIZES)
    return next((body for body in bodies if _fits(body)), _shortest(result) + marker)


def _fits(body: str) -> bool:
    # Bytes, so that it also fits where a forge counts those, or UTF-16.
    return len(body.encode(errors="replace")) <= LIMIT


def _body(result: NightResult, size: _Size) -> str:
    landed = result.having(Verdict.LANDED)
    return render(
        "pull_request.md.j2",
        title=prose(pull_request_title(result)),
        result=result,
        night=result.night,
        headlines=headlines(result),
        loud=tuple(remark for remark in facts.remarks(result) if remark.loud),
        quiet=tuple(remark for remark in facts.remarks(result) if not remark.loud),
        landed=landed,
        parked=result.having(*facts.PARKED),
        skipped=result.having(*facts.NOT_RUN),
        status_commit=_status_commit(result, landed),
        shortened=size is not _SIZES[0],
        quote=size.quote,
        rows=size.rows,
        details=size.details,
        facts=facts,
        final_attempt=facts.final_attempt,
        size=_size,
        gate_result=_gate_result,
        cell=cell,
        code=code,
        fence=fence,
        prose=prose,
    )


def _status_commit(result: NightResult, landed: Iterable[TaskResult]) -> str | None:
    """Return the commit that marks the plan: the tip, where that is no task's."""
    return result.tip if result.tip not in {one.commit for one in landed} else None


def _size(result: TaskResult) -> str:
    attempt = facts.final_attempt(result)
    change = attempt.change if attempt else None
    return (
        f"{facts.counted(len(change.files), 'file')}, +{change.added:,} -{change.deleted:,}" if change else ""
    )


def _gate_result(result: TaskResult) -> str:
    attempt = facts.final_attempt(result)
    gate = attempt.gate if attempt else None
    return f"exit {gate.exit_code}, {facts.spoken(gate.seconds)}" if gate else ""


def _shortest(result: NightResult) -> str:
    """Return the five lines alone."""
    lines = "\n".join(f"- {line.markdown}" for line in headlines(result))
    title = prose(pull_request_title(result))
    return f"# {title}\n\n{lines}\n\nThe rest is too long for this place; report.md has it.\n\n"
