"""`nightshift init`: writes plan, policy and gate for this repository, and overwrites nothing."""

import typer

from nightshift.cli.answer import Folder, answering, folder_of
from nightshift.errors import ExitCode


@answering
def command(context: typer.Context, *, folder: Folder = None) -> int:
    """Write a plan, a policy and a quality gate that fit this repository; never overwrite a file."""
    from nightshift.project import detect, starter_files, write_missing
    from nightshift.workspace.owner import open_owner

    owner = open_owner(folder_of(context, folder))
    tracked = owner.tracked_files()
    project = detect(owner.root, tracked)
    written = write_missing(owner.root, starter_files(project))
    for note in project.notes:
        typer.echo(f"  {note}", err=True)
    for path, what in written:
        typer.echo(f"{what} {path}")
    new = [path for path, what in written if what == "written"]
    typer.echo("Next:", err=True)
    if new:
        typer.echo(f"  git add {' '.join(new)} && git commit -m 'Add nightshift'", err=True)
        typer.echo("  push it: the gate is always the one of the pushed base", err=True)
    typer.echo("  mark a task READY in the plan, then: nightshift run --dry-run", err=True)
    return ExitCode.OK
