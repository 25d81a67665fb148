"""The report of a night: report.json with everything, report.md for the owner at breakfast."""

import json
import shlex
from collections.abc import Mapping
from pathlib import Path

from nightshift import records
from nightshift.delivery import facts
from nightshift.delivery.credentials import NOTHING, without_secrets
from nightshift.delivery.headlines import headlines
from nightshift.delivery.markdown import code, fence, one_line, plain, prose
from nightshift.delivery.report_json import left_alone, report_json
from nightshift.model import NightResult, TaskResult, Verdict
from nightshift.templating import render

_SAID = 4000
_OUTPUT = 4000


def write_report(result: NightResult, folder: Path, *, environ: Mapping[str, str] = NOTHING) -> None:
    """Write report.json and report.md, each at once; secrets of `environ` appear in neither."""
    clean = without_secrets(result, environ=environ)
    data = json.dumps(report_json(clean), indent=2) + "\n"
    records.write_atomically(folder / "report.json", data.encode())
    records.write_atomically(folder / "report.md", report_markdown(clean, folder=folder).encode())


def report_markdown(result: NightResult, *, folder: Path | None = None) -> str:
    """Return the report as Markdown; `folder` is where the logs lie."""
    return render(
        "report.md.j2",
        result=result,
        night=result.night,
        headlines=headlines(result),
        loud=tuple(remark for remark in facts.remarks(result) if remark.loud),
        quiet=tuple(remark for remark in facts.remarks(result) if not remark.loud),
        left_alone=left_alone(result),
        commands=commands(result),
        mismatches=tuple(line for one in result.results for line in _mismatches(one)),
        folder=folder,
        facts=facts,
        final_attempt=facts.final_attempt,
        said=_said,
        output=_output,
        code=code,
        prose=prose,
    )


def report_text(result: NightResult, *, folder: Path | None = None) -> str:
    """Return the report for a terminal: the same words, without what keeps Markdown quiet."""
    return plain(report_markdown(result, folder=folder))


def commands(result: NightResult) -> tuple[str, ...]:
    """Return what to run next, in commands of this version and of git alone."""
    night, delivered = result.night, result.delivered
    landed = bool(result.having(Verdict.LANDED))
    session = night.session_branch
    finish = delivered.command if delivered and delivered.error else None
    kept = [attempt.kept_ref for one in result.results for attempt in one.attempts if attempt.kept_ref]
    again = [one.task.id for one in result.having(Verdict.IN_REVIEW)]
    refused = bool(result.having(Verdict.REFUSED))
    wanted = (
        (finish, finish or ""),
        (landed and not result.alarms, f"git log --stat {night.base.commit[:12]}..{session}"),
        (landed and not result.alarms, f"git diff {night.base.commit[:12]}...{session}"),
        (kept and not result.alarms, f"git show {kept[-1] if kept else ''}"),
        (again, f"nightshift run --redo {shlex.quote(again[0]) if again else ''}"),
        (refused, f"nightshift validate {shlex.quote(night.plan.path)}"),
    )
    return tuple(one_line(command, limit=400) for condition, command in wanted if condition)


def _mismatches(result: TaskResult) -> tuple[str, ...]:
    found = (facts.mismatch(attempt) for attempt in result.attempts)
    return tuple(f"{code(result.task.id)}: {line}" for line in found if line)


def _said(text: str) -> str:
    return fence(text, limit=_SAID)


def _output(text: str) -> str:
    return fence(text, limit=_OUTPUT)
