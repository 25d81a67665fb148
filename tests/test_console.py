import io
import os
import pty
import re
from collections.abc import Iterator

import pytest

from nightshift.console import Progress, line_of, mute, wants_colour
from nightshift.events import Event, Kind

LINES = [
    (Kind.NIGHT, "night 1 on main", "night 1 on main"),
    (Kind.REMARK, "the plan is not committed", "  note: the plan is not committed"),
    (Kind.WARNING, "a push will fail", "  warning: a push will fail"),
    (Kind.TASK, "Add a thing", "[t1] Add a thing"),
    (Kind.STEP, "attempt 1: the gate runs", "    attempt 1: the gate runs"),
    (Kind.LANDED, "landed at attempt 2", "  landed: landed at attempt 2"),
    (Kind.FAILED, "the gate failed", "  failed: the gate failed"),
    (Kind.SKIPPED, "waits for review", "[t1] skipped: waits for review"),
    (Kind.DELIVERED, "pull request 7", "pull request 7"),
    (Kind.ALARM, "a hook is new", "ALARM: a hook is new"),
]


class Terminal:
    """A real terminal, and what was written on it."""

    def __init__(self) -> None:
        self._ours, theirs = pty.openpty()
        self.stream = os.fdopen(theirs, "w", encoding="utf-8")

    def screen(self) -> str:
        self.stream.flush()
        self.stream.close()
        read = b""
        try:
            while part := os.read(self._ours, 65536):
                read += part
        except OSError:
            pass
        return read.decode()

    def close(self) -> None:
        self.stream.close()
        os.close(self._ours)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """Return a terminal that shows colours."""
    monkeypatch.setenv("TERM", "xterm-256color")
    made = Terminal()
    yield made
    made.close()


@pytest.mark.parametrize(("kind", "text", "line"), LINES, ids=[str(kind) for kind, _, _ in LINES])
def test_each_kind_of_event_is_a_plain_line(kind: Kind, text: str, line: str) -> None:
    assert line_of(Event(kind=kind, text=text, task="t1")) == line


def test_there_is_a_line_for_every_kind() -> None:
    assert {kind for kind, _, _ in LINES} == set(Kind)


def test_what_belongs_to_no_task_names_none() -> None:
    assert line_of(Event(kind=Kind.SKIPPED, text="x")) == "skipped: x"


@pytest.mark.row("promise 9")
def test_whatever_an_event_quotes_steers_no_terminal() -> None:
    event = Event(kind=Kind.SKIPPED, text="a\x1b[2Jb\u202ec\x9b31m\nd", task="t\x1b]0;x\x07")

    assert line_of(event) == "[t]0;x] skipped: a[2Jbc31m\n      d"


@pytest.mark.row("S3.83")
def test_a_log_gets_plain_lines_at_once() -> None:
    stream = io.StringIO()

    with Progress(stream, colour=False) as progress:
        for kind, text, _ in LINES:
            progress(Event(kind=kind, text=text, task="t1"))

    assert stream.getvalue().splitlines() == [line for _, _, line in LINES]


def test_a_terminal_gets_colour_and_a_spinner_that_is_gone_at_the_end(terminal: Terminal) -> None:
    with Progress(terminal.stream, colour=True) as progress:
        for kind, text, _ in LINES:
            progress(Event(kind=kind, text=text, task="t1"))
        progress(Event(kind=Kind.STEP, text="attempt 2: claude is at work"))
        assert progress._spinner is not None

    screen = terminal.screen()
    assert progress._spinner is None
    assert "at work" in screen
    assert "\x1b[32m  landed: landed at attempt 2" in screen
    assert "\x1b[1;31mALARM: a hook is new" in screen
    assert re.findall(r"\x1b\[\?25[lh]", screen)[-1] == "\x1b[?25h"
    assert screen.rstrip("\r\n").endswith("\x1b[2K")


def test_the_spinner_is_gone_after_a_broken_night_too(terminal: Terminal) -> None:
    def broken_night() -> None:
        with Progress(terminal.stream, colour=True) as progress:
            progress(Event(kind=Kind.STEP, text="baseline"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken_night()

    assert re.findall(r"\x1b\[\?25[lh]", terminal.screen())[-1] == "\x1b[?25h"


@pytest.mark.row("promise 6")
def test_a_reader_that_goes_does_not_end_the_night() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w", encoding="utf-8") as stream, Progress(stream, colour=False) as progress:
        for _ in range(3):
            progress(Event(kind=Kind.STEP, text="x" * 10_000))


def test_a_muted_stream_swallows_what_it_still_held() -> None:
    ours, theirs = os.pipe()
    os.close(ours)
    with os.fdopen(theirs, "w", encoding="utf-8") as stream:
        stream.write("too late")
        mute(stream)


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        pytest.param({}, True, id="a terminal"),
        pytest.param({"TERM": "xterm"}, True, id="a known one"),
        pytest.param({"NO_COLOR": "1"}, False, id="NO_COLOR"),
        pytest.param({"NO_COLOR": ""}, True, id="an empty NO_COLOR"),
        pytest.param({"TERM": "dumb"}, False, id="a dumb one"),
    ],
)
def test_colour_is_for_terminals_whose_owner_wants_it(
    terminal: Terminal, environ: dict[str, str], wanted: bool
) -> None:
    assert wants_colour(terminal.stream, environ) is wanted


def test_colour_is_for_nothing_else() -> None:
    assert wants_colour(io.StringIO(), {"TERM": "xterm"}) is False
