"""What hatch, tox, nox and older tools say that the tests need."""

import ast
import configparser
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nightshift.project.setup_py import parsed, setup_arguments
from nightshift.project.tree import Table, Tree, strings, table

_HATCH_ENVIRONMENTS = ("hatch-test", "test", "tests", "testing", "default", "dev")
_TOX_ENVIRONMENTS = ("testenv", "testenv:test", "testenv:tests", "testenv:py", "testenv:unit")
_OWN_EXTRAS = re.compile(r"(?:-e\s*)?\.\[([\w,. -]+)\]")
_FILE = re.compile(r"(?:-r|--requirement)[ =]?\s*(\S+)")
_PLAIN = re.compile(r"[A-Za-z0-9][\w.\[\]<>=~!, *+-]*")
_CONDITIONAL = re.compile(r"[\w.!,-]+:\s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Hints:
    """What a tool's own configuration installs for the tests."""

    where: str = ""
    extras: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.extras or self.groups or self.files or self.requirements)


def find_hints(tree: Tree, pyproject: Table) -> tuple[Hints, ...]:
    """Return what each tool says, the most explicit first."""
    legacy = table(pyproject, "tool", "uv").get("dev-dependencies")
    pdm = table(pyproject, "tool", "pdm", "dev-dependencies")
    all_hints = (
        _read("tool.uv.dev-dependencies", strings(legacy)),
        _read("tool.pdm.dev-dependencies", [item for group in pdm.values() for item in strings(group)]),
        _hatch(pyproject),
        _tox(tree, pyproject),
        _read("noxfile.py", _nox(tree.text("noxfile.py"))),
        _read("tests_require", strings(setup_arguments(tree.text("setup.py")).get("tests_require"))),
    )
    return tuple(hints for hints in all_hints if hints)


def _read(where: str, items: Iterable[str], extras: Iterable[str] = (), groups: Iterable[str] = ()) -> Hints:
    """Sort what a tool installs; what is computed is left out."""
    lines = [item.strip() for item in items]
    own = [
        name.strip()
        for line in lines
        if (found := _OWN_EXTRAS.fullmatch(line))
        for name in found[1].split(",")
    ]
    return Hints(
        where=where,
        extras=tuple(dict.fromkeys([*extras, *own])),
        groups=tuple(dict.fromkeys(groups)),
        files=tuple(dict.fromkeys(found[1] for line in lines if (found := _FILE.fullmatch(line)))),
        requirements=tuple(dict.fromkeys(line for line in lines if _PLAIN.fullmatch(line))),
    )


def _hatch(pyproject: Table) -> Hints:
    environments = table(pyproject, "tool", "hatch", "envs")
    for name in _HATCH_ENVIRONMENTS:
        environment = table(environments, name)
        items = (*strings(environment.get("dependencies")), *strings(environment.get("extra-dependencies")))
        extras, groups = strings(environment.get("features")), strings(environment.get("dependency-groups"))
        if items or extras or groups:
            brought = ("pytest", "pytest-mock") if name == "hatch-test" else ()
            return _read(f"the hatch environment {name}", (*brought, *items), extras, groups)
    return Hints()


def _tox(tree: Tree, pyproject: Table) -> Hints:
    native = table(pyproject, "tool", "tox") or tree.toml("tox.toml")
    sections = [table(native, "env_run_base"), table(native, "env", "test")]
    sections += [table(ini, name) for ini in _tox_inis(tree, native) for name in _TOX_ENVIRONMENTS]
    return _read(
        "tox",
        _options(sections, "deps"),
        _options(sections, "extras"),
        _options(sections, "dependency_groups"),
    )


def _tox_inis(tree: Tree, native: Table) -> Iterator[Table]:
    yield from (tree.ini("tox.ini"), tree.ini("setup.cfg"))
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(str(native.get("legacy_tox_ini", "")))
    except configparser.Error:
        return
    yield {name: dict(section) for name, section in parser.items()}


def _options(sections: Iterable[Table], option: str) -> list[str]:
    """Collect an option's lines; what holds for some factors alone or is substituted is left out."""
    all_lines = [line for section in sections for line in strings(section.get(option))]
    lines = [line for line in all_lines if not _CONDITIONAL.match(line)]
    return [
        part.strip() for line in lines for part in _parts(line, option) if "{" not in part and part.strip()
    ]


def _parts(line: str, option: str) -> list[str]:
    return [line] if option == "deps" else re.split(r"[,\s]+", line)


def _nox(source: str) -> Iterator[str]:
    """Yield what sessions whose name tells of tests install, as far as it is plainly written."""
    for function in ast.walk(parsed(source)):
        if isinstance(function, ast.FunctionDef) and "test" in function.name:
            for node in ast.walk(function):
                if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "install":
                    yield from _joined_flags(node.args)


def _joined_flags(arguments: list[ast.expr]) -> Iterator[str]:
    """Yield the constant arguments of one install, a flag together with its value."""
    words = [
        node.value for node in arguments if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    pending = ""
    for word in words:
        if word in {"-r", "-e", "--requirement"}:
            pending = f"{word} "
        else:
            yield f"{pending}{word}"
            pending = ""
