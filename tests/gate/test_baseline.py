from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import GateError
from nightshift.gate import measure_baseline, set_up
from nightshift.workspace.interruption import Interruption

Open = Callable[..., Any]

RED = "#!/bin/sh\necho 'test_login failed: 401'\nexit 7\n"


def red_twice(shop: Any) -> GateError:
    with pytest.raises(GateError) as caught:
        measure_baseline(shop.bench, shop.base)
    return caught.value


@pytest.mark.row("S3.60")
def test_a_green_base_is_measured_once(gated: Open) -> None:
    shop = gated("#!/bin/sh\necho 4 passed\n")

    runs = measure_baseline(shop.bench, shop.base)

    assert [(run.passed, run.tree, run.tail.strip(), run.log) for run in runs] == [
        (True, shop.base.tree, "4 passed", "baseline-1.log")
    ]


@pytest.mark.row("users 19")
def test_red_and_then_green_on_the_very_same_tree_is_two_runs(gated: Open, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    shop = gated(f"#!/bin/sh\n[ -e {seen} ] && exit 0\ntouch {seen}\nexit 1\n")

    runs = measure_baseline(shop.bench, shop.base)

    assert [(run.passed, run.log) for run in runs] == [(False, "baseline-1.log"), (True, "baseline-2.log")]


@pytest.mark.row("S3.60", "users 10", "promise 9")
def test_red_twice_names_the_failing_test_and_where_the_whole_output_is(gated: Open) -> None:
    shop = gated(RED)

    error = red_twice(shop)

    assert error.exit_code == 4
    first, *tail = error.message.splitlines()
    assert first == (
        f"the gate is red on the base itself, main at {shop.base.commit[:10]}, twice: "
        "the gate failed with exit 7"
    )
    assert tail == ["test_login failed: 401"]
    assert "an empty HOME" in error.tip
    assert error.tip.splitlines()[-1] == f"its whole output is in {shop.bench.logs / 'baseline-2.log'}"
    assert shop.log("baseline-1.log") == shop.log("baseline-2.log") == "test_login failed: 401\n"


@pytest.mark.row("users 21")
def test_red_twice_names_what_setup_made_and_carry_does_not(gated: Open) -> None:
    made = " && ".join(["mkdir .venv", "touch .venv/x", *(f"touch made{number}.py" for number in range(7))])
    shop = gated("#!/bin/sh\ntest -e made1.py\n", carry=(".venv",), setup=made)
    set_up(shop.bench, shop.base)

    error = red_twice(shop)

    named = next(line for line in error.tip.splitlines() if "gate.carry" in line)
    assert named.startswith("setup made made0.py, made1.py, made2.py, made3.py, made4.py")
    assert "and 2 more" in named
    assert ".venv" not in named


def test_red_twice_says_nothing_of_setup_where_it_left_nothing(gated: Open) -> None:
    shop = gated(RED)

    assert "gate.carry" not in red_twice(shop).tip


def test_an_interrupted_baseline_is_not_tried_again(gated: Open, interrupted: Interruption) -> None:
    shop = gated(RED, interruption=interrupted)

    runs = measure_baseline(shop.bench, shop.base)

    assert [(run.passed, run.reason) for run in runs] == [(False, "the gate was interrupted")]
