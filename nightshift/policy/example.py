"""A policy file written out in full: every key with what it does; `constraints.example.yaml` is one."""

import json
import re
from collections.abc import Iterator, Mapping

from nightshift.policy import table

_HEAD = """\
# What an agent may do while you sleep. Copy this file to constraints.yaml at the root of your repository;
# every key may be left out, and then holds the value that it has here.
"""
_PLAIN = re.compile(r"[A-Za-z./][A-Za-z0-9._/ -]*(?<! )")
_TAKEN = frozenset({"null", "true", "false"})
_WIDTH = 100


def written(values: Mapping[str, object] | None = None) -> str:
    """Write a whole policy file; `values` by dotted key stand in for the defaults."""
    return "\n".join((_HEAD, *_lines(values or {}))) + "\n"


def _lines(values: Mapping[str, object]) -> Iterator[str]:
    section = ""
    for key in table.KEYS:
        if key.section != section:
            section = key.section
            yield f"\n{section}:"
        indent = "  " if section else ""
        yield f"{indent}# {key.line}"
        yield from _entry(f"{indent}{key.leaf}:", values.get(key.name, key.default), indent)


def _entry(start: str, value: object, indent: str) -> Iterator[str]:
    if not isinstance(value, tuple | list):
        yield f"{start} {_scalar(value)}"
        return
    items = [_scalar(item) for item in value]
    line = f"{start} [{', '.join(items)}]"
    if len(line) <= _WIDTH:
        yield line
        return
    yield start
    yield from (f"{indent}  - {item}" for item in items)


def _scalar(value: object) -> str:
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value.casefold() not in _TAKEN
        return value if plain else json.dumps(value, ensure_ascii=False)
    return json.dumps(value)
