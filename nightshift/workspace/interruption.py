"""A request to end the night, from a signal, that any wait can watch."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Interruption:
    """Remembers the first request to end; `fileno()` stays readable from then on."""

    def __init__(self) -> None:
        self._requested: int | None = None
        self._reader, self._writer = os.pipe()
        os.set_blocking(self._reader, False)
        os.set_blocking(self._writer, False)

    def __del__(self) -> None:
        for descriptor in (self._reader, self._writer):
            with suppress(OSError):
                os.close(descriptor)

    @property
    def requested(self) -> int | None:
        """The number of the signal that asked us to end; None while nobody did."""
        if self._requested is None:
            self._read()
        return self._requested

    def fileno(self) -> int:
        """Return a descriptor that is readable once an end was requested."""
        return self._reader

    def request(self, signum: int) -> None:
        """Ask for the end; only the first request counts."""
        if self._requested is None:
            self._requested = signum
            self._write()

    @contextmanager
    def installed(self) -> Iterator["Interruption"]:
        """Take SIGINT, SIGTERM and SIGHUP as requests, but for those that are ignored, as under nohup."""
        before = {signum: signal.getsignal(signum) for signum in _SIGNALS}
        handled = [signum for signum, handler in before.items() if handler is not signal.SIG_IGN]
        wakeup = signal.set_wakeup_fd(self._writer, warn_on_full_buffer=False)
        try:
            for signum in handled:
                signal.signal(signum, self._handle)
            yield self
        finally:
            for signum in handled:
                signal.signal(signum, before[signum] or signal.SIG_DFL)
            signal.set_wakeup_fd(wakeup)

    def _handle(self, signum: int, _frame: FrameType | None) -> None:
        self.request(signum)

    def _read(self) -> None:
        """Take what the signals wrote: other handlers' signals wake us too, and mean nothing here."""
        with suppress(BlockingIOError):
            asked = [number for number in os.read(self._reader, 4096) if number in _SIGNALS]
            if asked:
                self.request(asked[0])

    def _write(self) -> None:
        with suppress(BlockingIOError):
            os.write(self._writer, b"\0")
