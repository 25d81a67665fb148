"""Every row of the acceptance list that is wanted now, and every promise, has a test that names it."""

import ast
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

TESTS = Path(__file__).parent

LATER_ROWS = {40, 59, 70, 81}
LAST_ROW_WANTED = 85
LAST_ROW = 92
PROMISES = {f"promise {number}" for number in range(1, 10)}
USERS = {f"users {number}" for number in range(1, 43)}
WANTED = {f"S3.{number}" for number in range(1, LAST_ROW_WANTED + 1) if number not in LATER_ROWS} | PROMISES
KNOWN = WANTED | USERS | {f"S3.{number}" for number in range(1, LAST_ROW + 1)}
MUTANTS_FOR_A_PROMISE = 2


def named(source: bytes) -> Iterator[str]:
    """Read the ids that `pytest.mark.row(...)` names in a test module."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(attr="row", value=ast.Attribute(attr="mark")), args=ids):
                yield from (str(one.value) for one in ids if isinstance(one, ast.Constant))


def every_name() -> set[str]:
    """Collect the ids that the tests name."""
    return {name for path in TESTS.rglob("*.py") for name in named(path.read_bytes())}


def by_number(name: str) -> tuple[str, int]:
    """Sort S3.9 before S3.10."""
    kind, _, number = name.replace(".", " ").rpartition(" ")
    return kind, int(number) if number.isdigit() else 0


def kept() -> Counter[str]:
    """Count the mutants of each row and promise."""
    listed = tomllib.loads((TESTS / "mutants.toml").read_text(encoding="utf-8")).get("mutant", [])
    return Counter(name.strip() for mutant in listed for name in mutant["keeps"].split(","))


def test_every_row_and_every_promise_has_a_test() -> None:
    missing = sorted(WANTED - every_name(), key=by_number)
    assert missing == [], f"no test names {', '.join(missing)}"


def test_no_test_names_a_row_that_does_not_exist() -> None:
    assert every_name() <= KNOWN


def test_every_promise_has_its_mutants() -> None:
    count = kept()
    bare = sorted(promise for promise in PROMISES if count[promise] < MUTANTS_FOR_A_PROMISE)
    assert bare == [], f"fewer than {MUTANTS_FOR_A_PROMISE} mutants for {', '.join(bare)}"


def test_no_mutant_keeps_a_row_that_does_not_exist() -> None:
    assert kept().keys() <= KNOWN


def test_rows_are_read_from_marks_on_functions_modules_and_parameters() -> None:
    source = b"""
pytestmark = pytest.mark.row("S3.1")
@pytest.mark.row("S3.2", "promise 3")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.row("S3.4"))])
def test_x(x): database.row("S3.5")
"""
    assert set(named(source)) == {"S3.1", "S3.2", "promise 3", "S3.4"}
