"""`nightshift validate`: a lint of plan and policy, for the shell, a hook or CI."""

from pathlib import Path
from typing import Annotated

import typer

from nightshift.cli.answer import Folder, answering, folder_of, say, tell
from nightshift.errors import ExitCode


@answering
def command(
    context: typer.Context,
    *,
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATHS]...", help="Plans (.md) and policies (.yaml); the repository's own if none."
        ),
    ] = None,
    folder: Folder = None,
    json_wanted: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False,
    exit_zero: Annotated[bool, typer.Option("--exit-zero", help="Exit 0 where 1 would be due.")] = False,
) -> int:
    """Check plan and policy, and say what a night would refuse."""
    from nightshift.cli.findings import as_json, as_lines, counts, find_problems, plan_and_policy

    root = folder_of(context, folder)
    found = find_problems(root, [root / path for path in paths or ()] or plan_and_policy(root))
    if found or json_wanted:
        say(as_json(found) if json_wanted else as_lines(found))
    tell(counts(found))
    errors = any(problem.severity.blocks for problem in found)
    return ExitCode.FAILED if errors and not exit_zero else ExitCode.OK
