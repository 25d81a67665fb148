"""`nightshift demo`: one real night on a sample project, with the built-in scripted agent."""

import os
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from nightshift.cli.answer import answering, say, shown, tell
from nightshift.errors import ExitCode


@answering
def command(
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[DIR]", help="An empty or new folder; a temporary one if not given."),
    ] = None,
) -> int:
    """Build a small project, work one night on it, and show the report; no key, no network."""
    from nightshift.console import Progress, wants_colour
    from nightshift.delivery import report_text
    from nightshift.demo import build, expected_ending, next_steps
    from nightshift.night import Request, World, run_night
    from nightshift.workspace.environment import scrub_git
    from nightshift.workspace.interruption import Interruption

    scrub_git(os.environ)
    project = build((folder or Path(tempfile.mkdtemp(prefix="nightshift-demo-"))).resolve())
    environ = {**os.environ, "NIGHTSHIFT_STATE_DIR": str(project.state)}
    request = Request(folder=project.root, agent=f"scripted:{project.script}", pull_request=False)
    interruption = Interruption()
    with (
        interruption.installed(),
        Progress(sys.stderr, colour=wants_colour(sys.stderr, environ)) as progress,
    ):
        result = run_night(request, World(environ=environ, interruption=interruption, listen=progress))
    say(report_text(result))
    differences = expected_ending(result)
    for difference in differences:
        tell(f"not as described: {difference}")
    say(next_steps(project, result, shown=shown))
    return ExitCode.FAILED if differences else ExitCode.OK
