"""Which processes there are: read from /proc, or from what `ps` prints."""

import os
import re
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass

MARKER = "NIGHTSHIFT_RUN"
"""The name under which a program's environment says which night started it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process; `started` tells a pid from the same number used again, 0 where it is not known.

    `marker` and `home` are what its environment says of the night and of HOME.
    """

    pid: int
    parent: int
    group: int
    session: int = 0
    zombie: bool = False
    started: int = 0
    marker: bytes = b""
    home: bytes = b""


def processes(*, environments: bool = False) -> tuple[Process, ...]:
    """Read /proc; environments cost as much as all the rest."""
    with suppress(OSError), os.scandir("/proc") as entries:
        pids = [int(entry.name) for entry in entries if entry.name.isdigit()]
        return tuple(
            found
            for found in (read_process(pid, environment=environments) for pid in pids)
            if found is not None
        )
    return ()


def read_process(pid: int, *, environment: bool = False) -> Process | None:
    """Read one process from /proc; None when it is gone."""
    stat = _read(f"/proc/{pid}/stat")
    if not stat:
        return None
    state, parent, group, session, *rest = stat[stat.rindex(b")") + 2 :].split()
    variables = _read(f"/proc/{pid}/environ").split(b"\0") if environment else ()
    return Process(
        pid=pid,
        parent=int(parent),
        group=int(group),
        session=int(session),
        zombie=state == b"Z",
        started=int(rest[15]),
        marker=_value(MARKER, variables),
        home=_value("HOME", variables),
    )


def parse_ps(printed: bytes) -> tuple[Process, ...]:
    """Read what `ps -axEww -o pid=,ppid=,pgid=,stat=,command=` prints; environments follow commands."""
    rows = (line.split(None, 4) for line in printed.splitlines())
    return tuple(
        Process(
            pid=int(row[0]),
            parent=int(row[1]),
            group=int(row[2]),
            zombie=row[3].startswith(b"Z"),
            marker=_printed_value(MARKER, row[-1]),
            home=_printed_value("HOME", row[-1]),
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


def _value(name: str, variables: Iterable[bytes]) -> bytes:
    start = name.encode() + b"="
    return next((each.removeprefix(start) for each in variables if each.startswith(start)), b"")


def _printed_value(name: str, printed: bytes) -> bytes:
    """Find a variable behind a command; a value with blanks ends where the next name begins."""
    found = re.search(rb"(?:^| )%s=(.*?)(?= [A-Za-z_][A-Za-z0-9_]*=|$)" % name.encode(), printed)
    return found[1] if found else b""


def _read(path: str) -> bytes:
    with suppress(OSError), open(path, "rb") as file:  # noqa: PTH123 - hundreds of these in a row: no Path
        return file.read()
    return b""
