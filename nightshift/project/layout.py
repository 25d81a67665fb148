"""Where a Python project's sources lie, and which files setup writes among them."""

from nightshift.project.setup_py import setup_arguments
from nightshift.project.tree import Table, Tree, table
from nightshift.project.values import Layout

ASIDE = frozenset(
    {
        "benchmark",
        "benchmarks",
        "bin",
        "build",
        "ci",
        "demo",
        "doc",
        "docs",
        "etc",
        "example",
        "examples",
        "fixtures",
        "node_modules",
        "samples",
        "script",
        "scripts",
        "templates",
        "tools",
    }
)
_TESTS = frozenset({"test", "tests", "testing"})
_NO_MODULES = frozenset(
    {"setup.py", "conftest.py", "noxfile.py", "tasks.py", "manage.py", "fabfile.py", "dodo.py"}
)


def find_layout(tree: Tree) -> tuple[Layout, tuple[str, ...]]:
    """Return the layout and the folders or files that hold the sources."""
    python = tree.matching(r".*\.py")
    if inside := [path for path in python if path.startswith("src/")]:
        tops = {path.split("/")[1] for path in inside}
        is_plain = any(tree.has(f"src/{top}", f"src/{top}/__init__.py") for top in tops)
        return Layout.SRC if is_plain or not _deep(inside) else Layout.NAMESPACE, ("src",)
    folders = sorted({path.split("/", 1)[0] for path in python if "/" in path} - ASIDE - _TESTS)
    folders = [folder for folder in folders if not folder.startswith(".")]
    if packages := tuple(folder for folder in folders if tree.has(f"{folder}/__init__.py")):
        return Layout.FLAT, packages
    if modules := _modules(python):
        return Layout.MODULE, modules
    return (Layout.NAMESPACE, tuple(folders)) if folders else (Layout.OTHER, ())


def _deep(paths: list[str]) -> bool:
    """Tell whether sources lie at least two folders below src."""
    return any(len(path.split("/")[1:-1]) > 1 for path in paths)


def _modules(python: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(
        path
        for path in python
        if "/" not in path and path not in _NO_MODULES and not path.startswith("test") and "_test" not in path
    )


def version_files(tree: Tree, pyproject: Table) -> tuple[str, ...]:
    """Return the untracked files into which an install writes the version that git tells."""
    hatch = table(pyproject, "tool", "hatch", "build")
    tools = (
        (table(pyproject, "tool", "setuptools_scm"), ("version_file", "write_to")),
        (table(pyproject, "tool", "setuptools-scm"), ("version_file", "write_to")),
        (table(hatch, "hooks", "vcs"), ("version-file",)),
        (table(hatch, "targets", "wheel", "hooks", "vcs"), ("version-file",)),
        (table(pyproject, "tool", "versioningit", "write"), ("file",)),
        (table(setup_arguments(tree.text("setup.py")).get("use_scm_version")), ("version_file", "write_to")),
    )
    found = [str(options[key]) for options, keys in tools for key in keys if key in options]
    if "write_to" in table(pyproject, "tool", "pdm", "version"):
        # pdm-backend keeps what it generates for an editable install in a folder of its own.
        found.append(".pdm-build")
    return tuple(
        dict.fromkeys(path for path in found if path and not _is_outside(path) and not tree.has(path))
    )


def _is_outside(path: str) -> bool:
    return path.startswith("/") or ".." in path.split("/")
