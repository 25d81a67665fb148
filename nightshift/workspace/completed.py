"""What a program's run came to, as a value."""

from dataclasses import dataclass
from enum import StrEnum

from nightshift.workspace.capture import readable


class Ended(StrEnum):
    """How a program's run came to its end."""

    EXITED = "exited"
    TIMED_OUT = "timed_out"
    INTERRUPTED = "interrupted"
    NOT_STARTED = "not_started"


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """What a program's run came to; a negative `exit_code` is the signal that ended it.

    `stdout` and `stderr` hold beginning and end, with the gap between them marked; the two counts
    say how much was printed. `error` is our sentence when something went wrong on our side.
    """

    args: tuple[str, ...]
    ended: Ended
    exit_code: int | None = None
    stdout: bytes = b""
    stderr: bytes = b""
    stdout_bytes: int = 0
    stderr_bytes: int = 0
    seconds: float = 0.0
    error: str = ""

    @property
    def ok(self) -> bool:
        """It ran to its end and said 0."""
        return self.ended is Ended.EXITED and self.exit_code == 0

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of what was printed, stderr last, safe to show but untrusted all the same."""
        both = b"\n".join(part.rstrip() for part in (self.stdout, self.stderr) if part.strip())
        return readable(both, lines=lines)
