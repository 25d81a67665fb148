"""A project's tracked files, read without ever failing: what cannot be read says nothing."""

import configparser
import json
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LIMIT_BYTES = 1_000_000

Table = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The tracked paths below `root`; only what is tracked will be there at night."""

    root: Path
    paths: frozenset[str]

    def has(self, *paths: str) -> bool:
        """Tell whether one of these paths is tracked."""
        return not self.paths.isdisjoint(paths)

    def matching(self, pattern: str) -> tuple[str, ...]:
        """Return the tracked paths that the regular expression matches whole, in order."""
        matches = re.compile(pattern).fullmatch
        return tuple(sorted(path for path in self.paths if matches(path)))

    def text(self, path: str) -> str:
        """Read a tracked file; empty when it is not tracked or not there."""
        file = self.root / path
        if path not in self.paths or not file.is_file():
            return ""
        with file.open("rb") as stream:
            return stream.read(_LIMIT_BYTES).decode("utf-8-sig", errors="replace")

    def toml(self, path: str) -> Table:
        """Read a TOML file."""
        try:
            return tomllib.loads(self.text(path))
        except tomllib.TOMLDecodeError:
            return {}

    def json(self, path: str) -> Table:
        """Read a JSON file whose top is an object."""
        try:
            return table(json.loads(self.text(path) or "{}"))
        except ValueError:
            return {}

    def ini(self, path: str) -> Table:
        """Read an ini file as sections of options."""
        parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
        try:
            parser.read_string(self.text(path))
        except configparser.Error:
            return {}
        return {name: dict(section) for name, section in parser.items()}


def tree_of(root: Path, tracked: Sequence[str]) -> Tree:
    """Make a Tree of what is tracked below `root`."""
    return Tree(root=root, paths=frozenset(tracked))


def table(value: object, *keys: str) -> Table:
    """Follow `keys` down to a table; empty where there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def strings(value: object) -> tuple[str, ...]:
    """Return the strings of a list, or the lines of a text."""
    if isinstance(value, str):
        return tuple(line.strip() for line in value.splitlines() if line.strip())
    return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list | tuple) else ()
