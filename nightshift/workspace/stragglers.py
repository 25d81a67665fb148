"""What a program left running: found by descent and by marker, ended, and reaped."""

import ctypes
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from nightshift.workspace.census import Process, below
from nightshift.workspace.exits import await_exit

_KILL_SECONDS = 5.0
_PR_SET_CHILD_SUBREAPER = 36


class Census(Protocol):
    """Lists the processes there are, with what their environments say if that is asked for."""

    def __call__(self, *, environments: bool = False) -> tuple[Process, ...]:
        """List them."""
        ...


starting = threading.Lock()
"""Held while a program is started, so that no other run takes it for a straggler."""
_roots: set[int] = set()


def adopt_orphans() -> bool:
    """Become the parent of every orphan among our descendants; False where the system cannot."""
    if sys.platform != "linux":
        return False
    return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)


def send(pid: int, signum: int) -> bool:
    """Signal one process, never ourselves or init; False when we may not. One that is gone is no matter."""
    if pid <= 1 or pid == os.getpid():
        return False
    try:
        os.kill(pid, signum)
    except PermissionError:
        return False
    except ProcessLookupError:
        return True
    return True


def send_group(group: int, signum: int) -> None:
    """Signal a process group, never our own and never all there are."""
    if group > 1 and group != os.getpgrp():
        with suppress(OSError):
            os.killpg(group, signum)


@dataclass(slots=True, kw_only=True)
class Family:
    """Everything that one program starts, however it hides.

    A descendant that outlives its parents becomes our own child, for we adopt orphans. It never
    shares our session, because the program was started in a new one; that tells it from children
    that we have for other reasons. What was there before is not of the family, nor is what another
    run started. What a service of the machine was asked to start is known by its environment: the
    marker of the night, and a HOME that is `home` or below it.
    """

    census: Census
    marker: str | None = None
    home: str | None = None
    adopts: bool = True
    root: int = 0
    over: bool = False
    _foreign: frozenset[tuple[int, int]] = frozenset()
    _foreign_sessions: frozenset[int] = frozenset()
    _remembered: set[int] = field(default_factory=set)
    _untouchable: set[int] = field(default_factory=set)

    def look_around(self) -> None:
        """Note which descendants we have before the program is started."""
        if _childless():
            return
        table = self.census()
        foreign = below({os.getpid()}, table) - below(_roots, table) - _roots
        self._foreign = frozenset((each.pid, each.started) for each in table if each.pid in foreign)
        self._foreign_sessions = frozenset(each.session for each in table if each.pid in foreign)

    def begin(self, root: int) -> None:
        """Name the program that was started."""
        self.root = root
        _roots.add(root)

    def remember(self) -> None:
        """Note the descendants while they can still be told; for systems without adoption."""
        if not self.adopts:
            self._remembered |= below({self.root}, self.census())

    def end(self, *, grace_seconds: float = 0.0) -> tuple[int, ...]:
        """End all that is left and reap it; return the pids that could not be ended."""
        try:
            found = self._found()
            if grace_seconds > 0 and not all(process.zombie for process in found):
                self._signal(found, signal.SIGTERM, signal.SIGCONT, seconds=grace_seconds)
                found = self._found()
            until = time.monotonic() + _KILL_SECONDS
            while found and time.monotonic() < until:
                self._kill_groups(found)
                self._signal(found, signal.SIGKILL, seconds=1.0)
                found = self._found()
            return tuple(sorted({process.pid for process in found} | self._untouchable))
        finally:
            self.over = True
            _roots.discard(self.root)

    def _kill_groups(self, found: tuple[Process, ...]) -> None:
        """Kill whole groups at one stroke, for one that runs from process to process is never met.

        A group lies in one session, and the sessions of our orphans are theirs alone.
        """
        for group in {process.group for process in found if self.adopts and not self._is_marked(process)}:
            send_group(group, signal.SIGKILL)

    def _signal(self, found: tuple[Process, ...], *signums: int, seconds: float) -> None:
        """Signal them all, then wait for each."""
        refused = {each.pid for each in found for signum in signums if not send(each.pid, signum)}
        self._untouchable |= refused
        until = time.monotonic() + seconds
        for process in found:
            if process.pid not in refused:
                await_exit(process.pid, seconds=max(0.0, until - time.monotonic()))
                self._reap(process)

    def _reap(self, process: Process) -> None:
        """Take the exit status of an orphan; of children that we had before, another part of us will."""
        if (process.pid, process.started) not in self._foreign:
            with suppress(ChildProcessError):
                os.waitpid(process.pid, os.WNOHANG)

    def _found(self) -> tuple[Process, ...]:
        """Return what is left; look twice, since a list of processes is never taken in one instant."""
        if self.adopts and self.marker is None and _childless():
            return ()
        return self._look() or self._look()

    def _look(self) -> tuple[Process, ...]:
        with starting:
            table = self.census(environments=self.marker is not None)
        ours = self._family(table) - self._untouchable
        reaping = ours | {os.getpid()}
        return tuple(
            each for each in table if each.pid in ours and (not each.zombie or each.parent in reaping)
        )

    def _family(self, table: tuple[Process, ...]) -> frozenset[int]:
        """Return the pids in the table that belong to this program, never ours or our parents'."""
        us = os.getpid()
        tops = {process.pid for process in table if process.parent == us and self._claims(process)}
        marked = {process.pid for process in table if self._is_marked(process)}
        if not self.adopts:
            marked |= {process.pid for process in table if process.group == self.root > 1}
            marked |= self._remembered
        others = _roots - {self.root}
        spared = _ancestors(us, table) | others | below(others, table) | {self.root}
        return frozenset((tops | below(tops, table) | marked) - spared)

    def _claims(self, child: Process) -> bool:
        """Tell whether this child of ours is an orphan of the program."""
        others = _roots - {self.root}
        if child.session in {0, os.getsid(0)} or child.pid == self.root:
            return False
        if (child.pid, child.started) in self._foreign or child.session in self._foreign_sessions:
            return False
        if child.pid in others or child.session in others:
            return False
        return not others or child.session == self.root or self._is_marked(child)

    def _is_marked(self, process: Process) -> bool:
        """Tell whether its environment is one that this night gives to its programs."""
        if self.marker is None or process.marker != os.fsencode(self.marker):
            return False
        home = os.fsencode(self.home or "")
        return not home or process.home == home or process.home.startswith(home + b"/")


def _ancestors(pid: int, table: tuple[Process, ...]) -> set[int]:
    parents = {process.pid: process.parent for process in table}
    found = {0, 1}
    while pid not in found:
        found.add(pid)
        pid = parents.get(pid, 0)
    return found


def _childless() -> bool:
    """Tell whether we have no child at all, not even a dead one: then nothing was left behind."""
    if sys.platform == "darwin":
        return False
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return False
