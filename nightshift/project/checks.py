"""The checks beside the tests that a Python project has set up for itself."""

from nightshift.project.install import HasProgram
from nightshift.project.needs import Needs
from nightshift.project.shell import quoted
from nightshift.project.tree import Table, Tree, table
from nightshift.project.values import Step


def configured_tools(tree: Tree, pyproject: Table) -> tuple[str, ...]:
    """Return which of ruff and mypy have a configuration in the tree."""
    tool = table(pyproject, "tool")
    ruff = "ruff" in tool or tree.has("ruff.toml", ".ruff.toml")
    mypy = "mypy" in tool or tree.has("mypy.ini", ".mypy.ini") or "mypy" in tree.ini("setup.cfg")
    return tuple(name for name, is_configured in (("ruff", ruff), ("mypy", mypy)) if is_configured)


def check_steps(
    tree: Tree,
    pyproject: Table,
    needs: Needs,
    *,
    sources: tuple[str, ...],
    has_program: HasProgram,
) -> tuple[tuple[Step, ...], tuple[str, ...]]:
    """Return the steps for configured tools that will be there at night, and a note on each tool."""
    steps: list[Step] = []
    notes: list[str] = []
    for tool in configured_tools(tree, pyproject):
        # mypy from outside of the .venv would not see what the project imports.
        if not needs.bring(tool) and not (tool == "ruff" and has_program(tool)):
            notes.append(f"{tool} is configured, but nothing that setup installs brings it: no step for it")
            continue
        steps.append(Step(tool, "ruff check ." if tool == "ruff" else _mypy(tree, pyproject, sources)))
        notes.append(f"{tool} is configured and will be there: `{steps[-1].command}`")
    return tuple(steps), tuple(notes)


def _mypy(tree: Tree, pyproject: Table, sources: tuple[str, ...]) -> str:
    settings = [
        table(pyproject, "tool", "mypy"),
        *(table(tree.ini(name), "mypy") for name in ("mypy.ini", ".mypy.ini", "setup.cfg")),
    ]
    if any(key in options for options in settings for key in ("files", "packages", "modules")):
        return "mypy"
    return " ".join(("mypy", *map(quoted, sources or (".",))))


def compile_step(python: str = "python") -> Step:
    """Return the step that stands in where there are no tests: every tracked Python file compiles."""
    return Step("compile", f"git ls-files -z '*.py' | xargs -0 {python} -m py_compile")
