"""The night's log for people: a line for each event, with its time."""

import os
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from nightshift.events import Event, Listener


class NightLog:
    """Writes events to a file of its own, one line each, flushed at once."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self._path = path
        self._now = now
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._file = os.fdopen(descriptor, "a", encoding="utf-8", errors="replace", buffering=1)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            with suppress(OSError):
                self._file.close()

    def write(self, event: Event) -> None:
        """Add one line."""
        if self._file is None:
            return
        task = f"[{event.task}] " if event.task else ""
        text = event.text.replace("\n", "\n    ")
        # The journal is the record; that this copy for people cannot be written ends no night.
        with suppress(OSError):
            self._file.write(f"{self._now():%Y-%m-%dT%H:%M:%SZ} {event.kind.value:<9} {task}{text}\n")

    def beside(self, listen: Listener) -> Listener:
        """Return a listener that writes here and tells the other one."""

        def both(event: Event) -> None:
            self.write(event)
            listen(event)

        return both
