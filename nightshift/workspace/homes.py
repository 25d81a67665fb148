"""The HOMEs of programs that nobody trusts: empty at each start."""

from pathlib import Path

from nightshift.records import make_private
from nightshift.workspace.clear import clear


def fresh_home(folder: Path) -> Path:
    """Empty a HOME, or make it, with a `tmp` in it: code of an earlier task may have run there."""
    clear(folder)
    make_private(folder / "tmp")
    return folder
