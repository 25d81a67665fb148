"""Why a program could not be started, in a sentence for people."""

import errno
import os
from collections.abc import Sequence
from pathlib import Path


def why_not_started(error: OSError | ValueError, args: Sequence[str], *, cwd: Path) -> str:
    """Say what is wrong with the program, or with the folder it should run in."""
    if not args:
        return "there is no program to run"
    if isinstance(error, ValueError):
        return f"its arguments cannot be passed on: {error}"
    if not cwd.is_dir():
        return f"the folder {cwd} to run it in does not exist"
    return _about_program(error, args[0], cwd=cwd)


def _about_program(error: OSError, program: str, *, cwd: Path) -> str:
    place = cwd / program if os.sep in program else None
    if isinstance(error, FileNotFoundError):
        if place is not None and place.exists():
            return f"{program} names an interpreter in its first line (#!) that does not exist"
        return f"{program} was not found" + ("" if place is not None else " on PATH")
    if place is not None and place.is_dir():
        return f"{program} is a folder"
    if isinstance(error, PermissionError):
        return f"{program} is not executable"
    if error.errno == errno.ENOEXEC:
        return f"{program} is no program: its first line does not begin with #!"
    return f"{program}: {error.strerror}"
