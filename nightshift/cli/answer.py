"""From errors to messages and exit codes: the one place where every exception ends."""

import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, ParamSpec, TextIO

import typer

from nightshift.errors import ExitCode, NightshiftError, UsageError
from nightshift.text import without_controls

P = ParamSpec("P")

Folder = Annotated[
    Path | None, typer.Option("-C", "--repo", metavar="DIR", help="Work as if started in DIR.")
]


def folder_of(context: typer.Context, folder: Path | None) -> Path:
    """Return where to work: `-C` after the command, `-C` before it, or where we are."""
    chosen: Path | None = folder or context.obj
    if chosen is not None and not chosen.is_dir():
        raise UsageError(f"-C {chosen} is not a folder")
    try:
        return (chosen or Path.cwd()).resolve()
    except FileNotFoundError as error:
        raise UsageError("the folder we were started in is gone", tip="cd into one that is there") from error


def shown(path: Path) -> str:
    """Write a path as short as it can be typed here."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def say(text: str) -> None:
    """Print data on stdout."""
    _print(text, sys.stdout)


def tell(text: str) -> None:
    """Print words for people on stderr."""
    _print(text, sys.stderr)


def _print(text: str, stream: TextIO | None) -> None:
    """Print what steers no terminal, and what its encoding has no sign for as a question mark."""
    if stream is None:
        # Whoever started us with a closed stream wants to hear nothing on it.
        return
    encoding = stream.encoding or "utf-8"
    try:
        typer.echo(without_controls(text).encode(encoding, "replace").decode(encoding), file=stream)
    except OSError:
        # The reader has gone, as after `| head`, or its disk is full: the exit code stands all the same.
        from nightshift.console import mute

        mute(stream)


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
        except Exception:  # noqa: BLE001 - the one place where a bug of ours becomes words
            code = _own_fault()
        raise typer.Exit(int(code))

    return wrapped


def explain(error: NightshiftError) -> None:
    """Say on stderr what is wrong, and what to do next."""
    tell(f"nightshift: {error.message}")
    for line in error.tip.splitlines():
        tell(f"  {line}")


def _own_fault() -> ExitCode:
    """Save the traceback of a bug of ours where the owner can send it from."""
    import traceback

    trace = traceback.format_exc()
    try:
        place = f"its traceback is in {_saved(trace)}"
    except OSError:
        place = trace.rstrip().splitlines()[-1]
    tell(f"nightshift: this is a bug in nightshift, not yours; {place}")
    return ExitCode.FAILED


def _saved(trace: str) -> str:
    import tempfile

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", errors="replace", prefix="nightshift-bug-", suffix=".txt", delete=False
    ) as file:
        file.write(trace)
    return file.name
