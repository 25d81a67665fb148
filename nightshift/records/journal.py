"""The journal of a run: one flushed line for each fact, chained so that none can be changed unnoticed."""

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType
from typing import Self

from nightshift.errors import StateError
from nightshift.model import Record, RecordKind
from nightshift.records.atomic import flush_folder, unwritable

SCHEMA = 1
Clock = Callable[[], datetime]


class Journal:
    """Appends to the journal of one run; a line is on the disk when `append` returns."""

    def __init__(self, path: Path, descriptor: int, *, clock: Clock, seq: int = 0, chain: str = "") -> None:
        self.path = path
        self._descriptor = descriptor
        self._clock = clock
        self._seq = seq
        self._chain = chain

    @classmethod
    def create(cls, path: Path, *, clock: Clock) -> Self:
        """Begin the journal of a new run; one that is there already is never overwritten."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
            flush_folder(path.parent)
        except OSError as error:
            raise unwritable(f"the journal {path}", error) from error
        return cls(path, descriptor, clock=clock)

    @classmethod
    def open(cls, path: Path, *, clock: Clock) -> Self:
        """Go on with the journal of an earlier run, behind its last whole line."""
        records, whole, chain = _read(path)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC)
            os.ftruncate(descriptor, whole)
        except OSError as error:
            raise unwritable(f"the journal {path}", error) from error
        return cls(path, descriptor, clock=clock, seq=len(records), chain=chain)

    def append(self, kind: RecordKind, /, **facts: object) -> Record:
        """Write one record and wait until it is on the disk."""
        record = Record(
            seq=self._seq + 1,
            time=self._clock().astimezone(UTC).isoformat(timespec="milliseconds"),
            kind=kind,
            facts=MappingProxyType(facts),
        )
        line, chain = _line(record, self._chain)
        self._write(line)
        self._seq, self._chain = record.seq, chain
        return record

    def is_intact(self) -> bool:
        """Tell whether what stands at the journal's path is what was written there."""
        try:
            records, _, chain = _read(self.path)
        except StateError:
            return False
        return (len(records), chain) == (self._seq, self._chain)

    def close(self) -> None:
        """Give the file back; records are on the disk already."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __del__(self) -> None:
        with suppress(OSError):
            self.close()

    def _write(self, line: bytes) -> None:
        """Append in one call; half a line is taken back, so that the next one can be read."""
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            if os.write(self._descriptor, line) != len(line):
                raise OSError(0, "only a part of the line was written")  # noqa: TRY301 - one way out for both
            os.fsync(self._descriptor)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._descriptor, end)
            raise unwritable(f"the journal {self.path}", error) from error


def read_journal(path: Path) -> tuple[Record, ...]:
    """Read all records; a last line that was cut short by a crash does not count."""
    return _read(path)[0]


def _read(path: Path) -> tuple[tuple[Record, ...], int, str]:
    """Return the records, the length of the part that is whole, and the end of the chain."""
    try:
        source = path.read_bytes()
    except OSError as error:
        raise StateError(
            f"the journal {path} cannot be read: {error.strerror}", tip="was the run removed?"
        ) from error
    records: list[Record] = []
    whole, chain = 0, ""
    for line in source.splitlines(keepends=True):
        if not line.endswith(b"\n"):
            break
        record = _record(line, chain, seq=len(records) + 1)
        if record is None:
            raise StateError(
                f"{path}:{len(records) + 1}: this line of the journal was changed after it was written",
                tip="do not trust this run's records; the branches in your repository are not touched by it",
            )
        records.append(record)
        whole += len(line)
        chain = json.loads(line)["checksum"]
    return tuple(records), whole, chain


def _line(record: Record, before: str) -> tuple[bytes, str]:
    """Return the line of a record, and its checksum over itself and all lines before."""
    fields = {
        "schema": SCHEMA,
        "seq": record.seq,
        "time": record.time,
        "kind": record.kind.value,
        "facts": dict(record.facts),
    }
    checksum = _checksum(fields, before)
    return json.dumps(fields | {"checksum": checksum}, allow_nan=False).encode() + b"\n", checksum


def _checksum(fields: Mapping[str, object], before: str) -> str:
    canonical = json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(f"{before}\n{canonical}".encode()).hexdigest()[:32]


def _record(line: bytes, before: str, *, seq: int) -> Record | None:
    """Understand one line; None when it is not what was written there."""
    try:
        fields = json.loads(line)
        checksum = fields.pop("checksum")
        if checksum != _checksum(fields, before) or fields["seq"] != seq or fields["schema"] != SCHEMA:
            return None
        return Record(
            seq=seq,
            time=fields["time"],
            kind=RecordKind(fields["kind"]),
            facts=MappingProxyType(fields["facts"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
