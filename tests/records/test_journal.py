"""The journal: every fact on the disk, in order, and none changed unnoticed."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nightshift
from nightshift.errors import ExitCode, StateError
from nightshift.model import Record, RecordKind
from nightshift.records import Journal, effect, read_journal


def clock() -> datetime:
    return datetime(2026, 11, 21, 22, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "journal.jsonl"


def three_lines(path: Path) -> tuple[Record, ...]:
    with Journal.create(path, clock=clock) as journal:
        return (
            journal.append(RecordKind.NIGHT_STARTED, run="r", base="abc"),
            journal.append(RecordKind.TASK_STARTED, task="t1"),
            journal.append(RecordKind.TASK_FINISHED, task="t1", verdict="landed"),
        )


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Fill the disk, as far as a file of ours can tell."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.row("S3.85", "promise 9")
def test_what_was_appended_is_read_back(path: Path) -> None:
    written = three_lines(path)

    read = read_journal(path)

    assert read == written
    assert [(record.seq, record.kind) for record in read] == [
        (1, RecordKind.NIGHT_STARTED),
        (2, RecordKind.TASK_STARTED),
        (3, RecordKind.TASK_FINISHED),
    ]
    assert (read[0].time, read[0].facts["base"]) == ("2026-11-21T22:00:00.123+00:00", "abc")


def test_a_line_is_json_with_a_schema_and_the_file_is_the_owners_alone(path: Path) -> None:
    three_lines(path)

    lines = [json.loads(line) for line in path.read_text().splitlines()]

    assert {tuple(line) for line in lines} == {("schema", "seq", "time", "kind", "facts", "checksum")}
    assert path.stat().st_mode & 0o777 == 0o600


def test_the_time_is_utc_wherever_the_owner_is(path: Path) -> None:
    east = timezone(timedelta(hours=5, minutes=30))
    with Journal.create(path, clock=lambda: datetime(2026, 11, 22, 3, 30, tzinfo=east)) as journal:
        assert journal.append(RecordKind.NIGHT_STARTED).time == "2026-11-21T22:00:00.000+00:00"


@given(
    facts=st.dictionaries(
        st.text(max_size=9),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5),
        max_size=4,
    )
)
def test_whatever_text_a_fact_holds_it_comes_back(
    facts: dict[str, object], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("journal") / "j"
    with Journal.create(path, clock=clock) as journal:
        journal.append(RecordKind.AGENT_FINISHED, **facts)
        journal.append(RecordKind.AGENT_FINISHED, path="b\udcffd\n\r\x1b\u2028")

    first, second = read_journal(path)

    assert (dict(first.facts), second.facts["path"]) == (facts, "b\udcffd\n\r\x1b\u2028")


@pytest.mark.row("promise 7")
@pytest.mark.parametrize("cut", [1, 2, 40, 150])
def test_a_line_cut_short_by_a_crash_does_not_count(cut: int, path: Path) -> None:
    written = three_lines(path)
    path.write_bytes(path.read_bytes()[:-cut])

    assert read_journal(path) == written[:2]


@pytest.mark.row("promise 7")
def test_after_a_crash_the_journal_goes_on_behind_the_last_whole_line(path: Path) -> None:
    written = three_lines(path)
    with path.open("ab") as file:
        file.write(b'{"schema": 1, "seq": 4, "ti')

    with Journal.open(path, clock=clock) as journal:
        fourth = journal.append(RecordKind.NIGHT_FINISHED, exit_code=0)

    assert fourth.seq == 4
    assert read_journal(path) == (*written, fourth)


@pytest.mark.row("promise 7", "users 27")
def test_a_confirmed_record_survives_kill_9(path: Path) -> None:
    script = (
        "import os, sys; from datetime import UTC, datetime; from pathlib import Path\n"
        "from nightshift.model import RecordKind; from nightshift.records import Journal\n"
        "journal = Journal.create(Path(sys.argv[1]), clock=lambda: datetime.now(UTC))\n"
        "for n in range(5): journal.append(RecordKind.TASK_STARTED, n=n)\n"
        "os.kill(os.getpid(), 9)"
    )
    root = Path(nightshift.__file__).parents[1]

    subprocess.run([sys.executable, "-c", script, path], env={"PYTHONPATH": str(root)}, check=False)

    assert [record.facts["n"] for record in read_journal(path)] == [0, 1, 2, 3, 4]


def _changed(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[1].replace(b"t1", b"t2"), lines[2]]


def _left_out(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2]]


def _swapped(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[2], lines[1]]


def _twice(lines: list[bytes]) -> list[bytes]:
    return [lines[0], lines[0], *lines[1:]]


def _not_json(lines: list[bytes]) -> list[bytes]:
    return [lines[0], b"gone\n", lines[2]]


def _a_list(lines: list[bytes]) -> list[bytes]:
    return [lines[0], b"[]\n", lines[2]]


def _empty(lines: list[bytes]) -> list[bytes]:
    return [lines[0], b"\n", lines[2]]


@pytest.mark.row("promise 9")
@pytest.mark.parametrize("change", [_changed, _left_out, _swapped, _twice, _not_json, _a_list, _empty])
def test_an_altered_line_is_named_by_its_number(change: object, path: Path) -> None:
    three_lines(path)
    assert callable(change)
    path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    with pytest.raises(StateError, match=r"journal\.jsonl:2: this line of the journal was changed") as caught:
        read_journal(path)
    assert caught.value.tip


def test_an_altered_last_line_is_no_crash(path: Path) -> None:
    three_lines(path)
    path.write_bytes(path.read_bytes().replace(b"landed", b"failed"))

    with pytest.raises(StateError, match=":3: this line"):
        read_journal(path)


def test_a_journal_is_never_begun_twice(path: Path) -> None:
    three_lines(path)
    before = path.read_bytes()

    with pytest.raises(StateError, match="File exists"):
        Journal.create(path, clock=clock)
    assert path.read_bytes() == before


@pytest.mark.parametrize("place", ["none", "file/below"])
def test_a_journal_that_cannot_be_read_is_named(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="cannot be read"):
        read_journal(tmp_path / place)
    with pytest.raises(StateError, match="cannot be read"):
        Journal.open(tmp_path / place, clock=clock)


def test_a_journal_that_may_not_be_written_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    three_lines(path)

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StateError, match="cannot be written: Permission denied"):
        Journal.open(path, clock=clock)


@pytest.mark.parametrize("room", [0, 20], ids=["at the end of a line", "in the middle of a line"])
def test_a_full_disk_is_said_and_no_half_line_stays(room: int, path: Path) -> None:
    written = three_lines(path)
    size = path.stat().st_size

    with Journal.open(path, clock=clock) as journal:
        with room_for(size + room), pytest.raises(StateError, match="cannot be written: ") as caught:
            journal.append(RecordKind.NIGHT_FINISHED)
        after = path.stat().st_size
        fourth = journal.append(RecordKind.NIGHT_FINISHED)

    assert (after, caught.value.exit_code) == (size, ExitCode.PREFLIGHT)
    assert "free some space" in caught.value.tip
    assert read_journal(path) == (*written, fourth)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_no_space_left_is_said_in_these_words(path: Path) -> None:
    journal = Journal.create(path, clock=clock)
    full = os.open("/dev/full", os.O_WRONLY)
    os.dup2(full, journal._descriptor)
    os.close(full)

    with pytest.raises(StateError, match="No space left on device"):
        journal.append(RecordKind.NIGHT_STARTED)
    journal.close()
    journal.close()


def test_an_effect_is_written_down_before_and_after(path: Path) -> None:
    with Journal.create(path, clock=clock) as journal:
        with effect(journal, "push") as pushing:
            assert [record.kind for record in read_journal(path)] == [RecordKind.EFFECT_STARTED]
            pushing.confirm(branches=["nightshift/r/t1"])
        with effect(journal, "open") as opening:
            opening.fail(error="no gh")
        with effect(journal, "mute"):
            pass

    assert [(record.kind.value, dict(record.facts)) for record in read_journal(path)] == [
        ("effect_started", {"key": "push"}),
        ("effect_finished", {"key": "push", "outcome": "done", "facts": {"branches": ["nightshift/r/t1"]}}),
        ("effect_started", {"key": "open"}),
        ("effect_finished", {"key": "open", "outcome": "failed", "facts": {"error": "no gh"}}),
        ("effect_started", {"key": "mute"}),
        ("effect_finished", {"key": "mute", "outcome": "failed", "facts": {}}),
    ]


@pytest.mark.parametrize(
    "trouble", [ArithmeticError("boom"), KeyboardInterrupt("boom")], ids=["error", "ctrl-c"]
)
def test_an_effect_that_breaks_off_has_failed_even_if_it_was_confirmed(
    trouble: BaseException, path: Path
) -> None:
    journal = Journal.create(path, clock=clock)
    with pytest.raises(type(trouble)), effect(journal, "push") as pushing:  # noqa: PT012 - both are the point
        pushing.confirm(branches=[])
        raise trouble

    last = read_journal(path)[-1]
    assert (last.facts["outcome"], last.facts["facts"]) == (
        "failed",
        {"error": f"{type(trouble).__name__}: boom"},
    )
