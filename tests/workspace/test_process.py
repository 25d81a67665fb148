"""Programs are started, bounded and heard."""

import os
import resource
import signal
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from nightshift.errors import StateError
from nightshift.workspace import process
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.process import Completed, Ended

ENV = {"PATH": os.defpath.strip(":") + ":/usr/local/bin:/usr/bin:/bin"}


def run(
    *args: str | Path, cwd: Path = Path("/"), env: Mapping[str, str] = ENV, **wishes: object
) -> Completed:
    return process.run(args, cwd=cwd, env=env, **({"timeout_seconds": 20.0} | wishes))  # type: ignore[arg-type]  # as tests do


def shell(script: str, **wishes: object) -> Completed:
    return run("sh", "-c", script, **wishes)  # type: ignore[arg-type]  # handed through


class Deadline:
    """A clock on which the deadline is reached when the program says that it is ready."""

    def __init__(self) -> None:
        self._heard = 0

    def wishes(self) -> dict[str, object]:
        return {"on_line": self._hear, "clock": self._now, "timeout_seconds": 500.0}

    def _hear(self, _: bytes) -> None:
        self._heard += 1

    def _now(self) -> float:
        return time.monotonic() + (1000 if self._heard else 0)


def test_what_a_program_says_and_how_it_ends_is_told() -> None:
    told = shell("echo out; echo err >&2; exit 3")

    assert (told.ended, told.exit_code, told.ok) == (Ended.EXITED, 3, False)
    assert (told.stdout, told.stderr, told.stdout_bytes, told.stderr_bytes) == (b"out\n", b"err\n", 4, 4)
    assert told.args[:2] == ("sh", "-c")
    assert told.tail() == "out\nerr"
    assert 0 < told.seconds < 20


def test_a_program_that_says_nothing_and_0_is_ok() -> None:
    told = run("true")

    assert (told.ok, told.stdout, told.tail(), told.error) == (True, b"", "", "")


def test_a_signal_is_a_negative_exit_code() -> None:
    assert shell("kill -9 $$").exit_code == -9


def test_a_program_sees_the_environment_that_was_built_and_no_other() -> None:
    told = run("/usr/bin/env", env={"A": "1"}, marker="20261121-000000-abcd")

    assert sorted(told.stdout.split()) == [b"A=1", b"NIGHTSHIFT_RUN=20261121-000000-abcd"]


def test_a_program_is_looked_up_on_its_own_path(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("#!/bin/sh\necho found\n")
    tool.chmod(0o755)

    assert run("tool", env={"PATH": str(tmp_path)}).stdout == b"found\n"


def test_both_outputs_can_be_one() -> None:
    assert shell("echo a; echo b >&2; echo c", merge_output=True).stdout == b"a\nb\nc\n"


def _files(folder: Path) -> None:
    for name, text, mode in [
        ("text", "plain words", 0o644),
        ("bare", "\x01\x02", 0o755),
        ("lost", "#!/no/such/interpreter\n", 0o755),
    ]:
        (folder / name).write_text(text)
        (folder / name).chmod(mode)


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        pytest.param(("no-such-program",), "no-such-program was not found on PATH", id="missing"),
        pytest.param(("./none",), "./none was not found", id="missing path"),
        pytest.param(("./text",), "./text is not executable", id="not executable"),
        pytest.param((".//",), ".// is a folder", id="folder"),
        pytest.param(
            ("./bare",), "./bare is no program: its first line does not begin with #!", id="no interpreter"
        ),
        pytest.param(
            ("./lost",), "names an interpreter in its first line (#!) that does not exist", id="lost"
        ),
        pytest.param(("./text/x",), "./text/x: Not a directory", id="below a file"),
        pytest.param(("true", "a\0b"), "its arguments cannot be passed on", id="zero byte"),
        pytest.param(("true", "x" * 200_000), "true: Argument list too long", id="too long"),
        pytest.param((), "there is no program to run", id="nothing"),
    ],
)
@pytest.mark.row("S3.57")
def test_what_cannot_be_started_is_told_as_a_value(
    args: tuple[str, ...], reason: str, tmp_path: Path
) -> None:
    _files(tmp_path)

    told = run(*args, cwd=tmp_path)

    assert (told.ended, told.exit_code, told.ok) == (Ended.NOT_STARTED, None, False)
    assert reason in told.error


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    told = run("true", cwd=tmp_path / "gone")

    assert told.ended is Ended.NOT_STARTED
    assert told.error == f"the folder {tmp_path / 'gone'} to run it in does not exist"


@pytest.mark.parametrize(
    ("script", "heard"),
    [
        pytest.param("cat", 5_000_000, id="echoed while it is still being sent"),
        pytest.param("true", 0, id="not read, already gone"),
        pytest.param("exec 0<&-; sleep 0.1; echo done", 5, id="closed"),
        pytest.param("sleep 0.1; echo done", 5, id="never read"),
        pytest.param("head -c 7", 7, id="read in part"),
    ],
)
def test_stdin_is_sent_whatever_the_program_does_with_it(script: str, heard: int) -> None:
    told = shell(script, stdin=b"x" * 5_000_000)

    assert (told.exit_code, told.stdout_bytes) == (0, heard)


def test_without_stdin_there_is_nothing_to_wait_for() -> None:
    assert shell("cat").ok


@pytest.mark.row("S3.52", "S3.57")
def test_at_the_deadline_a_program_is_asked_to_end_and_heard_out() -> None:
    told = shell("trap 'echo bye; exit 5' TERM; sleep 100 & echo on; wait", **Deadline().wishes())

    assert (told.ended, told.exit_code, told.stdout) == (Ended.TIMED_OUT, 5, b"on\nbye\n")


@pytest.mark.row("S3.52", "S3.57", "promise 8")
def test_a_program_that_ignores_being_asked_is_killed_after_its_grace() -> None:
    told = shell("trap '' TERM; echo on; sleep 100; sleep 100", grace_seconds=0.2, **Deadline().wishes())

    assert (told.ended, told.exit_code, told.stdout) == (Ended.TIMED_OUT, -signal.SIGKILL, b"on\n")
    assert 1000.2 <= told.seconds < 1005


@pytest.mark.row("S3.52", "S3.57", "promise 8")
def test_the_deadline_is_kept() -> None:
    told = shell("sleep 100", timeout_seconds=0.2)

    assert told.ended is Ended.TIMED_OUT
    assert 0.2 <= told.seconds < 2


@pytest.mark.row("S3.52")
def test_grandchildren_that_hold_the_pipes_do_not_hold_us(tmp_path: Path) -> None:
    script = f"(sleep 100; echo no) & (setsid sleep 100 & echo $! >{tmp_path}/pid); echo on; sleep 100"

    told = shell(script, grace_seconds=0.2, **Deadline().wishes())

    assert (told.ended, told.seconds < 1005) == (Ended.TIMED_OUT, True)
    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_a_stopped_program_still_ends_at_the_deadline() -> None:
    told = shell("kill -STOP $$", timeout_seconds=0.2)

    assert (told.ended, told.exit_code) == (Ended.TIMED_OUT, -signal.SIGTERM)


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_nothing_is_started(seconds: float, tmp_path: Path) -> None:
    told = shell("touch here", cwd=tmp_path, timeout_seconds=seconds)

    assert (told.ended, told.exit_code, list(tmp_path.iterdir())) == (Ended.TIMED_OUT, None, [])


def test_the_deadline_is_on_the_given_clock() -> None:
    heard: list[bytes] = []

    told = shell(
        "echo now; sleep 100", timeout_seconds=50, on_line=heard.append, clock=lambda: 100.0 * len(heard)
    )

    assert (told.ended, told.seconds) == (Ended.TIMED_OUT, 100.0)


@pytest.mark.row("promise 8")
def test_an_interruption_ends_a_program_in_the_middle() -> None:
    interruption = Interruption()

    told = shell(
        "echo begun; sleep 100",
        interruption=interruption,
        on_line=lambda _: interruption.request(signal.SIGTERM),
    )

    assert (told.ended, told.exit_code, told.stdout) == (Ended.INTERRUPTED, -signal.SIGTERM, b"begun\n")


def test_after_an_interruption_nothing_is_started(tmp_path: Path) -> None:
    interruption = Interruption()
    interruption.request(signal.SIGINT)

    told = shell("touch here", cwd=tmp_path, interruption=interruption)

    assert (told.ended, told.exit_code, list(tmp_path.iterdir())) == (Ended.INTERRUPTED, None, [])


def test_a_real_signal_to_us_interrupts_the_program() -> None:
    with Interruption().installed() as interruption:
        told = shell(f"kill -INT {os.getpid()}; sleep 100", interruption=interruption, timeout_seconds=3)

    assert (told.ended, interruption.requested) == (Ended.INTERRUPTED, signal.SIGINT)
    assert told.seconds < 2


def test_a_signal_of_another_kind_is_no_interruption() -> None:
    before = signal.signal(signal.SIGUSR1, lambda *_: None)
    try:
        with Interruption().installed() as interruption:
            told = shell(f"kill -USR1 {os.getpid()}; sleep 0.1; echo on", interruption=interruption)
    finally:
        signal.signal(signal.SIGUSR1, before)

    assert (told.ended, told.stdout, interruption.requested) == (Ended.EXITED, b"on\n", None)


def test_of_a_long_output_beginning_and_end_are_kept_and_the_gap_is_marked() -> None:
    told = shell("echo first; yes middle | head -c 1000000; echo last", keep_bytes=2000)

    head, gap, tail = told.stdout.partition(b"\n[... 998011 bytes left out by nightshift ...]\n")
    assert (head[:6], bool(gap), tail[-5:], len(head), len(tail)) == (b"first\n", True, b"last\n", 1000, 1000)
    assert told.stdout_bytes == 1_000_011


def test_an_output_that_just_fits_is_kept_whole() -> None:
    assert shell("yes | head -c 2000", keep_bytes=2000).stdout == b"y\n" * 1000


@pytest.mark.row("S3.85")
def test_the_log_holds_both_outputs_for_the_owner_alone(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "task.log"

    shell("echo a; echo b >&2", log=log)

    assert sorted(log.read_text().split()) == ["a", "b"]
    assert log.stat().st_mode & 0o777 == 0o600


@pytest.mark.row("S3.85", "S3.57")
def test_a_long_log_is_capped_with_a_marked_gap(tmp_path: Path) -> None:
    log = tmp_path / "log"

    shell("echo first; yes middle | head -c 3000000; echo last", log=log, log_bytes=100_000)

    written = log.read_bytes()
    assert (written[:6], written[-5:]) == (b"first\n", b"last\n")
    assert written.count(b"left out by nightshift") == 1
    assert 100_000 <= len(written) < 100_100


def test_a_log_that_fits_is_whole(tmp_path: Path) -> None:
    shell("yes | head -c 100000", log=tmp_path / "log", log_bytes=100_000)

    assert (tmp_path / "log").read_bytes() == b"y\n" * 50_000


def test_the_beginning_of_a_log_is_there_while_the_program_runs(tmp_path: Path) -> None:
    seen: list[bytes] = []

    shell(
        "echo one; echo two",
        log=tmp_path / "log",
        on_line=lambda _: seen.append((tmp_path / "log").read_bytes()),
    )

    assert seen[0].startswith(b"one\n")


def test_a_log_is_never_written_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "log").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StateError, match="log cannot be written"):
        shell("echo a", log=tmp_path / "log")
    assert not (tmp_path / "elsewhere").exists()


def test_a_log_below_a_file_is_our_own_trouble_and_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StateError, match="cannot be written: ") as caught:
        shell("echo a", log=tmp_path / "file" / "log")
    assert "NIGHTSHIFT_STATE_DIR" in caught.value.tip


def test_a_full_disk_under_the_log_ends_the_program_and_says_so(tmp_path: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (5000, before[1]))
    try:
        with pytest.raises(StateError, match="log cannot be written: File too large"):
            shell(f"echo $$ >{tmp_path}/pid; yes", log=tmp_path / "log", log_bytes=100_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_every_line_of_stdout_is_heard_as_it_comes() -> None:
    heard: list[bytes] = []

    shell(r"printf 'a\nb'; sleep 0.05; printf 'c\n\nno end'; echo err >&2", on_line=heard.append)

    assert heard == [b"a", b"bc", b"", b"no end"]


def test_a_listener_that_fails_ends_the_program(tmp_path: Path) -> None:
    def fail(line: bytes) -> None:
        raise ArithmeticError(line)

    with pytest.raises(ArithmeticError):
        shell(f"echo $$ >{tmp_path}/pid; (sleep 100 &) ; echo a; sleep 100", on_line=fail)

    assert not Path(f"/proc/{(tmp_path / 'pid').read_text().strip()}").exists()


def test_output_that_comes_a_moment_after_the_end_is_heard() -> None:
    told = run("bash", "-c", "exec > >(sleep 0.05; cat); echo words")

    assert told.stdout == b"words\n"


def test_a_program_that_closes_its_output_may_go_on() -> None:
    assert shell("exec >&- 2>&-; sleep 0.1; exit 4").exit_code == 4


@pytest.mark.parametrize("lines", [True, False], ids=["line by line", "as it comes"])
def test_much_output_costs_little_memory(lines: bool, tmp_path: Path) -> None:
    script = (
        "import re, pathlib; from nightshift.workspace import process\n"
        f"listen = {'lambda line: None' if lines else None}\n"
        "done = process.run(['sh', '-c', 'yes a-line-of-the-usual-length-of-some-sixty-characters-or-so"
        " | head -c 150000000'], cwd=pathlib.Path('/'), env={'PATH': '/usr/bin:/bin'}, timeout_seconds=60,"
        " log=pathlib.Path('log'), on_line=listen)\n"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', pathlib.Path('/proc/self/status').read_text())\n"
        "print(done.stdout_bytes, int(peak[1]) // 1024)"
    )
    root = Path(process.__file__).parents[2]

    told = run(
        sys.executable, "-c", script, cwd=tmp_path, env=ENV | {"PYTHONPATH": str(root)}, timeout_seconds=60
    )

    printed, megabytes = told.stdout.split()
    assert int(printed) == 150_000_000
    assert int(megabytes) < 80


def test_where_the_kernel_cannot_tell_of_an_end_we_ask_again_and_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(pid: int) -> int:
        raise OSError(pid)

    monkeypatch.setattr(os, "pidfd_open", refuse)

    assert shell("sleep 0.1; (sleep 100 &) >/dev/null 2>&1; exit 3").exit_code == 3
    assert shell("sleep 100", timeout_seconds=0.1).ended is Ended.TIMED_OUT


def test_runs_side_by_side_do_not_end_each_other() -> None:
    told: list[Completed] = []

    def work(number: int) -> None:
        told.append(
            shell(
                f"(setsid sleep 0.0{number} &); sleep 0.{number}; exit {number}",
                marker=f"side-{os.getpid()}-{number}",
            )
        )

    threads = [threading.Thread(target=work, args=(number,)) for number in range(1, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(completed.exit_code or 0 for completed in told) == [1, 2, 3, 4, 5, 6]


def test_no_descriptor_is_left_open() -> None:
    shell("true")
    before = len(list(Path("/proc/self/fd").iterdir()))

    for _ in range(2):
        shell("echo a; (sleep 100 &)", stdin=b"x" * 100_000, interruption=Interruption(), grace_seconds=0.1)
        run("no-such-program")

    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_program_inherits_no_descriptor_of_ours(tmp_path: Path) -> None:
    with (tmp_path / "secret").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        told = run(sys.executable, "-IS", "-c", f"import os; os.fstat({file.fileno()})")

    assert b"Bad file descriptor" in told.stderr


def test_a_program_reads_no_terminal_and_is_in_a_session_of_its_own() -> None:
    told = run(sys.executable, "-IS", "-c", "import os; print(os.getsid(0) == os.getpid() == os.getpgrp())")

    assert told.stdout == b"True\n"
