"""A project of no kind that is known here: only checks that surely mean something."""

import re

from nightshift.project.checks import compile_step
from nightshift.project.tree import Tree
from nightshift.project.values import Kind, Project, Step

_TARGET = re.compile(r"^(check|test|tests)\s*:(?!=)", re.MULTILINE)
_MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
_SHELL = "git ls-files -z '*.sh' | xargs -0 -n 1 sh -n"


def detect_plain(tree: Tree) -> Project:
    """Offer what can be checked without knowing the project."""
    target = next((found[1] for name in _MAKEFILES if (found := _TARGET.search(tree.text(name)))), None)
    made = (Step("tests", f"make {target}"),) if target else ()
    compiled = (compile_step("python3"),) if tree.matching(r".*\.py") else ()
    note = (
        f"tests: the Makefile has the target {target}"
        if target
        else "tests: none found, so the gate checks syntax alone: add a step with your own check"
    )
    return Project(
        kind=Kind.PLAIN,
        steps=(*made, *compiled, shell_step()),
        notes=("setup: none, no manifest was found at the root", note),
    )


def shell_step() -> Step:
    """Return the step that every tree can pass: tracked shell scripts, this gate among them, parse."""
    return Step("shell syntax", _SHELL)
