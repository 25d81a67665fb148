"""Projects made of a table of files."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nightshift.project import Project, detect
from nightshift.project.tree import Tree, tree_of

Files = Mapping[str, str]


def write(root: Path, files: Files) -> None:
    """Write files below `root`."""
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)


@pytest.fixture
def tree(tmp_path: Path) -> Callable[[Files], Tree]:
    """Return a maker of trees."""

    def make(files: Files) -> Tree:
        write(tmp_path, files)
        return tree_of(tmp_path, tuple(files))

    return make


@pytest.fixture
def detected(tmp_path: Path) -> Callable[..., Project]:
    """Return a detector of projects; no program is on PATH but those named."""

    def make(files: Files, *, programs: tuple[str, ...] = ()) -> Project:
        write(tmp_path, files)
        return detect(tmp_path, tuple(files), has_program=programs.__contains__)

    return make
