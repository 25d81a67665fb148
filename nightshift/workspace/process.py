"""Starting programs: bounded in time and memory, and nothing they started is left when we return."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from nightshift.workspace.capture import Kept, Lines, Log
from nightshift.workspace.census import MARKER, Process, parse_ps, processes
from nightshift.workspace.completed import Completed, Ended
from nightshift.workspace.conversation import Conversation, Ear
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.refusal import why_not_started
from nightshift.workspace.stragglers import Family, adopt_orphans, send_group, starting

__all__ = ["Completed", "Ended", "end_marked", "run"]

_KILLED_SECONDS = 5.0
_SETTLE_SECONDS = 0.25
_STRAGGLER_SECONDS = 1.0


def run(  # noqa: PLR0913 - what a program needs is many things, each with its name
    args: Sequence[str | Path],
    *,
    cwd: Path,
    env: Mapping[str, str],
    timeout_seconds: float,
    stdin: bytes = b"",
    log: Path | None = None,
    on_line: Callable[[bytes], None] | None = None,
    interruption: Interruption | None = None,
    marker: str | None = None,
    keep_bytes: int = 256 * 1024,
    log_bytes: int = 8 * 1024 * 1024,
    merge_output: bool = False,
    grace_seconds: float = 10.0,
    clock: Callable[[], float] = time.monotonic,
) -> Completed:
    """Run a program to its end, or to ours; whatever it started is dead when this returns.

    `on_line` hears each line of stdout. `marker` names the night in the program's environment.
    At the deadline or an interruption its group gets TERM, and KILL after `grace_seconds`.
    """
    blank = Completed(args=tuple(os.fspath(word) for word in args), ended=Ended.NOT_STARTED)
    if interruption is not None and interruption.requested is not None:
        return replace(blank, ended=Ended.INTERRUPTED)
    if timeout_seconds <= 0:
        return replace(blank, ended=Ended.TIMED_OUT)
    began = clock()
    until = began + timeout_seconds
    watch = _Watch(until=until, grace_seconds=grace_seconds, interruption=interruption, clock=clock)
    environment = dict(env) if marker is None else {**env, MARKER: marker}
    family = Family(census=_census, marker=marker, home=env.get("HOME"), adopts=adopt_orphans())
    with _Output(keep_bytes=keep_bytes, log=log, log_bytes=log_bytes, on_line=on_line) as output:
        try:
            child = _start(
                blank.args, family, cwd=cwd, env=environment, speaks=bool(stdin), merged=merge_output
            )
        except (OSError, ValueError) as error:
            return replace(blank, error=why_not_started(error, blank.args, cwd=cwd))
        ended, survivors = _attend(child, family, output, watch, stdin=stdin)
    result = replace(blank, ended=ended, exit_code=child.returncode, seconds=clock() - began)
    return output.told_in(replace(result, error=_about(survivors)))


def end_marked(marker: str, *, home: Path) -> tuple[int, ...]:
    """End what a killed night left running, known by its marker and a HOME in its folder `home`."""
    family = Family(census=_census, marker=marker, home=str(home), adopts=adopt_orphans())
    family.look_around()
    return family.end(grace_seconds=_STRAGGLER_SECONDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Watch:
    """When a program has to end."""

    until: float
    grace_seconds: float
    interruption: Interruption | None
    clock: Callable[[], float]


class _Output:
    """Everything that listens to a program."""

    def __init__(
        self, *, keep_bytes: int, log: Path | None, log_bytes: int, on_line: Callable[[bytes], None] | None
    ) -> None:
        self.out = Kept(keep_bytes)
        self.err = Kept(keep_bytes)
        self._lines = None if on_line is None else Lines(on_line)
        self._log = None if log is None else Log(log, limit=log_bytes)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._log is not None:
            self._log.close()

    @property
    def ears(self) -> tuple[list[Ear], list[Ear]]:
        """What hears stdout, and what hears stderr."""
        log: list[Ear] = [] if self._log is None else [self._log.take]
        lines: list[Ear] = [] if self._lines is None else [self._lines.take]
        return [self.out.take, *log, *lines], [self.err.take, *log]

    def told_in(self, result: Completed) -> Completed:
        """Add what was printed to a result."""
        out, err = self.out, self.err
        counted = replace(result, stdout_bytes=out.seen, stderr_bytes=err.seen)
        return replace(counted, stdout=out.value(), stderr=err.value())

    def end(self) -> None:
        """Hand on a last line without an end."""
        if self._lines is not None:
            self._lines.close()


def _start(
    args: tuple[str, ...], family: Family, *, cwd: Path, env: Mapping[str, str], speaks: bool, merged: bool
) -> subprocess.Popen[bytes]:
    """Start the program in a session of its own."""
    if not args:
        raise ValueError("an empty list")
    family.look_around()
    with starting:
        child = subprocess.Popen(
            args,
            cwd=cwd,
            env=dict(env),
            stdin=subprocess.PIPE if speaks else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if merged else subprocess.PIPE,
            bufsize=0,
            start_new_session=True,
        )
        family.begin(child.pid)
    return child


def _attend(
    child: subprocess.Popen[bytes], family: Family, output: _Output, watch: _Watch, *, stdin: bytes
) -> tuple[Ended, tuple[int, ...]]:
    """Listen to the program until it ends or must end, then end what it left."""
    out, err = output.ears
    try:
        with Conversation(
            child.pid,
            heard=((child.stdout, out), (child.stderr, err)),
            spoken=(child.stdin, stdin),
            interruption=watch.interruption,
            clock=watch.clock,
        ) as talk:
            ended = _listen(talk, watch)
            if ended is not Ended.EXITED:
                _stop(child, family, talk, watch)
            _reap(child, family)
            survivors = family.end(grace_seconds=min(_STRAGGLER_SECONDS, watch.grace_seconds))
            talk.until_silence(seconds=_SETTLE_SECONDS)
            output.end()
            return ended, survivors
    finally:
        if not family.over:
            send_group(child.pid, signal.SIGKILL)
            _reap(child, family)
            family.end()


def _listen(talk: Conversation, watch: _Watch) -> Ended:
    """Listen until the end; what a pipeline in the background still has to say may come a moment later."""
    if talk.until_exit(watch.until):
        talk.until_silence(seconds=_SETTLE_SECONDS)
        return Ended.EXITED
    return Ended.INTERRUPTED if talk.interrupted else Ended.TIMED_OUT


def _stop(child: subprocess.Popen[bytes], family: Family, talk: Conversation, watch: _Watch) -> None:
    """Ask the program's group to end, then make it."""
    family.remember()
    send_group(child.pid, signal.SIGTERM)
    send_group(child.pid, signal.SIGCONT)
    if not talk.until_exit(watch.clock() + watch.grace_seconds, interruptible=False):
        send_group(child.pid, signal.SIGKILL)
        talk.until_exit(watch.clock() + _KILLED_SECONDS, interruptible=False)


def _reap(child: subprocess.Popen[bytes], family: Family) -> None:
    """Take the exit status; only until then is the number of the group surely the program's."""
    if not family.adopts:
        send_group(child.pid, signal.SIGKILL)
    with suppress(subprocess.TimeoutExpired):
        child.wait(timeout=_KILLED_SECONDS)


def _census(*, environments: bool = False) -> tuple[Process, ...]:
    return _listed_by_ps() if sys.platform == "darwin" else processes(environments=environments)


def _listed_by_ps() -> tuple[Process, ...]:
    listed = subprocess.run(
        ["/bin/ps", "-axEww", "-o", "pid=,ppid=,pgid=,stat=,command="],
        capture_output=True,
        check=False,
        timeout=30,
    )
    return parse_ps(listed.stdout)


def _about(survivors: tuple[int, ...]) -> str:
    if not survivors:
        return ""
    return "these processes it started could not be ended: " + ", ".join(str(pid) for pid in survivors)
