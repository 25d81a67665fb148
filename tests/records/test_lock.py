"""One night at a time for a repository."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

import nightshift
from nightshift.errors import ExitCode, LockedError, StateError
from nightshift.records import Lock, repository_key

ROOT = str(Path(nightshift.__file__).parents[1])
RUN = "20261121-220000-abcd"
HOLD = """
import subprocess, sys
from pathlib import Path
from nightshift.records import Lock
with Lock(Path(sys.argv[1]), environ={"HOME": sys.argv[2]}, run=sys.argv[3]):
    child = subprocess.Popen(["sleep", "100"], stdout=subprocess.DEVNULL, close_fds=False)
    print(child.pid, flush=True)
    sys.stdin.read()
    child.kill()
"""
TRY = """
import sys
from pathlib import Path
from nightshift.errors import LockedError
from nightshift.records import Lock
try:
    with Lock(Path(sys.argv[1]), environ={"HOME": sys.argv[2]}):
        print("held", flush=True)
        sys.stdin.read()
except LockedError as error:
    print(error, flush=True)
"""


def night(script: str, *args: str | Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, args)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": ROOT, "PATH": os.environ["PATH"]},
    )


def end(*nights: "subprocess.Popen[str]") -> None:
    for each in nights:
        each.communicate()


@pytest.mark.row("S3.84", "users 27")
def test_a_second_night_is_told_at_once_who_holds_the_repository(tmp_path: Path) -> None:
    first = night(HOLD, tmp_path / "shop" / ".git", tmp_path, RUN)
    assert first.stdout is not None
    first.stdout.readline()
    began = time.monotonic()

    with (
        pytest.raises(LockedError) as caught,
        Lock(tmp_path / "shop" / ".git", environ={"HOME": str(tmp_path)}),
    ):
        pass
    end(first)

    today = f"{datetime.now(UTC):%Y-%m-%d}"
    assert time.monotonic() - began < 1
    assert f"pid {first.pid}, since {today}T" in caught.value.message
    assert RUN in caught.value.message
    assert (caught.value.exit_code, bool(caught.value.tip)) == (ExitCode.LOCKED, True)


@pytest.mark.row("users 27", "S3.84", "promise 7")
def test_a_killed_night_frees_the_repository_though_its_child_lives(tmp_path: Path) -> None:
    first = night(HOLD, tmp_path / ".git", tmp_path, RUN)
    assert first.stdout is not None
    child = int(first.stdout.readline())
    first.kill()
    first.communicate()

    try:
        with Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)}) as lock:
            os.kill(child, 0)
            assert json.loads(lock.path.read_text())["pid"] == os.getpid()
    finally:
        os.kill(child, signal.SIGKILL)


@pytest.mark.row("users 27")
def test_of_two_nights_that_start_together_one_runs(tmp_path: Path) -> None:
    both = [night(TRY, tmp_path / ".git", tmp_path) for _ in range(2)]

    said = sorted(each.stdout.readline() for each in both if each.stdout is not None)
    end(*both)

    assert said[0].startswith("another night holds this repository: ")
    assert said[1] == "held\n"


def test_the_lock_is_free_when_the_block_ends_however_it_ends(tmp_path: Path) -> None:
    lock = Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)}, run=RUN)

    with pytest.raises(ArithmeticError), lock:
        raise ArithmeticError
    with lock, pytest.raises(LockedError), Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)}):
        pass

    assert (lock.path.read_bytes(), lock.path.stat().st_mode & 0o777) == (b"", 0o600)
    lock.__exit__()


def test_other_repositories_and_moved_records_have_nothing_to_do_with_it(tmp_path: Path) -> None:
    home = {"HOME": str(tmp_path)}
    moved = home | {"NIGHTSHIFT_STATE_DIR": str(tmp_path / "x"), "XDG_STATE_HOME": str(tmp_path / "y")}

    with Lock(tmp_path / "a" / ".git", environ=home) as lock, Lock(tmp_path / "b" / ".git", environ=home):
        assert lock.path.name == repository_key(tmp_path / "a" / ".git") + ".lock"
        with pytest.raises(LockedError), Lock(tmp_path / "a" / ".git", environ=moved):
            pass


@pytest.mark.parametrize("note", [b"", b"{}", b"[]", b"pid 3", b"\xff", b'{"pid": 3}'])
def test_a_holder_who_has_not_written_yet_is_no_riddle(note: bytes, tmp_path: Path) -> None:
    lock = Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)})
    with lock:
        lock.path.write_bytes(note)
        with (
            pytest.raises(LockedError, match="it has only just started"),
            Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)}),
        ):
            pass


def test_without_a_home_it_is_said_what_to_set() -> None:
    with pytest.raises(StateError, match="HOME is not set"):
        Lock(Path("/shop/.git"), environ={"NIGHTSHIFT_STATE_DIR": "/x"})


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    lock = Lock(tmp_path / ".git", environ={"HOME": str(tmp_path / "file")})

    with pytest.raises(StateError, match="cannot be used"), lock:
        pass


def test_something_else_in_the_place_of_the_lock_is_named(tmp_path: Path) -> None:
    lock = Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)})
    lock.path.mkdir(parents=True)

    with pytest.raises(StateError, match=r"lock .* cannot be used") as caught, lock:
        pass
    assert caught.value.tip


def test_a_file_system_without_locks_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)

    with (
        pytest.raises(StateError, match="No locks available") as caught,
        Lock(tmp_path / ".git", environ={"HOME": str(tmp_path)}),
    ):
        pass
    assert "network file system" in caught.value.tip
