"""What was asked for, and the world it is asked in: the seams of a night."""

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nightshift.events import Listener, nobody
from nightshift.workspace.interruption import Interruption


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What the command line asked for; paths are absolute."""

    folder: Path
    plan: Path | None = None
    policy: Path | None = None
    base: str | None = None
    base_local: bool = False
    from_base: bool = False
    only: tuple[str, ...] = ()
    redo: tuple[str, ...] = ()
    max_tasks: int | None = None
    agent: str | None = None
    pull_request: bool = True
    dry_run: bool = False


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Time, randomness, environment and ears; a test brings its own."""

    environ: Mapping[str, str]
    interruption: Interruption | None = None
    listen: Listener = nobody
    clock: Callable[[], float] = time.monotonic
    now: Callable[[], datetime] = _utc_now
    randomness: Callable[[int], bytes] = os.urandom

    @property
    def interrupted(self) -> int | None:
        """The signal that asked the night to end."""
        return None if self.interruption is None else self.interruption.requested
