"""What kind of project this is."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from nightshift.policy import suggest_allowed
from nightshift.project.compiled import detect_go, detect_rust, is_go, is_rust
from nightshift.project.install import HasProgram
from nightshift.project.node import detect_node, is_node
from nightshift.project.plain import detect_plain, shell_step
from nightshift.project.python import detect_python, is_python
from nightshift.project.tree import Tree, tree_of
from nightshift.project.values import Project


def on_path(program: str) -> bool:
    """Tell whether a program of this name is on PATH."""
    return shutil.which(program) is not None


def detect(root: Path, tracked: Sequence[str], *, has_program: HasProgram = on_path) -> Project:
    """Find out what installs and tests the project whose tracked files are given."""
    tree = tree_of(root, tracked)
    project = _of_its_kind(tree, has_program)
    return replace(
        project,
        steps=project.steps or (shell_step(),),
        allowed_paths=suggest_allowed(tuple(sorted(tree.paths))),
        notes=(f"kind: {project.kind}", *project.notes),
    )


def _of_its_kind(tree: Tree, has_program: HasProgram) -> Project:
    if tree.has("pyproject.toml", "setup.py", "setup.cfg"):
        return detect_python(tree, has_program=has_program)
    if is_node(tree):
        return detect_node(tree, has_program=has_program)
    if is_go(tree):
        return detect_go(tree)
    if is_rust(tree):
        return detect_rust(tree)
    if is_python(tree):
        return detect_python(tree, has_program=has_program)
    return detect_plain(tree)
