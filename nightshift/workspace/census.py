"""Which processes there are: read from /proc, or from what `ps` prints."""

import os
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process; `started` tells a pid from the same number used again, 0 where it is not known."""

    pid: int
    parent: int
    group: int
    session: int = 0
    zombie: bool = False
    started: int = 0
    marked: bool = False


def processes(marker: bytes | None = None) -> tuple[Process, ...]:
    """Read /proc; `marker` is a NAME=value that marked processes have in their environment."""
    with suppress(OSError), os.scandir("/proc") as entries:
        pids = [int(entry.name) for entry in entries if entry.name.isdigit()]
        return tuple(found for found in (read_process(pid, marker) for pid in pids) if found is not None)
    return ()


def read_process(pid: int, marker: bytes | None = None) -> Process | None:
    """Read one process from /proc; None when it is gone."""
    stat = _read(f"/proc/{pid}/stat")
    if not stat:
        return None
    state, parent, group, session, *rest = stat[stat.rindex(b")") + 2 :].split()
    return Process(
        pid=pid,
        parent=int(parent),
        group=int(group),
        session=int(session),
        zombie=state == b"Z",
        started=int(rest[15]),
        marked=marker is not None and marker in _read(f"/proc/{pid}/environ").split(b"\0"),
    )


def parse_ps(printed: bytes, marker: bytes | None = None) -> tuple[Process, ...]:
    """Read what `ps -axEww -o pid=,ppid=,pgid=,stat=,command=` prints; environments follow commands."""
    rows = (line.split(None, 4) for line in printed.splitlines())
    return tuple(
        Process(
            pid=int(row[0]),
            parent=int(row[1]),
            group=int(row[2]),
            zombie=row[3].startswith(b"Z"),
            marked=marker is not None and marker in row[-1].split(),
        )
        for row in rows
        if len(row) > 3 and all(number.isdigit() for number in row[:3])  # noqa: PLR2004 - four columns and a command
    )


def below(roots: Collection[int], table: Iterable[Process]) -> frozenset[int]:
    """Return the pids of all descendants of `roots`, without the roots."""
    children: dict[int, list[int]] = {}
    for process in table:
        children.setdefault(process.parent, []).append(process.pid)
    found: set[int] = set()
    waiting = list(roots)
    while waiting:
        for child in children.get(waiting.pop(), ()):
            if child not in found:
                found.add(child)
                waiting.append(child)
    return frozenset(found)


def _read(path: str) -> bytes:
    with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123 - hundreds of these in a row: no Path
        return file.read()
    return b""
