"""What is found out about a project, and the files `init` would write."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What a project is written in, as far as its gate is concerned."""

    PYTHON = "Python"
    NODE = "Node"
    GO = "Go"
    RUST = "Rust"
    PLAIN = "plain"


class Layout(StrEnum):
    """Where the sources lie."""

    SRC = "src"
    FLAT = "flat"
    NAMESPACE = "namespace package"
    MODULE = "single module"
    WORKSPACE = "workspace"
    OTHER = "other"


class Step(NamedTuple):
    """One named command of the gate, as the owner would type it."""

    name: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """What installs and tests a project; `notes` explain each choice in one line."""

    kind: Kind
    layout: Layout = Layout.OTHER
    setup: str | None = None
    """One command line, the owner's text: run it as `["/bin/sh", "-c", setup]`."""
    carry: tuple[str, ...] = ()
    steps: tuple[Step, ...] = ()
    allowed_paths: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StarterFile:
    """A file that `init` writes where none is; `path` is relative to the root."""

    path: str
    text: str
    executable: bool = False
