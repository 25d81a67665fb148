"""Feeding a program, hearing it, and noticing its end: one selector, no threads."""

import os
import selectors
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import IO, Self

from nightshift.workspace.exits import exit_descriptor, has_exited
from nightshift.workspace.interruption import Interruption

_PIECE = 64 * 1024
_POLL_SECONDS = 0.02
_LONGEST_WAIT_SECONDS = 3600.0

Ear = Callable[[bytes], object]


class Conversation:
    """The pipes of one running program; `interrupted` once we were asked to end."""

    def __init__(
        self,
        pid: int,
        *,
        heard: Sequence[tuple[IO[bytes] | None, Sequence[Ear]]],
        spoken: tuple[IO[bytes] | None, bytes] = (None, b""),
        interruption: Interruption | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.exited = False
        self.interrupted = False
        self._pid = pid
        self._clock = clock
        self._interruption = interruption
        self._selector = selectors.DefaultSelector()
        self._exit = exit_descriptor(pid)
        self._pipes = [pipe for pipe, _ in (*heard, spoken) if pipe is not None]
        self._open: set[IO[bytes]] = set()
        self._left = memoryview(spoken[1])
        if self._exit is not None:
            self._selector.register(self._exit, selectors.EVENT_READ, self._note_exit)
        if interruption is not None:
            self._selector.register(interruption.fileno(), selectors.EVENT_READ, self._note_interruption)
        for pipe, ears in heard:
            if pipe is not None:
                self._listen_to(pipe, ears)
        if spoken[0] is not None:
            self._speak_to(spoken[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._selector.close()
        for pipe in self._pipes:
            with suppress(OSError):
                pipe.close()
        if self._exit is not None:
            os.close(self._exit)

    def until_exit(self, until: float, *, interruptible: bool = True) -> bool:
        """Listen until the program has ended; False when time is up or we were asked to stop."""
        while not self.exited and not (interruptible and self.interrupted):
            left = until - self._clock()
            if left <= 0:
                break
            self._turn(left)
        return self.exited

    def until_silence(self, *, seconds: float) -> None:
        """Listen until nobody holds the other end of the pipes, or for so long."""
        until = self._clock() + seconds
        while self._open and (left := until - self._clock()) > 0:
            self._turn(left)

    def _turn(self, seconds: float) -> None:
        """Wait for the next thing to happen, and do what is due."""
        watching = self._exit is not None or self.exited
        for key, _ in self._selector.select(
            min(seconds, _LONGEST_WAIT_SECONDS if watching else _POLL_SECONDS)
        ):
            key.data()
        if self._exit is None and not self.exited:
            self.exited = has_exited(self._pid)

    def _note_exit(self) -> None:
        self.exited = True
        if self._exit is not None:
            self._selector.unregister(self._exit)

    def _note_interruption(self) -> None:
        if self._interruption is not None and self._interruption.requested is not None:
            self.interrupted = True
            self._selector.unregister(self._interruption.fileno())

    def _listen_to(self, pipe: IO[bytes], ears: Sequence[Ear]) -> None:
        def hear() -> None:
            piece = os.read(pipe.fileno(), _PIECE)
            if not piece:
                self._selector.unregister(pipe)
                self._open.discard(pipe)
            for ear in ears if piece else ():
                ear(piece)

        self._open.add(pipe)
        self._selector.register(pipe, selectors.EVENT_READ, hear)

    def _speak_to(self, pipe: IO[bytes]) -> None:
        def speak() -> None:
            try:
                self._left = self._left[os.write(pipe.fileno(), self._left[:_PIECE]) :]
            except BrokenPipeError:
                self._left = self._left[:0]
            if not self._left:
                self._selector.unregister(pipe)
                pipe.close()

        os.set_blocking(pipe.fileno(), False)
        self._selector.register(pipe, selectors.EVENT_WRITE, speak)
