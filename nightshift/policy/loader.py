"""A policy file read into a Policy, or every complaint about it at once."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nightshift.errors import PolicyError
from nightshift.model import Place, Policy, Problem
from nightshift.policy import table
from nightshift.policy.complaints import Code, Complaints, did_you_mean, line_of
from nightshift.policy.document import MAX_BYTES, Entries, Items, Node, Refused, Scalar, nodes_of
from nightshift.policy.values import Value, is_null, value_of
from nightshift.policy.words import shown

_TIP = "`nightshift validate` checks it again; constraints.example.yaml shows every key"


def load(path: Path, *, shown_as: str | None = None) -> Policy:
    """Read a policy file."""
    return parse(read(path, shown_as=shown_as), path=shown_as or str(path))


def read(path: Path, *, shown_as: str | None = None) -> bytes:
    """Return the bytes of a policy file, no more than it takes to see that it is too large."""
    name = shown_as or str(path)
    if not path.exists():
        raise PolicyError(f"{name}: there is no such file", tip="`nightshift init` writes one")
    if not path.is_file():
        raise PolicyError(f"{name}: this is no file", tip="name the policy's file")
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise PolicyError(
            f"{name}: cannot be read: {error.strerror}", tip="look at its permissions"
        ) from error


def parse(source: bytes, *, path: str) -> Policy:
    """Read a policy from its bytes; an empty file is the defaults."""
    reading = _Reading(source, path=path)
    found = reading.complaints.sorted()
    if found:
        raise PolicyError("\n".join(map(line_of, found)), tip=_TIP)
    return reading.policy(digest=hashlib.sha256(source).hexdigest(), path=path)


def problems(source: bytes, *, path: str) -> tuple[Problem, ...]:
    """Return every complaint about a policy as a value."""
    return _Reading(source, path=path).complaints.sorted()


class _Reading:
    """Walks the nodes of one file and gathers values, places and complaints."""

    def __init__(self, source: bytes, *, path: str) -> None:
        self.complaints = Complaints()
        self._values: dict[str, Value] = {}
        self._places: dict[str, Place] = {}
        root = nodes_of(source, path=path, complaints=self.complaints)
        if root is not None and not is_null(root):
            self._walk(root, section="")

    def policy(self, *, digest: str, path: str) -> Policy:
        """Return the policy that was read, defaults where the file does not say."""
        policy = Policy(path=path, digest=digest, key_places=MappingProxyType(self._places))
        sections = {name: replace(getattr(policy, name), **self._of(name)) for name in table.SECTIONS}
        return replace(policy, **sections, **self._of(""))

    def _of(self, section: str) -> dict[str, Any]:
        keys = (table.BY_NAME[name] for name in self._values)
        return {key.leaf: self._values[key.name] for key in keys if key.section == section}

    def _walk(self, node: Node, *, section: str) -> None:
        if isinstance(node, Refused) or (section and is_null(node)):
            return
        if not isinstance(node, Entries):
            what = "a list" if isinstance(node, Items) else "a single value"
            message = (
                f"`{section}` must hold keys, not {what}" if section else f"a policy holds keys, not {what}"
            )
            self.complaints.add(Code.STRUCTURE, message, node.place)
            return
        for key, value in node.pairs:
            self._entry(key, value, section=section)

    def _entry(self, key: Node, value: Node, *, section: str) -> None:
        if isinstance(key, Refused):
            return
        if not isinstance(key, Scalar):
            self.complaints.add(Code.STRUCTURE, "a key must be a word", key.place)
            return
        name = f"{section}.{key.text}" if section else key.text
        if "." in key.text:
            self._unknown(name, key, section=section)
            return
        if name in self._places:
            message = f"`{shown(name)}` stands twice, first in line {self._places[name].line}"
            self.complaints.add(Code.DUPLICATE, message, key.place)
            return
        self._places[name] = key.place
        if not section and name in table.SECTIONS:
            self._walk(value, section=name)
        elif name in table.BY_NAME:
            self._value(table.BY_NAME[name], value)
        else:
            self._unknown(name, key, section=section)

    def _value(self, key: table.Key, node: Node) -> None:
        if isinstance(node, Items):
            places = {f"{key.name}[{index}]": item.place for index, item in enumerate(node.items)}
            self._places.update(places)
        value = value_of(key, node, self.complaints)
        if value is not None:
            self._values[key.name] = value[0]
        if key.name == "version" and value is not None and value[0] != table.VERSION:
            message = f"version {value[0]} is not known; this nightshift knows version {table.VERSION}"
            self.complaints.add(Code.VERSION, message, node.place)

    def _unknown(self, name: str, key: Scalar, *, section: str) -> None:
        if name in table.LATER:
            message = f"`{name}` is not in this version"
            self.complaints.add(Code.LATER, message, key.place, hint="take it out")
            return
        message = f"unknown key `{shown(name)}`"
        self.complaints.add(Code.UNKNOWN_KEY, message, key.place, hint=_meant(key.text, section=section))


def _meant(leaf: str, *, section: str) -> str:
    """Suggest the key that was meant: below its section, in another section, or a near one here."""
    here = [key.leaf for key in table.KEYS if key.section == section] + ([] if section else [*table.SECTIONS])
    elsewhere: Mapping[str, str] = {key.leaf: key.name for key in table.KEYS}
    if leaf in table.BY_NAME:
        key = table.BY_NAME[leaf]
        return f"write `{key.leaf}` on a line of its own below `{key.section}:`"
    return f"did you mean `{elsewhere[leaf]}`?" if leaf in elsewhere else did_you_mean(leaf, here)
