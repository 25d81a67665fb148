"""Whatever a program leaves running is ended; nothing else is."""

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nightshift.workspace import process
from nightshift.workspace.census import Process, below, parse_ps, processes, read_process
from nightshift.workspace.process import Completed, Ended
from nightshift.workspace.stragglers import Family, send, send_group

ENV = {"PATH": "/usr/local/bin:/usr/bin:/bin"}


def shell(script: str, *, cwd: Path, **wishes: object) -> Completed:
    settings = {"timeout_seconds": 20.0, "grace_seconds": 0.2} | wishes
    return process.run(["sh", "-c", script], cwd=cwd, env=ENV | {"HOME": str(cwd)}, **settings)  # type: ignore[arg-type]  # as tests do


def pids(folder: Path) -> list[int]:
    return [int(path.name.removeprefix("pid-")) for path in folder.glob("pid-*")]


def living(folder: Path) -> list[int]:
    return [pid for pid in pids(folder) if Path(f"/proc/{pid}").exists()]


def children() -> set[int]:
    return {found.pid for found in processes() if found.parent == os.getpid()}


def started(args: list[str], **variables: str) -> subprocess.Popen[bytes]:
    child = subprocess.Popen(args, env=ENV | variables)
    while not Path(f"/proc/{child.pid}/environ").read_bytes():
        time.sleep(0.001)
    return child


def python(code: str) -> str:
    return f"""{sys.executable} -IS -c '
import os, signal, time
def here():
    open(f"pid-{{os.getpid()}}", "w").close()
{code}'"""


STAY = "touch pid-$$; sleep 100"
DOUBLE_FORK = python(
    """
if not os.fork():
    os.setsid()
    if not os.fork():
        here()
        time.sleep(100)
    os._exit(0)
os.wait()
"""
)
FROM_A_DAEMON = python(
    """
if not os.fork():
    os.setsid()
    here()
    for n in range(3):
        if not os.fork():
            os.setpgid(0, 0)
            here()
            time.sleep(100)
    time.sleep(100)
while len([name for name in os.listdir() if name.startswith("pid-")]) < 4:
    time.sleep(0.01)
"""
)
WITH_ZOMBIES = python(
    """
if not os.fork():
    os.setsid()
    for n in range(3):
        if not os.fork():
            here()
            os._exit(0)
    here()
    time.sleep(100)
while len([name for name in os.listdir() if name.startswith("pid-")]) < 4:
    time.sleep(0.01)
"""
)
ESCAPES = {
    "a background job": (f"sh -c '{STAY}' &", 1),
    "one that holds no pipe": (f"sh -c '{STAY}' >/dev/null 2>&1 </dev/null &", 1),
    "a session of its own": (f"setsid sh -c '{STAY}' &", 1),
    "nohup": (f"nohup sh -c '{STAY}' >/dev/null 2>&1 &", 1),
    "ignoring TERM": (f"sh -c 'trap : TERM; {STAY}; sleep 100; sleep 100' &", 1),
    "without the marker": (f"env -i PATH=$PATH setsid sh -c '{STAY}' &", 1),
    "a stopped one": ("setsid sh -c 'touch pid-$$; kill -STOP $$' &", 1),
    "a double fork": (DOUBLE_FORK, 1),
    "a daemon with children": (FROM_A_DAEMON, 4),
    "a daemon with zombies": (WITH_ZOMBIES, 4),
}
ELSEWHERE = """
from pathlib import Path
from nightshift.workspace import process
print(process.run(
    ["sh", "-c", "touch pid-$$; while [ ! -e go ]; do sleep 0.01; done"],
    cwd=Path.cwd(), env={"PATH": "/usr/bin:/bin", "HOME": "/home/elsewhere"},
    timeout_seconds=20, marker="one-night",
).exit_code)
"""
AWAIT = "while [ $(ls | grep -c pid-) -lt {count} ]; do sleep 0.01; done"


@pytest.mark.parametrize("marker", ["20261121-000000-0001", None], ids=["marked", "unmarked"])
@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.row("users 7", "promise 7", "S3.52")
def test_what_outlives_a_program_is_dead_before_we_go_on(
    name: str, marker: str | None, tmp_path: Path
) -> None:
    escape, count = ESCAPES[name]
    before = children()

    told = shell(f"{escape}\n{AWAIT.format(count=count)}; echo done", cwd=tmp_path, marker=marker)

    assert (told.ended, told.exit_code, told.stdout, told.error) == (Ended.EXITED, 0, b"done\n", "")
    assert (len(pids(tmp_path)), living(tmp_path)) == (count, [])
    assert children() <= before


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.row("users 7", "S3.52", "promise 8")
def test_what_hides_from_the_deadline_is_dead_as_well(name: str, tmp_path: Path) -> None:
    escape, count = ESCAPES[name]
    before = children()

    heard: list[bytes] = []
    told = shell(
        f"{escape}\n{AWAIT.format(count=count)}; echo ready; sleep 100",
        cwd=tmp_path,
        timeout_seconds=500,
        on_line=heard.append,
        clock=lambda: time.monotonic() + 1000 * len(heard),
    )

    assert told.ended is Ended.TIMED_OUT
    assert (len(pids(tmp_path)), living(tmp_path)) == (count, [])
    assert children() <= before


@pytest.mark.row("users 7")
def test_three_hundred_children_are_ended_at_once(tmp_path: Path) -> None:
    began = time.monotonic()

    told = shell(
        python(
            """
for n in range(300):
    if not os.fork():
        if n % 3 == 0:
            os.setsid()
        if n % 2 == 0:
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
        here()
        time.sleep(100)
while len([name for name in os.listdir() if name.startswith("pid-")]) < 300:
    time.sleep(0.01)
"""
        ),
        cwd=tmp_path,
    )

    assert (told.exit_code, len(pids(tmp_path)), living(tmp_path)) == (0, 300, [])
    assert time.monotonic() - began < 8


@pytest.mark.row("users 7")
def test_one_that_runs_from_process_to_process_is_caught(tmp_path: Path) -> None:
    before = children()

    shell(
        python(
            """
if not os.fork():
    os.setsid()
    for hop in range(3000):
        if os.fork():
            os._exit(0)
        os.utime("hop") if os.path.exists("hop") else open("hop", "w").close()
"""
        )
        + "; while [ ! -e hop ]; do sleep 0.01; done",
        cwd=tmp_path,
    )
    last = (tmp_path / "hop").stat().st_mtime_ns

    assert children() <= before
    assert (tmp_path / "hop").stat().st_mtime_ns == last


@pytest.mark.row("users 7")
def test_our_other_processes_live(tmp_path: Path) -> None:
    quiet = {"stdout": subprocess.DEVNULL, "start_new_session": True}
    other = subprocess.Popen(["sh", "-c", "sleep 100 & wait"], **quiet)  # type: ignore[call-overload]  # as tests do
    sibling = subprocess.Popen(["sleep", "100"])
    dead = subprocess.Popen(["false"])
    os.waitid(os.P_PID, dead.pid, os.WEXITED | os.WNOWAIT)
    try:
        shell("(setsid sleep 100 &); exit 0", cwd=tmp_path, marker="20261121-000000-0002")

        assert (other.poll(), sibling.poll(), dead.wait()) == (None, None, 1)
        assert below({other.pid}, processes())
    finally:
        for each in (other, sibling):
            send_group(each.pid, signal.SIGKILL)
            each.kill()
            each.wait()


@pytest.mark.row("users 7")
def test_an_orphan_of_another_process_of_ours_lives(tmp_path: Path) -> None:
    shell("true", cwd=tmp_path)
    script = (
        f"trap 'exit 0' TERM; (sleep 100 & echo $! >{tmp_path}/orphan); touch {tmp_path}/on; sleep 100 & wait"
    )
    other = subprocess.Popen(["sh", "-c", script], start_new_session=True)

    told = shell(f"while [ ! -e on ]; do sleep 0.01; done; kill {other.pid}; sleep 0.05", cwd=tmp_path)
    orphan = int((tmp_path / "orphan").read_text())

    try:
        assert told.ok
        assert other.wait() == 0
        assert read_process(orphan) is not None
    finally:
        send_group(other.pid, signal.SIGKILL)
        os.waitpid(orphan, 0)


@pytest.mark.row("users 7", "promise 7")
def test_what_a_killed_night_left_running_is_found_by_its_marker(tmp_path: Path) -> None:
    shell("true", cwd=tmp_path)
    run, home = "20261121-000000-0003", tmp_path / "runs" / "3"
    left = started(["setsid", "sleep", "100"], NIGHTSHIFT_RUN=run, HOME=str(home / "home"))
    others = (
        started(["setsid", "sleep", "100"], NIGHTSHIFT_RUN="20261121-000000-0004", HOME=str(home)),
        started(["setsid", "sleep", "100"], NIGHTSHIFT_RUN=run, HOME=f"{home}3"),
        started(["setsid", "sleep", "100"], NIGHTSHIFT_RUN=run),
    )
    try:
        assert process.end_marked(run, home=home) == ()
        assert left.wait(timeout=1) == -signal.SIGTERM
        assert [other.poll() for other in others] == [None, None, None]
    finally:
        for each in (left, *others):
            each.kill()
            each.wait()


@pytest.mark.parametrize("pid", [-1, 0, 1, os.getpid()], ids=["all", "group", "init", "us"])
def test_some_processes_are_never_signalled(pid: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("signalled"))

    assert not send(pid, signal.SIGTERM)


@pytest.mark.parametrize("group", [-1, 0, 1, os.getpgrp()], ids=["all", "none", "init", "ours"])
def test_some_groups_are_never_signalled(group: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "killpg", lambda *_: pytest.fail("signalled"))

    send_group(group, signal.SIGTERM)


def test_one_that_may_not_be_signalled_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    really = os.kill

    def refuse(pid: int, signum: int) -> None:
        raise PermissionError(pid, signum)

    monkeypatch.setattr(os, "kill", refuse)
    told = shell("(setsid sleep 0.6 & echo $! >pid) >/dev/null", cwd=tmp_path)
    left = int((tmp_path / "pid").read_text())
    monkeypatch.setattr(os, "kill", really)
    os.waitpid(left, 0)

    assert told.ok
    assert told.error == f"these processes it started could not be ended: {left}"


def test_without_adoption_the_group_and_the_known_descendants_are_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell("true", cwd=tmp_path)
    before = children()
    monkeypatch.setattr(process, "adopt_orphans", lambda: False)
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()

    calm = shell(f"sh -c '{STAY}' & {AWAIT.format(count=1)}; echo done", cwd=tmp_path / "a")
    late = shell(
        f"setsid sh -c '{STAY}' & {AWAIT.format(count=1)}; sleep 100", cwd=tmp_path / "b", timeout_seconds=0.3
    )
    for orphan in children() - before:
        os.waitpid(orphan, 0)

    assert (calm.ended, calm.stdout, late.ended) == (Ended.EXITED, b"done\n", Ended.TIMED_OUT)
    assert len(pids(tmp_path / "a") + pids(tmp_path / "b")) == 2
    assert living(tmp_path / "a") + living(tmp_path / "b") == []


def test_a_system_that_lists_nothing_still_has_its_group_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = children()
    monkeypatch.setattr(process, "_census", lambda **_: ())

    shell(
        f"sh -c '{STAY}' >/dev/null & {AWAIT.format(count=1)}; sleep 100", cwd=tmp_path, timeout_seconds=0.3
    )
    for orphan in children() - before:
        os.waitpid(orphan, 0)

    assert (len(pids(tmp_path)), living(tmp_path)) == (1, [])


def test_ps_is_understood_with_and_without_environment() -> None:
    printed = (
        b"    1     0     1 Ss   /sbin/launchd\n"
        b"  501     1   501 S+   sleep 100 HOME=/Users/o/A B c/x NIGHTSHIFT_RUN=r1 PATH=/bin\n"
        b"  502   501   501 Z    (sh)\n"
        b"  503   501   501 S\n"
        b"odd line\n"
    )

    assert parse_ps(printed) == (
        Process(pid=1, parent=0, group=1),
        Process(pid=501, parent=1, group=501, marker=b"r1", home=b"/Users/o/A B c/x"),
        Process(pid=502, parent=501, group=501, zombie=True),
        Process(pid=503, parent=501, group=501),
    )


def test_a_name_with_brackets_and_blanks_is_read(tmp_path: Path) -> None:
    tool = tmp_path / "a) Z 1 (b"
    tool.symlink_to("/bin/sleep")
    child = subprocess.Popen([tool, "100"])
    try:
        found = read_process(child.pid)
        assert found is not None
        assert (found.parent, found.zombie, found.session) == (os.getpid(), False, os.getsid(0))
    finally:
        child.kill()
        child.wait()


def test_the_environment_is_read_only_when_it_is_asked_for() -> None:
    child = started(["sleep", "100"], NIGHTSHIFT_RUN="run-10", HOME="/h", XNIGHTSHIFT_RUN="x")
    try:
        seen, unseen = read_process(child.pid, environment=True), read_process(child.pid)
        assert seen is not None
        assert unseen is not None
        assert (seen.marker, seen.home, unseen.marker, unseen.home) == (b"run-10", b"/h", b"", b"")
    finally:
        child.kill()
        child.wait()


@pytest.mark.row("users 7")
def test_another_night_of_the_same_name_elsewhere_is_let_be(tmp_path: Path) -> None:
    script = f"import sys; sys.path.insert(0, sys.argv[1]); {ELSEWHERE}"
    root = str(Path(process.__file__).parents[2])
    elsewhere = subprocess.Popen([sys.executable, "-c", script, root], cwd=tmp_path, stdout=subprocess.PIPE)
    while not pids(tmp_path):
        time.sleep(0.01)

    process.run(
        ["sh", "-c", "(setsid sleep 100 &) ; exit 0"],
        cwd=tmp_path,
        env=ENV | {"HOME": "/home/here"},
        timeout_seconds=20,
        marker="one-night",
    )
    (tmp_path / "go").touch()

    assert elsewhere.communicate()[0] == b"0\n"


def test_a_run_in_another_thread_keeps_what_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "long"
    folder.mkdir()
    told: list[Completed] = []
    script = (
        f"setsid sh -c '{STAY}' & {AWAIT.format(count=1)}; "
        "while [ ! -e ../go ]; do sleep 0.01; done; kill -0 $(ls | sed s/pid-//) && echo alive"
    )
    long = threading.Thread(target=lambda: told.append(shell(script, cwd=folder, marker="one-night")))
    long.start()
    while not pids(folder):
        time.sleep(0.01)

    shell("(setsid sleep 100 &) ; exit 0", cwd=tmp_path, marker="one-night")
    (tmp_path / "go").touch()
    long.join()

    assert told[0].stdout == b"alive\n"
    assert living(folder) == []


def test_a_family_is_not_confused_by_what_is_not_its_own() -> None:
    us, session = os.getpid(), os.getsid(0)
    table = (
        Process(pid=us, parent=2, group=us, session=session),
        Process(pid=2, parent=1, group=2, session=session, marker=b"m"),
        Process(pid=901, parent=us, group=901, session=901),
        Process(pid=902, parent=901, group=902, session=902),
        Process(pid=903, parent=us, group=us, session=session),
        Process(pid=904, parent=1, group=904, session=904, marker=b"m"),
        Process(pid=905, parent=1, group=905, session=905),
    )
    family = Family(census=lambda **_: table, root=900, marker="m")

    assert [found.pid for found in family._look()] == [901, 902, 904]
