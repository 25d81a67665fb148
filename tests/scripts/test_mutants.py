"""The runner of the mutants tells the killed from the living, and lets no useless entry pass."""

import subprocess
import sys
from pathlib import Path

import pytest

RUNNER = Path(__file__).parents[2] / "scripts" / "mutants.py"

FILES = {
    "pyproject.toml": "[tool.pytest.ini_options]\naddopts = ['--import-mode=importlib']\n",
    "nightshift/__init__.py": '"""A night."""\n',
    "nightshift/stop.py": """
LIMIT = 2
SPARE = 7


def stop(failures):
    while failures > LIMIT + 100:
        failures -= 1
    return failures >= LIMIT
""",
    "tests/test_stop.py": """
import subprocess
import sys

import pytest

from nightshift.stop import LIMIT, stop


@pytest.mark.parametrize("failures", [2, 3])
def test_two_failures_stop(failures):
    assert stop(failures)


def test_another_process_sees_the_limit():
    code = "from nightshift.stop import stop; print(stop(2))"
    shown = subprocess.run([sys.executable, "-c", code], env={}, cwd="/", check=True, capture_output=True)
    assert shown.stdout == b"True\\n"


def test_one_failure_does_not_stop():
    assert not stop(1)


def test_that_is_red():
    assert stop(1)


@pytest.mark.skip(reason="for the test of the tests")
def test_that_is_skipped():
    assert stop(2)


class TestLimit:
    def test_the_limit(self):
        assert LIMIT == 2
""",
}


def entry(line: str, replacement: str, test: str, *, file: str = "nightshift/stop.py") -> str:
    """Write an entry of the list."""
    test = test if "/" in test else f"tests/test_stop.py::{test}"
    table = {"keeps": "promise 8", "file": file, "line": line, "replacement": replacement, "test": test}
    return "[[mutant]]\n" + "".join(f"{key} = {value!r}\n" for key, value in table.items())


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a small tree that git knows."""
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    subprocess.run(["git", "init", "-q", str(tmp_path)], check=True)
    return tmp_path


def run(tree: Path, *entries: str, words: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run the runner over these entries."""
    (tree / "tests" / "mutants.toml").write_text("\n".join(entries))
    command = [sys.executable, str(RUNNER), "--root", str(tree), *words]
    return subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)


def limit(replacement: str, test: str) -> str:
    """Break the line with the limit."""
    return entry("LIMIT = 2", replacement, test)


def test_a_broken_line_that_its_test_notices_is_killed(tree: Path) -> None:
    done = run(
        tree,
        limit("LIMIT = 9", "test_two_failures_stop"),
        limit("LIMIT = 8", "test_two_failures_stop[2]"),
        limit("LIMIT = 7", "TestLimit::test_the_limit"),
        entry("return failures >= LIMIT", "return False", "test_another_process_sees_the_limit"),
        entry("while failures > LIMIT + 100:", "while True:", "test_one_failure_does_not_stop"),
        words=("--patience", "2"),
    )
    assert (done.stdout, done.returncode, done.stderr) == ("mutants: 5 killed, 0 survived\n", 0, "")
    assert (tree / "nightshift" / "stop.py").read_text() == FILES["nightshift/stop.py"]


def test_an_entry_that_proves_nothing_is_reported(tree: Path) -> None:
    useless = {
        entry(
            "SPARE = 7", "SPARE = 8", "test_one_failure_does_not_stop"
        ): "test_one_failure_does_not_stop stays green",
        entry(
            "LIMIT = 3", "LIMIT = 4", "TestLimit::test_the_limit"
        ): "the line stands there 0 times, not once",
        entry("@pytest", "@py", "TestLimit::test_the_limit", file="a.py"): "there is no such file",
        limit("LIMIT = 2", "TestLimit::test_the_limit"): "the replacement changes nothing",
        limit("LIMIT = (", "TestLimit::test_the_limit"): "the replacement is no Python",
        limit("raise OSError", "TestLimit::test_the_limit"): "could not be run (pytest ended with",
        limit("LIMIT = 9", "test_nothing"): "test_nothing is missing, skipped or red",
        limit("LIMIT = 9", "tests/no.py::test_x"): "tests/no.py::test_x is missing, skipped or red",
        limit("LIMIT = 9", "test_that_is_red"): "test_that_is_red is missing, skipped or red",
        limit("LIMIT = 9", "test_that_is_skipped"): "test_that_is_skipped is missing, skipped or red",
    }
    done = run(tree, *useless)
    assert [reason for reason in useless.values() if reason not in done.stdout] == []
    assert done.stdout.splitlines()[-1] == f"mutants: 0 killed, {len(useless)} survived"
    assert done.returncode == 1


def test_only_what_was_asked_for_is_tried_and_a_run_that_just_passed_is_believed(tree: Path) -> None:
    case = '<testcase classname="tests.test_stop{}" name="{}" time="0.1">{}</testcase>'
    (tree / "junit.xml").write_text(
        "<testsuites><testsuite>"
        + case.format("", "test_two_failures_stop[2]", "")
        + case.format("", "test_two_failures_stop[3]", "<failure/>")
        + case.format(".TestLimit", "test_the_limit", "")
        + "</testsuite></testsuites>"
    )
    done = run(
        tree,
        limit("LIMIT = 9", "TestLimit::test_the_limit"),
        limit("LIMIT = 9", "test_two_failures_stop"),
        limit("LIMIT = 9", "test_two_failures_stop[2]"),
        entry("SPARE = 7", "SPARE = 8", "test_two_failures_stop"),
        words=("--passed-in", str(tree / "junit.xml"), "--only", "LIMIT = 9"),
    )
    assert "test_two_failures_stop is missing, skipped or red" in done.stdout
    assert done.stdout.splitlines()[-1] == "mutants: 2 killed, 1 survived"


def test_an_entry_with_a_key_too_few_is_an_error(tree: Path) -> None:
    done = run(tree, "[[mutant]]\nkeeps = 'S3.1'\n")
    assert (done.returncode, "mutant 1: wants exactly" in done.stderr) == (1, True)
