"""`nightshift run`: one night, now; or with --dry-run what it would be."""

import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nightshift.cli.answer import Folder, answering, folder_of, say, shown
from nightshift.errors import ExitCode, NightshiftError, UsageError

if TYPE_CHECKING:
    from nightshift.model import NightResult
    from nightshift.night import Request


@answering
def command(  # noqa: PLR0913 - the options of a typer command are its arguments
    context: typer.Context,
    *,
    folder: Folder = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what the night would do; write nothing, ask no network.")
    ] = False,
    plan: Annotated[
        Path | None, typer.Option(metavar="FILE", envvar="NIGHTSHIFT_PLAN", help="The plan to work through.")
    ] = None,
    policy: Annotated[
        Path | None, typer.Option(metavar="FILE", envvar="NIGHTSHIFT_POLICY", help="The safety policy.")
    ] = None,
    base: Annotated[
        str | None, typer.Option(metavar="BRANCH", envvar="NIGHTSHIFT_BASE", help="The branch to start from.")
    ] = None,
    base_local: Annotated[
        bool,
        typer.Option("--base-local", help="Start from the local branch, with commits that are not pushed."),
    ] = False,
    from_base: Annotated[
        bool,
        typer.Option("--from-base", help="Read plan and policy from the base commit, not as saved here."),
    ] = False,
    task: Annotated[
        list[str] | None,
        typer.Option("--task", metavar="ID", help="Run this READY task only; may be repeated."),
    ] = None,
    max_tasks: Annotated[
        int | None,
        typer.Option(metavar="N", min=1, envvar="NIGHTSHIFT_MAX_TASKS", help="Run at most N tasks tonight."),
    ] = None,
    agent: Annotated[
        str | None,
        typer.Option(
            metavar="KIND",
            envvar="NIGHTSHIFT_AGENT",
            help="Who works instead: claude, command or scripted:FILE.",
        ),
    ] = None,
    no_pr: Annotated[
        bool, typer.Option("--no-pr", help="Push, but open no pull request; its body is saved.")
    ] = False,
    redo: Annotated[
        list[str] | None,
        typer.Option("--redo", metavar="ID", help="Run this task although its change waits for review."),
    ] = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 where 1 would be due.")] = False,
) -> int:
    """Work through the READY tasks of the plan, each on a branch of its own."""
    from nightshift.night import Request

    where = folder_of(context, folder)
    request = Request(
        folder=where,
        plan=_below(where, plan),
        policy=_below(where, policy),
        base=base,
        base_local=base_local,
        from_base=from_base,
        only=tuple(task or ()),
        redo=tuple(redo or ()),
        max_tasks=max_tasks,
        agent=_agent(where, agent),
        pull_request=not no_pr,
        dry_run=dry_run,
    )
    code = _rehearse(request, as_json=json_wanted) if dry_run else _run(request, as_json=json_wanted)
    return ExitCode.OK if exit_zero and code == ExitCode.FAILED else code


def _below(folder: Path, path: Path | None) -> Path | None:
    """Read a path as if we had been started in `folder`."""
    return None if path is None else folder / path


def _agent(folder: Path, agent: str | None) -> str | None:
    """Read the path of `scripted:FILE` as if we had been started in `folder`."""
    if agent is None or not agent.startswith("scripted:"):
        if agent not in {None, "claude", "command"}:
            raise UsageError(f"--agent {agent} is not known", tip="claude, command or scripted:FILE")
        return agent
    return f"scripted:{folder / agent.removeprefix('scripted:')}"


def _run(request: "Request", *, as_json: bool) -> int:
    from nightshift.console import Progress, wants_colour
    from nightshift.delivery import report_json
    from nightshift.delivery.credentials import without_secrets
    from nightshift.night import World, run_night
    from nightshift.workspace.environment import scrub_git
    from nightshift.workspace.interruption import Interruption

    scrub_git(os.environ)
    interruption = Interruption()
    with (
        interruption.installed(),
        Progress(sys.stderr, colour=wants_colour(sys.stderr, dict(os.environ))) as progress,
    ):
        world = World(environ=dict(os.environ), interruption=interruption, listen=progress)
        try:
            result = run_night(request, world)
        except NightshiftError as error:
            if as_json:
                say(json.dumps(_failure(error), indent=2))
            raise
    result = without_secrets(result, environ=os.environ)
    say(json.dumps(report_json(result), indent=2) if as_json else _summary(result))
    return result.exit_code


def _failure(error: NightshiftError) -> dict[str, object]:
    """Return what a script has to know of a night that could not begin."""
    from nightshift.delivery.report_json import SCHEMA_VERSION

    facts = {"schema_version": SCHEMA_VERSION, "exit_code": int(error.exit_code)}
    return facts | {"error": error.message, "tip": error.tip}


def _summary(result: "NightResult") -> str:
    """Return the five lines that begin every report, and where the report is."""
    from nightshift.delivery import headlines

    lines = [
        " ".join(part for part in (f"{line.label}: {line.text}", line.url, line.command) if part)
        for line in headlines(result)
    ]
    if result.night.records is not None:
        lines.append(f"Report: {shown(result.night.records / 'report.md')}")
    return "\n".join(lines)


def _rehearse(request: "Request", *, as_json: bool) -> int:
    from nightshift.cli.rehearsal import rehearsal_json, rehearsal_text
    from nightshift.night import World, rehearse
    from nightshift.workspace.environment import scrub_git

    scrub_git(os.environ)
    prepared = rehearse(request, World(environ=dict(os.environ)))
    say(json.dumps(rehearsal_json(prepared), indent=2) if as_json else rehearsal_text(prepared))
    return ExitCode.OK
