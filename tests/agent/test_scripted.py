"""Playing a script: each step, where it may reach, and when it stops."""

import os
import signal
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.agent import Job
from nightshift.agent.script import parse_script
from nightshift.agent.scripted import Scripted
from nightshift.model import Ending, Outcome
from nightshift.workspace.interruption import Interruption

Play = Callable[..., Outcome]


@pytest.fixture
def play(make_job: Callable[..., Job]) -> Play:
    """Play the steps of the task t1, given as YAML."""

    def act(steps: str, **job: Any) -> Outcome:
        script = parse_script(f"tasks:\n  t1: {steps}\n".encode(), path="agent.yaml")
        return Scripted(script=script).work(make_job(**job))

    return act


# ---------------------------------------------------------------- steps


def test_files_are_written_edited_and_deleted(play: Play, folder: Path) -> None:
    (folder / "old.py").write_text("gone")
    (folder / "run.sh").write_text("#!/bin/sh\nexit 1\n")
    (folder / "run.sh").chmod(0o755)
    outcome = play(
        "[write: {path: src/deep/a.py, text: 'x = 1'}, write: {path: run.sh, text: short},"
        " edit: {path: src/deep/a.py, old: '1', new: 'é'}, delete: old.py, write: {path: empty, text: ''}]"
    )
    assert (outcome.ending, outcome.reason) == (Ending.DONE, "the script's 5 steps were played")
    assert sorted(path.name for path in folder.rglob("*") if path.is_file()) == ["a.py", "empty", "run.sh"]
    assert (folder / "src/deep/a.py").read_text() == "x = é"
    assert (folder / "run.sh").read_text() == "short"
    assert (folder / "run.sh").stat().st_mode & 0o111


def test_what_is_said_is_the_agents_word(play: Play) -> None:
    outcome = play('[say: "86/86 tests pass \\x1b[2J", say: done]')
    assert outcome.said == "86/86 tests pass\ndone"
    assert (outcome.exit_code, outcome.turns, outcome.cost_usd) == (None, None, None)


@pytest.mark.row("S3.50", "S3.53")
@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("[fail: 'out of \\x1b[1m ideas']", "out of \\x1b[1m ideas"),
        ('[fail: "out of \\x1b[1mideas"]', "out of ideas"),
        (
            "[say: a, expect: attempt 1 of 3, expect: nowhere]",
            "step 3 in line 2 failed: the prompt does not say: nowhere",
        ),
        (
            "[edit: {path: a.txt, old: zzz, new: y}]",
            "step 1 in line 2 failed: the text to replace in a.txt is not there",
        ),
        (
            "[edit: {path: a.txt, old: o, new: y}]",
            "step 1 in line 2 failed: the text to replace in a.txt is there 2 times",
        ),
        (
            "[edit: {path: gone, old: o, new: y}]",
            "step 1 in line 2 failed: edit gone: No such file or directory",
        ),
        ("[delete: gone]", "step 1 in line 2 failed: delete gone: No such file or directory"),
        ("[delete: folder]", "step 1 in line 2 failed: delete folder: Is a directory"),
        ("[write: {path: folder, text: a}]", "step 1 in line 2 failed: write folder: Is a directory"),
        (
            "[write: {path: a.txt/b, text: a}]",
            "step 1 in line 2 failed: write a.txt/b: Not a directory",
        ),
        (
            "[run: [sh, -c, 'echo no >&2; exit 3']]",
            "step 1 in line 2 failed: run sh -c echo no >&2; exit 3 ended with exit 3: no",
        ),
        (
            "[run: [no-such]]",
            "step 1 in line 2, run no-such, could not be started: no-such was not found on PATH",
        ),
    ],
)
def test_a_step_that_fails_says_why_and_ends_the_attempt(
    play: Play, folder: Path, steps: str, reason: str
) -> None:
    (folder / "a.txt").write_text("foo")
    (folder / "folder").mkdir()
    outcome = play(steps[:-1] + ", write: {path: after, text: a}]")
    assert outcome.reason == reason
    assert outcome.ending in {Ending.FAILED, Ending.NOT_STARTED}
    assert not (folder / "after").exists()


def test_a_program_runs_in_the_folder_with_the_jobs_environment(
    play: Play, folder: Path, make_job: Callable[..., Job]
) -> None:
    outcome = play("[run: [sh, -c, 'echo $HOME $NIGHTSHIFT_RUN > out; pwd >> out; echo a; echo b >&2']]")
    job = make_job()
    assert outcome.ending is Ending.DONE
    assert (folder / "out").read_text().splitlines() == [f"{job.home} {job.marker}", str(folder)]
    assert job.log.read_text().endswith(": it ended with exit 0\na\nb\nthe script's 1 steps were played\n")


def test_the_log_tells_every_step(play: Play, make_job: Callable[..., Job]) -> None:
    play(
        "[write: {path: a.txt, text: one}, edit: {path: a.txt, old: one, new: two}, sleep: 0,"
        " expect: attempt, fail: stop]"
    )
    assert make_job().log.read_text().splitlines() == [
        "step 1 in line 2: write a.txt",
        "step 2 in line 2: edit a.txt",
        "step 3 in line 2: sleep 0",
        "step 4 in line 2: expect attempt",
        "stop",
    ]
    assert make_job().log.stat().st_mode & 0o077 == 0


@pytest.mark.row("S3.53")
def test_each_attempt_has_its_steps_and_the_last_repeats(play: Play) -> None:
    steps = "{attempts: [[say: one], {steps: [say: two]}]}"
    assert [play(steps, number=number).said for number in (1, 2, 3)] == ["one", "two", "two"]


def test_a_task_that_the_script_does_not_name_fails(make_job: Callable[..., Job]) -> None:
    outcome = Scripted(script=parse_script(b"tasks: {}", path="agent.yaml")).work(make_job())
    assert (outcome.ending, outcome.reason) == (Ending.FAILED, "the script agent.yaml has no task t1")


# ---------------------------------------------------------------- where it may reach


@pytest.mark.row("S3.36", "users 12")
@pytest.mark.parametrize(
    "step",
    [
        "write: {path: PATH, text: changed}",
        "edit: {path: PATH, old: original, new: changed}",
        "delete: PATH",
    ],
    ids=["write", "edit", "delete"],
)
@pytest.mark.parametrize("path", ["link/file", "way/link/file"], ids=["at once", "on the way"])
def test_no_step_goes_through_a_link_to_a_folder(
    play: Play, folder: Path, tmp_path: Path, step: str, path: str
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "file").write_text("original")
    (folder / "way").mkdir()
    for link in ("link", "way/link"):
        (folder / link).symlink_to(outside)

    outcome = play(f"[{step.replace('PATH', path)}]")

    assert outcome.ending is Ending.FAILED
    assert [(one.name, one.read_text()) for one in outside.iterdir()] == [("file", "original")]


@pytest.mark.row("S3.36", "users 12")
def test_no_step_writes_or_reads_through_a_link_to_a_file(play: Play, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("original")
    (folder / "link").symlink_to(tmp_path / "file")
    (folder / "dangling").symlink_to(tmp_path / "new")

    for steps in (
        "write: {path: link, text: x}",
        "edit: {path: link, old: o, new: x}",
        "write: {path: dangling, text: x}",
    ):
        assert play(f"[{steps}]").ending is Ending.FAILED
    assert (tmp_path / "file").read_text() == "original"
    assert not (tmp_path / "new").exists()
    assert play("[delete: link]").ending is Ending.DONE
    assert (tmp_path / "file").exists()


def test_a_file_with_a_second_name_is_not_written(play: Play, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("original")
    (folder / "file").hardlink_to(tmp_path / "file")
    outcome = play("[write: {path: file, text: changed}]")
    assert (
        outcome.reason == "step 1 in line 2 failed: write file: it has a second name, which may lie anywhere"
    )
    assert (tmp_path / "file").read_text() == "original"


@pytest.mark.parametrize("step", ["write: {path: pipe, text: a}", "edit: {path: pipe, old: a, new: b}"])
def test_a_fifo_does_not_hold_it_up(play: Play, folder: Path, step: str) -> None:
    os.mkfifo(folder / "pipe")
    assert play(f"[{step}]").ending is Ending.FAILED


# ---------------------------------------------------------------- when it stops


@pytest.mark.row("promise 8")
@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ("[sleep: 60, say: never]", "the script was stopped: 0.2 seconds were over"),
        (
            "[run: [sleep, '60'], say: never]",
            "step 1 in line 2, run sleep 60, was stopped: 0.2 seconds were over",
        ),
    ],
    ids=["sleep", "run"],
)
def test_it_is_stopped_at_its_time_and_no_later(play: Play, steps: str, reason: str) -> None:
    outcome = play(steps, timeout_seconds=0.2)
    assert (outcome.ending, outcome.reason, outcome.said) == (Ending.TIMEOUT, reason, "")
    assert outcome.seconds < 4


def test_an_attempt_whose_time_is_over_plays_nothing(play: Play, folder: Path) -> None:
    assert play("[write: {path: a, text: a}]", timeout_seconds=0.0).ending is Ending.TIMEOUT
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("step", ["sleep: 60", "run: [sleep, '60']"], ids=["sleep", "run"])
def test_an_interruption_ends_the_wait(play: Play, step: str) -> None:
    interruption = Interruption()
    later = threading.Timer(0.2, interruption.request, [signal.SIGINT])
    later.start()
    outcome = play(f"[{step}, say: never]", interruption=interruption)
    later.join()
    assert (outcome.ending, outcome.said) == (Ending.INTERRUPTED, "")
    assert "the night was interrupted" in outcome.reason
    assert outcome.seconds < 10


def test_an_interruption_after_the_last_step_still_counts(play: Play) -> None:
    interruption = Interruption()
    interruption.request(signal.SIGINT)
    assert play("[say: a]", interruption=interruption).ending is Ending.INTERRUPTED


def test_a_short_sleep_ends_by_itself(play: Play) -> None:
    outcome = play("[sleep: 0.05]", interruption=Interruption())
    assert outcome.ending is Ending.DONE
    assert outcome.seconds >= 0.05
