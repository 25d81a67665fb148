"""The names of runs, and which there are."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from nightshift.errors import StateError

_RUN_ID = re.compile(r"[0-9]{8}-[0-9]{6}-[0-9a-f]{4}")


def new_run_id(*, now: datetime, randomness: Callable[[int], bytes]) -> str:
    """Name a run by its start in UTC and four random hex digits."""
    return f"{now.astimezone(UTC):%Y%m%d-%H%M%S}-{randomness(2).hex()}"


def is_run_id(text: str) -> bool:
    """Tell whether it has the form of a run's name."""
    return _RUN_ID.fullmatch(text) is not None


def list_runs(state: Path) -> tuple[str, ...]:
    """Name the runs whose folders are in a repository's state folder, oldest first."""
    try:
        return tuple(sorted(entry.name for entry in (state / "runs").iterdir() if is_run_id(entry.name)))
    except FileNotFoundError:
        return ()
    except OSError as error:
        raise StateError(
            f"the folder {state} cannot be read: {error.strerror}",
            tip="point NIGHTSHIFT_STATE_DIR at a folder you can read and write",
        ) from error
