"""From errors to messages and exit codes: the one place where every exception ends."""

import functools
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec

import typer

from nightshift.errors import ExitCode, NightshiftError, UsageError
from nightshift.text import without_controls

P = ParamSpec("P")

Folder = Annotated[
    Path | None, typer.Option("-C", "--repo", metavar="DIR", help="Work as if started in DIR.")
]


def folder_of(context: typer.Context, folder: Path | None) -> Path:
    """Return where to work: `-C` after the command, `-C` before it, or where we are."""
    chosen: Path = folder or context.obj or Path.cwd()
    if not chosen.is_dir():
        raise UsageError(f"-C {chosen} is not a folder")
    return chosen.resolve()


def shown(path: Path) -> str:
    """Write a path as short as it can be typed here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def answering(command: Callable[P, int]) -> Callable[P, None]:
    """Turn a command's answer into an exit code, and what went wrong into words on stderr."""

    @functools.wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> None:
        try:
            code = command(*args, **kwargs)
        except NightshiftError as error:
            explain(error)
            code = error.exit_code
        except KeyboardInterrupt:
            code = ExitCode.INTERRUPTED
        except BrokenPipeError:
            # Whoever read our output has gone; nothing more can be said to them.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            code = ExitCode.FAILED
        except Exception:  # noqa: BLE001 - the one place where a bug of ours becomes words
            code = _own_fault()
        raise typer.Exit(int(code))

    return wrapped


def explain(error: NightshiftError) -> None:
    """Say on stderr what is wrong, and what to do next."""
    typer.echo(without_controls(f"nightshift: {error.message}"), err=True)
    for line in error.tip.splitlines():
        typer.echo(without_controls(f"  {line}"), err=True)


def _own_fault() -> ExitCode:
    """Save the traceback of a bug of ours where the owner can send it from."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile("w", prefix="nightshift-bug-", suffix=".txt", delete=False) as file:
        file.write(traceback.format_exc())
    typer.echo(
        f"nightshift: this is a bug in nightshift, not yours; its traceback is in {file.name}", err=True
    )
    return ExitCode.FAILED
