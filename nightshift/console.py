"""How events and results look: plain lines in a log, colour and a spinner on a terminal."""

import os
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

from nightshift.events import Event, Kind
from nightshift.text import without_controls

if TYPE_CHECKING:
    from rich.console import Console as Rich
    from rich.status import Status

_LABELS = {
    Kind.REMARK: "note: ",
    Kind.WARNING: "warning: ",
    Kind.LANDED: "landed: ",
    Kind.FAILED: "failed: ",
    Kind.SKIPPED: "skipped: ",
    Kind.ALARM: "ALARM: ",
}
_INDENTS = {Kind.STEP: "    ", Kind.LANDED: "  ", Kind.FAILED: "  ", Kind.REMARK: "  ", Kind.WARNING: "  "}
_STYLES = {
    Kind.WARNING: "yellow",
    Kind.LANDED: "green",
    Kind.FAILED: "red",
    Kind.ALARM: "bold red",
    Kind.REMARK: "dim",
    Kind.SKIPPED: "dim",
    Kind.STEP: "dim",
    Kind.TASK: "bold",
}


def line_of(event: Event) -> str:
    """Return an event as one plain line; whatever it quotes cannot steer a terminal."""
    task = f"[{event.task}] " if event.task and event.kind in {Kind.TASK, Kind.SKIPPED} else ""
    text = f"{_INDENTS.get(event.kind, '')}{task}{_LABELS.get(event.kind, '')}{event.text}"
    return without_controls(text).replace("\n", "\n      ")


class Progress:
    """A listener that shows a night on stderr while it runs; use it as a context manager."""

    def __init__(self, stream: TextIO | None, *, colour: bool) -> None:
        self._stream = stream
        self._colour = colour
        self._rich: Rich | None = None
        self._spinner: Status | None = None

    def __enter__(self) -> Self:
        if self._colour:
            from rich.console import Console as Rich

            self._rich = Rich(file=self._stream, highlight=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._still()

    def __call__(self, event: Event) -> None:
        """Show one event; a reader that has gone, as after `| head`, does not end the night."""
        if self._stream is None:
            return
        try:
            self._show(event, self._stream)
        except OSError:
            mute(self._stream)

    def _show(self, event: Event, stream: TextIO) -> None:
        if self._rich is None:
            stream.write(line_of(event) + "\n")
            stream.flush()
            return
        from rich.text import Text

        self._still()
        self._rich.print(Text(line_of(event), style=_STYLES.get(event.kind, "")))
        if event.kind is Kind.STEP:
            self._spinner = self._rich.status(Text("    at work", style="dim"))
            self._spinner.start()

    def _still(self) -> None:
        """Take the spinner off the screen."""
        if self._spinner is not None:
            self._spinner.stop()
            self._spinner = None


def wants_colour(stream: TextIO | None, environ: dict[str, str]) -> bool:
    """Tell whether a stream is a terminal whose owner has not said NO_COLOR."""
    return (
        stream is not None
        and stream.isatty()
        and not environ.get("NO_COLOR")
        and environ.get("TERM") != "dumb"
    )


def mute(stream: TextIO) -> None:
    """Let a stream end in nothing: what it still holds would be tried again at exit, and fail again."""
    nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    os.dup2(nothing, stream.fileno())
    os.close(nothing)
