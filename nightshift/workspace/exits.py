"""How we learn that a process has ended, without reaping it and without threads."""

import os
import select
import sys


def exit_descriptor(pid: int) -> int | None:
    """Return a descriptor that turns readable when `pid` ends; None where the system has none."""
    try:
        if sys.platform == "darwin":
            return _kqueue(pid)
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def has_exited(pid: int) -> bool:
    """Tell whether our own child has ended; it is not reaped."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


def await_exit(pid: int, *, seconds: float) -> None:
    """Wait for the end of any process; without a descriptor only a moment, so ask again."""
    descriptor = exit_descriptor(pid)
    if descriptor is None:
        select.select([], [], [], min(seconds, 0.01))
        return
    try:
        waiting = select.poll()
        waiting.register(descriptor, select.POLLIN)
        waiting.poll(seconds * 1000)
    finally:
        os.close(descriptor)


if sys.platform == "darwin":

    def _kqueue(pid: int) -> int:
        queue = select.kqueue()
        event = select.kevent(
            pid, filter=select.KQ_FILTER_PROC, flags=select.KQ_EV_ADD, fflags=select.KQ_NOTE_EXIT
        )
        queue.control([event], 0)
        return os.dup(queue.fileno())
