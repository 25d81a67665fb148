"""How a Python project's tests are run."""

import posixpath
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from nightshift.project.layout import ASIDE
from nightshift.project.shell import quoted
from nightshift.project.tree import Table, Tree, strings, table

_READ_AT_MOST = 200
_TEST_FILE = r"(?:.*/)?(?:test_[\w-]*|tests?|[\w-]+_tests?)\.py|(?:.*/)?tests?/(?:.*/)?test[\w-]*\.py"
_TEST_FOLDERS = frozenset({"test", "tests", "testing"})
_PYTEST_USED = re.compile(
    r"^\s*(?:import pytest|from pytest\b|from _pytest\b)|^(?:async )?def test_", re.MULTILINE
)
_UNITTEST_USED = re.compile(r"^\s*(?:import|from) (?:unittest|django\.test)\b", re.MULTILINE)
_PLUGIN_SIGNS = (
    (re.compile(r"--cov\b|--no-cov\b"), "pytest-cov"),
    (re.compile(r"(?:^|\s)(?:-n[ =]?\w|--numprocesses|--dist)"), "pytest-xdist"),
    (re.compile(r"^asyncio_|--asyncio-mode", re.MULTILINE), "pytest-asyncio"),
    (re.compile(r"^timeout\b|--timeout\b", re.MULTILINE), "pytest-timeout"),
)


class Runner(StrEnum):
    """What runs the tests."""

    PYTEST = "pytest"
    UNITTEST = "unittest"
    DJANGO = "manage.py test"
    NONE = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The tests' runner and command; `bare` is what pytest needs where nothing declares it."""

    runner: Runner
    command: str = ""
    why: str = ""
    bare: tuple[str, ...] = ()


def find_suite(tree: Tree, pyproject: Table, *, declared: frozenset[str]) -> Suite:
    """Find out whether pytest or unittest runs the tests, and where they are."""
    files = test_files(tree)
    texts = [tree.text(path) for path in files[:_READ_AT_MOST]]
    options = _pytest_options(tree, pyproject)
    if not files and "testpaths" not in options:
        return Suite(runner=Runner.NONE)
    if why := _why_pytest(tree, options, texts, declared):
        return _pytest(files, options, why=why)
    if tree.has("manage.py"):
        return Suite(runner=Runner.DJANGO, command="python manage.py test", why="there is a manage.py")
    if not any(map(_UNITTEST_USED.search, texts)):
        return _pytest(files, options, why="it finds test files of every kind")
    command = unittest_command(tree, files)
    if command is None:
        return _pytest(files, options, why="unittest's own discovery would not find all test files")
    return Suite(runner=Runner.UNITTEST, command=command, why="the tests use unittest alone")


def test_files(tree: Tree) -> tuple[str, ...]:
    """Return the tracked test files that belong to the project's suite."""
    return tuple(path for path in tree.matching(_TEST_FILE) if not _is_aside(path))


def _is_aside(path: str) -> bool:
    return path.split("/", 1)[0] in ASIDE and "/" in path


def _pytest_options(tree: Tree, pyproject: Table) -> dict[str, str]:
    """Return pytest's ini options from whichever file holds them."""
    pytest = table(pyproject, "tool", "pytest")
    inis = [
        table(tree.ini(name), section)
        for name, section in (("pytest.ini", "pytest"), ("tox.ini", "pytest"), ("setup.cfg", "tool:pytest"))
    ]
    for options in (table(pytest, "ini_options"), pytest, *inis):
        if options:
            return {name: " ".join(strings(value)) or str(value) for name, value in options.items()}
    return {}


def _why_pytest(
    tree: Tree, options: dict[str, str], texts: list[str], declared: frozenset[str]
) -> str | None:
    reasons = (
        (bool(options) or tree.has("pytest.ini"), "it is configured here"),
        ("pytest" in declared, "it is declared here"),
        (bool(tree.matching(r"(?:.*/)?conftest\.py")), "there is a conftest.py"),
        (any(map(_PYTEST_USED.search, texts)), "the tests are written for it"),
    )
    return next((why for holds, why in reasons if holds), None)


def _pytest(files: tuple[str, ...], options: dict[str, str], *, why: str) -> Suite:
    settings = "\n".join(f"{name} = {value}" for name, value in options.items())
    plugins = [plugin for sign, plugin in _PLUGIN_SIGNS if sign.search(settings)]
    return Suite(
        runner=Runner.PYTEST,
        command=" ".join(("python -m pytest -q", *_where(files, options))),
        why=why,
        bare=("pytest", *plugins),
    )


def _where(files: tuple[str, ...], options: dict[str, str]) -> list[str]:
    """Return what to tell pytest where it is not configured: docs and examples are no tests."""
    if not options.keys().isdisjoint({"testpaths", "python_files"}):
        return []
    named = [path for path in files if not _TEST_FOLDERS.isdisjoint(path.split("/")[:-1])]
    return [quoted(top) for top in sorted({path.split("/", 1)[0] for path in named or files})]


def unittest_command(tree: Tree, files: tuple[str, ...]) -> str | None:
    """Return the discovery that finds every test file; None where unittest cannot."""
    start = posixpath.commonpath([posixpath.dirname(path) for path in files])
    if not all(_is_reached(tree, path, start) for path in files):
        return None
    pattern = _pattern(PurePosixPath(path).name for path in files)
    if pattern is None:
        return None
    top = start
    while top and tree.has(f"{top}/__init__.py"):
        top = posixpath.dirname(top)
    where = f" -s {quoted(start)}" if start else ""
    where += f" -t {quoted(top or '.')}" if top != start else ""
    return f"python -m unittest discover{where}{pattern}"


def _is_reached(tree: Tree, path: str, start: str) -> bool:
    """Tell whether discovery descends from `start` to the file: only packages are entered."""
    folder = posixpath.dirname(path)
    while folder != start:
        if not tree.has(f"{folder}/__init__.py"):
            return False
        folder = posixpath.dirname(folder)
    return True


def _pattern(names: Iterable[str]) -> str | None:
    """Return the -p option that fits all names; None where no single one does."""
    wanted = set(names)
    if all(name.startswith("test") for name in wanted):
        return ""
    for ending in ("_test.py", "_tests.py"):
        if all(name.endswith(ending) for name in wanted):
            return f' -p "*{ending}"'
    return None
