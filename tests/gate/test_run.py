from collections.abc import Callable
from typing import Any

import pytest

from nightshift.gate import run_gate
from nightshift.gate.ending import how_it_ended
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.process import Completed, Ended

Open = Callable[..., Any]


def gate_of(shop: Any, tree: str | None = None, **limits: float) -> Any:
    return run_gate(shop.bench, tree or shop.base.tree, head=shop.base.commit, log="t1-1.gate.log", **limits)


@pytest.mark.row("S3.55", "promise 9")
def test_exit_0_is_green_and_what_was_measured_is_kept(gated: Open) -> None:
    shop = gated("#!/bin/sh\necho out\necho err >&2\n")

    run = gate_of(shop)

    assert (run.passed, run.exit_code, run.reason) == (True, 0, "the gate passed with exit 0")
    assert (run.tree, run.command, run.log) == (
        shop.base.tree,
        ".ai-validation/check_quality.sh",
        "t1-1.gate.log",
    )
    assert run.tail.splitlines() == ["out", "err"]
    assert run.seconds > 0


@pytest.mark.row("S3.55")
@pytest.mark.parametrize(
    ("line", "code", "reason"),
    [
        ("exit 1", 1, "the gate failed with exit 1"),
        ("exit 255", 255, "the gate failed with exit 255"),
        ("kill -9 $$", -9, "the gate was ended by SIGKILL"),
        ("no-such-program-anywhere", 127, "the gate failed with exit 127"),
    ],
)
def test_anything_else_is_red(gated: Open, line: str, code: int, reason: str) -> None:
    run = gate_of(gated(f"#!/bin/sh\n{line}\n"))

    assert (run.passed, run.exit_code, run.reason) == (False, code, reason)


@pytest.mark.row("S3.57", "promise 8")
def test_a_gate_past_its_limit_is_stopped_with_all_it_started(gated: Open) -> None:
    shop = gated("#!/bin/sh\necho before; sleep 300 & sleep 300\n", timeout_minutes=0.005)

    run = gate_of(shop)

    assert (run.passed, run.reason) == (
        False,
        "the gate was still running after 0.005 minutes and was stopped",
    )
    assert run.tail.strip() == "before"


@pytest.mark.row("S3.57", "promise 8")
def test_what_is_left_of_the_tasks_time_limits_the_gate_too(gated: Open) -> None:
    run = gate_of(gated("#!/bin/sh\nsleep 300\n"), timeout_seconds=0.24)

    assert run.reason == "the gate was still running after 0.004 minutes and was stopped"


@pytest.mark.row("S3.57")
def test_more_time_than_the_gates_own_limit_does_not_lengthen_it(gated: Open) -> None:
    run = gate_of(gated("#!/bin/sh\nsleep 300\n", timeout_minutes=0.004), timeout_seconds=300)

    assert run.reason == "the gate was still running after 0.004 minutes and was stopped"


@pytest.mark.row("S3.56")
@pytest.mark.parametrize(
    ("gate", "why"),
    [
        pytest.param("exit 0\n", "is no program: its first line does not begin with #!", id="no shebang"),
        pytest.param(b"\x7fELF not really", "", id="no program at all"),
        pytest.param(
            "#!/no/such/interpreter\nexit 0\n", "names an interpreter in its first line", id="interpreter"
        ),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_gate_that_cannot_be_started_is_red_and_says_why(gated: Open, gate: str | bytes, why: str) -> None:
    run = gate_of(gated(gate))

    assert (run.passed, run.exit_code) == (False, None)
    assert run.reason.startswith("the gate could not be started: ")
    assert why in run.reason


def test_an_interrupted_gate_is_red(gated: Open, interrupted: Interruption) -> None:
    run = gate_of(gated("#!/bin/sh\nexit 0\n", interruption=interrupted))

    assert (run.passed, run.reason) == (False, "the gate was interrupted")


@pytest.mark.row("promise 2", "S3.58")
def test_the_gate_judges_the_tree_it_is_given_and_starts_in_its_root(gated: Open) -> None:
    shop = gated("#!/bin/sh\nset -eu\ncd .ai-validation/..\ntest ! -e src/broken.py\ngit ls-files src\n")
    blob = shop.vault.write_blob(b"x = 1\n")
    broken = shop.vault.tree_with(shop.base.commit, "src/broken.py", blob)

    assert [gate_of(shop, tree).passed for tree in (broken, shop.base.tree)] == [False, True]


@pytest.mark.row("promise 2")
def test_what_one_run_leaves_the_next_one_does_not_see(gated: Open) -> None:
    shop = gated("#!/bin/sh\nset -eu\ntest ! -e left\ntouch left\nrm src/app.py\n")

    assert [gate_of(shop).passed for _ in range(2)] == [True, True]


@pytest.mark.row("promise 2")
def test_every_run_has_an_empty_home_of_its_own(gated: Open) -> None:
    empty = (
        'set -eu\nfor folder in "$HOME" "$TMPDIR"; do test -z "$(ls -A "$folder")"; touch "$folder/.x"; done'
    )
    shop = gated(f"#!/bin/sh\n{empty}\n")

    assert [gate_of(shop).passed for _ in range(2)] == [True, True]


def test_only_the_end_of_a_long_output_is_kept_and_all_of_it_is_in_the_log(gated: Open) -> None:
    shop = gated("#!/bin/sh\nseq 1 500\nexit 1\n")

    run = gate_of(shop)

    assert run.tail.splitlines() == [str(number) for number in range(441, 501)]
    assert shop.log("t1-1.gate.log").splitlines() == [str(number) for number in range(1, 501)]


def test_a_hostile_output_steers_no_terminal(gated: Open) -> None:
    run = gate_of(gated("#!/bin/sh\nprintf '\\033[2Jred\\n'\nexit 1\n"))

    assert "\x1b" not in run.tail
    assert "red" in run.tail


def test_a_signal_without_a_name_is_told_by_its_number() -> None:
    ended = Completed(args=("x",), ended=Ended.EXITED, exit_code=-63)

    assert how_it_ended(ended, limit_seconds=60) == "was ended by signal 63"
