"""The command line: one small module a command, wired together here."""

from pathlib import Path
from typing import Annotated

import typer

from nightshift.cli import deliver, demo, initialise, run, validate

app = typer.Typer(
    name="nightshift",
    help="Works through a Markdown plan while its owner sleeps, and touches nothing else.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    add_completion=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _show_version(value: bool) -> None:  # noqa: FBT001 - typer calls it so
    if value:
        from nightshift import __version__

        typer.echo(f"nightshift {__version__}")
        raise typer.Exit


@app.callback()
def _everywhere(
    context: typer.Context,
    folder: Annotated[
        Path | None, typer.Option("-C", "--repo", metavar="DIR", help="Work as if started in DIR.")
    ] = None,
    _version: Annotated[  # noqa: FBT002 - a flag of typer's is a bool with a default
        bool,
        typer.Option("--version", is_eager=True, callback=_show_version, help="Show the version and exit."),
    ] = False,
) -> None:
    context.obj = folder


app.command("run", short_help="Work one night, now.")(run.command)
app.command("validate", short_help="Lint plan and policy.")(validate.command)
app.command("init", short_help="Write a plan, a policy and a gate.")(initialise.command)
app.command("demo", short_help="Play one night on a sample project.")(demo.command)
app.command("deliver", short_help="Finish what a night left.")(deliver.command)
