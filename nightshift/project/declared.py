"""The sets of requirements that a Python project declares, wherever people write them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePosixPath

from nightshift.project.setup_py import setup_arguments
from nightshift.project.tree import Table, Tree, strings, table

_NAME = re.compile(r"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)")
_WANTED_EXTRAS = re.compile(r"\[([^\]]*)\]")
_NESTED_FILE = re.compile(r"(?:-r|--requirement)[ =]?\s*(\S+)")
_REQUIREMENTS = (
    r"(?:.*/)?(?:requirements|reqs?|deps|dependencies)[-_.](?:[\w.-]+)\.(?:txt|in)"
    r"|(?:.*/)?[\w.-]+[-_.](?:requirements|reqs?)\.(?:txt|in)"
    r"|(?:.*/)?(?:requirements|reqs?|deps)/[\w.-]+\.(?:txt|in)"
    r"|(?:.*/)?requirements\.(?:txt|in)"
)
_NESTING_LIMIT = 10


class Source(StrEnum):
    """Where a set is declared, which decides how it is installed."""

    EXTRA = "extra"
    GROUP = "group"
    FILE = "file"
    LISTED = "listed"


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedSet:
    """One set of requirements: `names` are normalised, empty where they could not be read."""

    source: Source
    name: str
    names: frozenset[str] = frozenset()
    requirements: tuple[str, ...] = ()

    def __str__(self) -> str:
        return {
            Source.EXTRA: f"the extra {self.name}",
            Source.GROUP: f"the dependency group {self.name}",
            Source.FILE: self.name,
            Source.LISTED: self.name,
        }[self.source]


def normalised(requirement: str) -> str:
    """Return the normalised name that a requirement begins with."""
    found = _NAME.match(requirement)
    return re.sub(r"[-_.]+", "-", found.group(1)).lower() if found else ""


def extras(tree: Tree, pyproject: Table) -> tuple[NeedSet, ...]:
    """Return the extras of pyproject.toml, setup.cfg or setup.py."""
    own = normalised(str(table(pyproject, "project").get("name", "")))
    declared = _extras_declared(tree, pyproject)

    def names(extra: str, seen: frozenset[str]) -> Iterator[str]:
        for requirement in declared.get(extra, ()):
            name = normalised(requirement)
            yield name
            asked = _WANTED_EXTRAS.search(requirement)
            for other in asked.group(1).split(",") if asked and name == own else ():
                if other.strip() not in seen:
                    yield from names(other.strip(), seen | {other.strip()})

    return tuple(
        NeedSet(source=Source.EXTRA, name=extra, names=frozenset(names(extra, frozenset({extra}))))
        for extra in declared
    )


def _extras_declared(tree: Tree, pyproject: Table) -> dict[str, tuple[str, ...]]:
    """Merge every place where extras are written, the newest style first."""
    dynamic = table(pyproject, "tool", "setuptools", "dynamic", "optional-dependencies")
    places: tuple[Table, ...] = (
        table(pyproject, "project", "optional-dependencies"),
        {name: _lines_of_files(tree, table(files).get("file")) for name, files in dynamic.items()},
        table(pyproject, "tool", "flit", "metadata", "requires-extra"),
        table(pyproject, "tool", "poetry", "extras"),
        table(tree.ini("setup.cfg"), "options.extras_require"),
        table(setup_arguments(tree.text("setup.py")).get("extras_require")),
    )
    return {str(name): strings(wanted) for place in reversed(places) for name, wanted in place.items()}


def _lines_of_files(tree: Tree, files: object) -> tuple[str, ...]:
    return tuple(line for file in strings(files) for line in strings(tree.text(file)))


def groups(pyproject: Table) -> tuple[NeedSet, ...]:
    """Return the dependency groups of PEP 735."""
    declared = table(pyproject, "dependency-groups")

    def names(group: str, seen: frozenset[str]) -> Iterator[str]:
        wanted = declared.get(group)
        for item in wanted if isinstance(wanted, list) else ():
            other = str(item.get("include-group", "")) if isinstance(item, Mapping) else ""
            if other and other not in seen:
                yield from names(other, seen | {other})
            elif isinstance(item, str):
                yield normalised(item)

    return tuple(
        NeedSet(source=Source.GROUP, name=group, names=frozenset(names(group, frozenset({group}))))
        for group in declared
    )


def poetry_groups(pyproject: Table) -> tuple[NeedSet, ...]:
    """Return poetry's own groups."""
    poetry = table(pyproject, "tool", "poetry")
    found = {name: table(group, "dependencies") for name, group in table(poetry, "group").items()}
    if old := table(poetry, "dev-dependencies"):
        found["dev"] = old
    return tuple(
        NeedSet(source=Source.GROUP, name=name, names=frozenset(map(normalised, wanted)))
        for name, wanted in found.items()
    )


def requirement_files(tree: Tree) -> tuple[NeedSet, ...]:
    """Return the requirements files; an `.in` file counts only where it was not compiled."""
    found = tree.matching(_REQUIREMENTS)
    return tuple(
        NeedSet(source=Source.FILE, name=path, names=frozenset(_names_in_file(tree, path)))
        for path in found
        if path.endswith(".txt") or f"{path[:-3]}.txt" not in found
    )


def _names_in_file(tree: Tree, path: str, depth: int = 0) -> Iterator[str]:
    for line in strings(tree.text(path)):
        nested = _NESTED_FILE.match(line)
        if nested and depth < _NESTING_LIMIT:
            yield from _names_in_file(tree, _joined(path, nested.group(1)), depth + 1)
        elif not line.startswith(("-", "#")):
            yield normalised(line)


def _joined(path: str, other: str) -> str:
    """Resolve `other` as seen from the file `path`."""
    parts: list[str] = []
    for part in (PurePosixPath(path).parent / other).parts:
        if part == ".." and parts:
            parts.pop()
        else:
            parts.append(part)
    return "/".join(parts)


def listed(name: str, requirements: tuple[str, ...]) -> tuple[NeedSet, ...]:
    """Make a set of requirements that no installer knows by a name; none when it is empty."""
    if not requirements:
        return ()
    names = frozenset(map(normalised, requirements))
    return (NeedSet(source=Source.LISTED, name=name, names=names, requirements=requirements),)
