"""What a program prints: kept under a cap, logged under a cap, cut into lines, made readable."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from nightshift.records import unwritable
from nightshift.text import without_controls

_LONGEST_LINE = 4 * 1024 * 1024
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])")


def gap(missing: int) -> bytes:
    """Say how many bytes were left out here."""
    return b"\n[... %d bytes left out by nightshift ...]\n" % missing


def readable(data: bytes, *, lines: int) -> str:
    """Decode the last lines as a terminal would leave them, without anything it would obey."""
    text = _ESCAPES.sub("", data.decode("utf-8", "replace"))
    shown = (line.rstrip("\r").rpartition("\r")[2] for line in text.rstrip().split("\n"))
    return "\n".join([without_controls(line).rstrip() for line in shown][-lines:])


class Tail:
    """The last bytes of a stream; memory is bounded whatever the size of the pieces."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._bytes = bytearray()

    def take(self, piece: bytes) -> None:
        """Add a piece and forget what no longer fits, in large steps."""
        self._bytes += piece
        if len(self._bytes) > 2 * self._limit + 4096:
            del self._bytes[: len(self._bytes) - self._limit]

    def kept(self) -> bytes:
        """Return the end of the stream."""
        return bytes(self._bytes[max(0, len(self._bytes) - self._limit) :])


class Kept:
    """The beginning and the end of a stream, the gap between them marked."""

    def __init__(self, limit: int) -> None:
        self._head_limit = limit // 2
        self._head = bytearray()
        self._tail = Tail(limit - limit // 2)
        self.seen = 0

    def take(self, piece: bytes) -> None:
        """Add a piece."""
        self.seen += len(piece)
        room = self._head_limit - len(self._head)
        self._head += piece[:room]
        self._tail.take(piece[room:])

    def value(self) -> bytes:
        """Return everything, or head, gap and tail."""
        tail = self._tail.kept()
        missing = self.seen - len(self._head) - len(tail)
        return bytes(self._head) + (gap(missing) if missing else b"") + tail


class Lines:
    """Calls back for each complete line, without its line ending; an endless line is cut."""

    def __init__(self, on_line: Callable[[bytes], None], *, longest: int = _LONGEST_LINE) -> None:
        self._on_line = on_line
        self._longest = longest
        self._begun = bytearray()

    def take(self, piece: bytes) -> None:
        """Add a piece and hand on the lines it completes."""
        first, *others = piece.split(b"\n")
        self._extend(first)
        for other in others:
            self._on_line(bytes(self._begun))
            self._begun.clear()
            self._extend(other)

    def close(self) -> None:
        """Hand on the last line, if it had no end."""
        if self._begun:
            self._on_line(bytes(self._begun))
            self._begun.clear()

    def _extend(self, part: bytes) -> None:
        self._begun += part[: self._longest - len(self._begun)]


class Log:
    """A file that holds the beginning of what was printed as it comes, and the end when it is closed."""

    def __init__(self, path: Path, *, limit: int) -> None:
        self._path = path
        self._room = limit // 2
        self._tail = Kept(limit - limit // 2)
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with self._explained():
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(path, flags, 0o600)
            os.fchmod(self._descriptor, 0o600)

    def close(self) -> None:
        """Write the end, behind a gap if there is one."""
        try:
            with self._explained():
                self._write(self._tail.value())
        finally:
            os.close(self._descriptor)

    def take(self, piece: bytes) -> None:
        """Write what the beginning has room for; the rest waits for the end."""
        now, later = piece[: self._room], piece[self._room :]
        with self._explained():
            self._write(now)
        self._room -= len(now)
        self._tail.take(later)

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[os.write(self._descriptor, view) :]

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise unwritable(f"the log {self._path}", error) from error
