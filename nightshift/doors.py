"""Doors of rooms that open only as far as somebody walks in: a name loads its module when first asked for."""

from collections.abc import Callable, Mapping
from importlib import import_module


def opening(package: str, modules: Mapping[str, str]) -> Callable[[str], object]:
    """Return a package's `__getattr__` (PEP 562); `modules` says in which of its modules a name lives."""

    def look_up(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{modules[name]}"), name)

    return look_up
