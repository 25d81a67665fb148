"""Rooms import downwards only, and one room each starts programs, reads git, paints and prints."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nightshift"

FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "model", "text"),
    ("events", "templating"),
    ("plan", "policy"),
    ("records",),
    ("workspace",),
    ("agent", "gate"),
    ("delivery",),
    ("night",),
    ("console", "project", "demo", "doctor", "schedule", "history"),
    ("cli",),
    ("testing",),
    ("__main__",),
)
CELLAR = ("__init__", "doors")
FLOOR = {room: number for number, rooms in enumerate((CELLAR, *FLOORS), start=-1) for room in rooms}

OPENS_DOORS = "nightshift/doors.py"
STARTS_PROGRAMS = "nightshift/workspace/process.py"
READS_GIT = "nightshift/workspace/owner.py"
SHOWS = "console"
SPEAKS = frozenset({"cli", "console", "testing", "__main__"})
TURNS_ERRORS_INTO_EXIT_CODES = "cli"

PROGRAM_MODULES = frozenset({"subprocess", "pty", "multiprocessing"})
PROGRAM_CALLS = (
    "os.system",
    "os.popen",
    "os.exec",
    "os.spawn",
    "os.posix_spawn",
    "os.fork",
    "asyncio.create_subprocess",
)
STREAMS = frozenset({"sys.stdout", "sys.stderr", "sys.__stdout__", "sys.__stderr__"})
BROAD = frozenset({"Exception", "BaseException"})

EMPTY_NAMES = frozenset(
    {"base", "common", "helper", "helpers", "lib", "manager", "misc", "shared", "util", "utils"}
)
NAMED_ALL_THE_SAME = {"nightshift/workspace/base.py": "the base of a night is a word of the design"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Module:
    """One source file of the package, parsed."""

    path: str
    tree: ast.Module

    @property
    def name(self) -> str:
        """Return its dotted name; a package goes by its folder."""
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def room(self) -> str:
        """Return the room it lies in."""
        return self.path.split("/")[1].removesuffix(".py")


def modules() -> tuple[Module, ...]:
    """Read every module of the package."""
    return tuple(
        Module(path=path.relative_to(ROOT).as_posix(), tree=ast.parse(path.read_bytes(), filename=path))
        for path in sorted(PACKAGE.rglob("*.py"))
    )


def module(source: str, *, path: str) -> Module:
    """Make up a module for the tests of this fence."""
    return Module(path=path, tree=ast.parse(source))


def imported(one: Module) -> Iterator[tuple[str, int]]:
    """Name everything a module imports, however late, as `package.module.name` with its line."""
    for node in ast.walk(one.tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node.lineno) for alias in names)
            case ast.ImportFrom(module=source, names=names, level=0):
                yield from ((f"{source}.{alias.name}", node.lineno) for alias in names)
            case ast.ImportFrom():
                yield "(relative)", node.lineno
            case ast.Call(
                func=ast.Name("import_module") | ast.Attribute(attr="import_module"), args=[where, *_]
            ):
                yield from ((name, node.lineno) for name in _spelled(where))


def _spelled(where: ast.expr) -> Iterator[str]:
    match where:
        case ast.Constant(value=str(name)) | ast.JoinedStr(values=[ast.Constant(value=str(name)), *_]):
            yield name.rstrip(".")
        case _:
            yield "(computed)"


def dotted(node: ast.AST) -> str:
    """Spell `a.b.c`; anything else is the empty string."""
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attr):
            return f"{dotted(value)}.{attr}"
    return ""


def breaches(one: Module) -> tuple[str, ...]:
    """List what a module does that its room may not do."""
    found = (*_imports(one), *_statements(one))
    return tuple(f"{one.path}:{line}: {what}" for line, what in sorted(found))


def _imports(one: Module) -> Iterator[tuple[int, str]]:
    for name, line in imported(one):
        top = name.partition(".")[0]
        if top in {"(relative)", "(computed)"}:
            yield from _only(one.path == OPENS_DOORS, line, f"imports by a {top[1:-1]} name")
        elif top == "nightshift":
            yield from ((line, complaint) for complaint in _climbs(one, _room_of(name)))
        elif top in PROGRAM_MODULES or f"{name}(".startswith(PROGRAM_CALLS):
            yield from _only(one.path == STARTS_PROGRAMS, line, f"{name} starts programs")
        elif top in {"git", "gitdb"}:
            yield from _only(one.path == READS_GIT, line, f"{name} reads git")
        elif top == "rich":
            yield from _only(one.room == SHOWS, line, f"{name} is the console's")
        elif name in STREAMS:
            yield from _only(one.room in SPEAKS, line, f"{name} speaks to people")


def _room_of(name: str) -> str:
    room = f"{name}.".split(".")[1]
    return room if room in FLOOR or (PACKAGE / room).exists() else "__init__"


def _climbs(one: Module, room: str) -> Iterator[str]:
    if room == one.room:
        return
    if room not in FLOOR or one.room not in FLOOR:
        yield f"{room if room not in FLOOR else one.room} is not on the list of rooms"
    elif FLOOR[room] >= FLOOR[one.room]:
        yield f"{one.room} (floor {FLOOR[one.room]}) imports {room} (floor {FLOOR[room]})"


def _only(allowed: bool, line: int, what: str) -> Iterator[tuple[int, str]]:
    if not allowed:
        yield line, what


def _statements(one: Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(one.tree):
        match node:
            case ast.Attribute():
                name = dotted(node)
                if name.startswith(PROGRAM_CALLS):
                    yield from _only(one.path == STARTS_PROGRAMS, node.lineno, f"{name} starts programs")
                if name in STREAMS:
                    yield from _only(one.room in SPEAKS, node.lineno, f"{name} speaks to people")
            case ast.Call(func=ast.Name("print")):
                yield from _only(one.room in SPEAKS, node.lineno, "print speaks to people")
            case ast.Call(func=ast.Name("opening"), args=[package, *_]) if dotted(package) != "__name__":
                yield node.lineno, "opens the door of another room"
            case ast.ExceptHandler(type=None):
                yield node.lineno, "a bare except"
            case ast.ExceptHandler(type=ast.expr() as caught) if BROAD & {
                dotted(part) for part in ast.walk(caught)
            }:
                broad = one.room == TURNS_ERRORS_INTO_EXIT_CODES
                yield from _only(broad, node.lineno, "catches every exception")


def edges(every: tuple[Module, ...]) -> dict[str, set[str]]:
    """Say which module imports which; a name that is no module stands for the one that holds it."""
    names = {one.name for one in every}
    graph: dict[str, set[str]] = {}
    for one in every:
        found = (_deepest(name, names) for name, _ in imported(one))
        graph[one.name] = {name for name in found if name and name != one.name}
    return graph


def _deepest(name: str, names: set[str]) -> str:
    while name and name not in names:
        name = name.rpartition(".")[0]
    return name


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return one circle of imports, or nothing."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_every_room_is_on_the_list() -> None:
    rooms = {one.room for one in modules()}
    assert rooms <= FLOOR.keys(), f"put {rooms - FLOOR.keys()} on a floor first"


def test_rooms_import_downwards_and_keep_to_their_work() -> None:
    assert [line for one in modules() for line in breaches(one)] == []


def test_the_imports_run_in_no_circle() -> None:
    assert circle(edges(modules())) == []


def test_every_module_says_what_it_holds() -> None:
    silent = [one.path for one in modules() if not ast.get_docstring(one.tree)]
    assert silent == []


def test_no_room_has_an_empty_name() -> None:
    empty = {
        one.path
        for one in modules()
        if EMPTY_NAMES & {part.removesuffix(".py") for part in one.path.split("/")}
    }
    assert empty <= NAMED_ALL_THE_SAME.keys()


@pytest.mark.parametrize(
    ("path", "source", "complaint"),
    [
        ("plan/parse.py", "from nightshift.policy import load", "plan (floor 2) imports policy (floor 2)"),
        ("plan/parse.py", "import nightshift.night.stop", "plan (floor 2) imports night (floor 7)"),
        ("plan/parse.py", "from nightshift import cli", "plan (floor 2) imports cli (floor 9)"),
        (
            "model/plan.py",
            "from nightshift.errors import PlanError",
            "model (floor 0) imports errors (floor 0)",
        ),
        (
            "gate/run.py",
            "def late():\n    from nightshift.delivery import push",
            "gate (floor 5) imports delivery",
        ),
        ("gate/run.py", "if TYPE_CHECKING:\n    import nightshift.night", "gate (floor 5) imports night"),
        ("gate/run.py", "importlib.import_module('nightshift.night')", "gate (floor 5) imports night"),
        ("gate/run.py", "import_module(f'nightshift.night.{name}')", "gate (floor 5) imports night"),
        ("gate/run.py", "import_module(name)", "imports by a computed name"),
        ("gate/run.py", "from . import script", "imports by a relative name"),
        ("gate/__init__.py", "opening('nightshift.night', {})", "opens the door of another room"),
        ("attic/old.py", "from nightshift.model import Task", "attic is not on the list of rooms"),
        ("workspace/git.py", "import subprocess", "subprocess starts programs"),
        ("workspace/git.py", "from subprocess import run", "subprocess.run starts programs"),
        ("workspace/git.py", "from os import execvp", "os.execvp starts programs"),
        ("workspace/git.py", "import pty", "pty starts programs"),
        ("workspace/git.py", "import os\nos.system('true')", "os.system starts programs"),
        ("workspace/git.py", "import os\nos.spawnvp(0, 'a', [])", "os.spawnvp starts programs"),
        ("workspace/git.py", "import os\nf = os.posix_spawn", "os.posix_spawn starts programs"),
        ("workspace/vault.py", "from git import Repo", "git.Repo reads git"),
        ("workspace/vault.py", "def late():\n    import git.exc", "git.exc reads git"),
        ("cli/run.py", "from rich.table import Table", "rich.table.Table is the console's"),
        ("night/attempt.py", "print('hello')", "print speaks to people"),
        ("night/attempt.py", "import sys\nsys.stdout.write('')", "sys.stdout speaks to people"),
        ("night/attempt.py", "from sys import stderr", "sys.stderr speaks to people"),
        ("night/attempt.py", "try: pass\nexcept Exception: pass", "catches every exception"),
        ("night/attempt.py", "try: pass\nexcept (OSError, BaseException): pass", "catches every exception"),
        ("cli/run.py", "try: pass\nexcept: pass", "a bare except"),
    ],
)
def test_the_fence_sees(path: str, source: str, complaint: str) -> None:
    found = breaches(module(source, path=f"nightshift/{path}"))
    assert len(found) == 1
    assert complaint in found[0]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("plan/parse.py", "from nightshift.plan.fields import read"),
        ("plan/parse.py", "from nightshift import __version__"),
        ("plan/__init__.py", "from nightshift.doors import opening\n__getattr__ = opening(__name__, {})"),
        ("workspace/owner.py", "from nightshift.workspace.git import Git"),
        ("workspace/process.py", "import subprocess\nimport os\nos.execv('a', [])"),
        ("workspace/owner.py", "from git import Repo"),
        ("console.py", "from rich.console import Console\nprint()"),
        ("cli/run.py", "import sys\ntry: sys.stdout.flush()\nexcept Exception: pass"),
        ("night/attempt.py", "self.process.fork.system = git.print('x')"),
    ],
)
def test_the_fence_lets_through(path: str, source: str) -> None:
    assert breaches(module(source, path=f"nightshift/{path}")) == ()


def test_the_fence_sees_a_circle_of_modules() -> None:
    first = module("def late():\n    from nightshift.plan.edit import Edit", path="nightshift/plan/parse.py")
    second = module("from nightshift.plan import parse", path="nightshift/plan/edit.py")
    assert set(circle(edges((first, second)))) == {"nightshift.plan.parse", "nightshift.plan.edit"}
