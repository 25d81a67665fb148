"""The floor under branch coverage holds, and the closing line counts what is true."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).parents[2] / "scripts"
PERFECT: dict[str, Any] = {"missing_lines": [], "missing_branches": []}
FILES = {
    "nightshift/plan/parse.py": PERFECT,
    "nightshift/policy/judge.py": PERFECT,
    "nightshift/model/plan.py": PERFECT,
    "nightshift/night/stop.py": PERFECT,
    "nightshift/night/session.py": {"missing_lines": [3], "missing_branches": []},
}


def written(percent: float, files: dict[str, Any], *, branches: bool = True) -> str:
    """Write a report as coverage does."""
    totals = {"percent_covered": percent}
    return json.dumps({"meta": {"branch_coverage": branches}, "totals": totals, "files": files})


def run(script: str, *words: str) -> tuple[int, str]:
    """Run one of the small readers."""
    command = [sys.executable, str(SCRIPTS / script), *words]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=30)
    return done.returncode, done.stdout


@pytest.mark.parametrize(
    ("percent", "files", "complaint"),
    [
        pytest.param(95.0, {}, "", id="enough"),
        pytest.param(94.99, {}, "coverage is 94.99 %, below 95 %", id="too little of everything"),
        pytest.param(
            99,
            {"nightshift/plan/edit.py": {"missing_lines": [7], "missing_branches": [[9, -1], [11, 14]]}},
            "nightshift/plan/edit.py: must be covered whole, but not run: 7, 9->exit, 11->14",
            id="a gap in a room that decides",
        ),
    ],
)
def test_the_floor(tmp_path: Path, percent: float, files: dict[str, Any], complaint: str) -> None:
    report = tmp_path / "coverage.json"
    report.write_text(written(percent, {**FILES, **files}))
    code, shown = run("coverage_floor.py", str(report))
    assert (code, complaint in shown) == (1 if complaint else 0, True)


def test_a_room_that_was_not_measured_is_no_covered_room(tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    report.write_text(written(100, {}))
    code, shown = run("coverage_floor.py", str(report))
    assert (code, shown.count("nothing was measured")) == (1, 4)


def test_a_report_without_branches_is_not_enough(tmp_path: Path) -> None:
    report = tmp_path / "coverage.json"
    report.write_text(written(100, FILES, branches=False))
    code, shown = run("coverage_floor.py", str(report))
    assert (code, "branches were not measured" in shown) == (1, True)


@pytest.mark.parametrize(
    ("broken", "closing"),
    [
        pytest.param([], "2 passed, 2 failed, 1 skipped", id="tests alone"),
        pytest.param(["tests"], "2 passed, 2 failed, 1 skipped", id="the red tests are counted once"),
        pytest.param(["check", "tests"], "2 passed, 3 failed, 1 skipped", id="a broken step counts as one"),
    ],
)
def test_the_closing_line(tmp_path: Path, broken: list[str], closing: str) -> None:
    cases = ("", "", "<skipped/>", "<failure/>", "<error/>")
    shown = "".join(f'<testcase classname="a" name="b" time="0">{verdict}</testcase>' for verdict in cases)
    (tmp_path / "junit.xml").write_text(f"<testsuite>{shown}</testsuite>")
    assert run("junit.py", str(tmp_path / "junit.xml"), *broken) == (0, f"{closing}\n")


def test_a_run_that_left_no_report_is_a_failure(tmp_path: Path) -> None:
    assert run("junit.py", str(tmp_path / "none.xml"), "tests") == (0, "0 passed, 1 failed, 0 skipped\n")
