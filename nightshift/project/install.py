"""The command line that makes a Python project's `.venv`, from whatever the project declares."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from nightshift.project.declared import Source
from nightshift.project.needs import Needs
from nightshift.project.shell import quoted
from nightshift.project.tree import Table, Tree, strings, table
from nightshift.project.values import Layout

HasProgram = Callable[[str], bool]

_PYTHON = ".venv/bin/python"
_NEWEST_MINOR = 20
_USUAL_MINOR = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What an installer has to know of the project."""

    tree: Tree
    pyproject: Table
    layout: Layout
    sources: tuple[str, ...]
    has_program: HasProgram


def with_pip(ground: Ground, needs: Needs) -> str:
    """Install with nothing but python3 and its venv and pip."""
    groups = needs.of(Source.GROUP)
    wanted = [*_project_itself(ground, needs), *_files(needs)]
    wanted += [f"--group {quoted(group)}" for group in groups]
    wanted += [quoted(item) for item in needs.requirements]
    lines = [f"{python_name(ground)} -m venv .venv"]
    if groups:
        # The pip inside of a Python 3.11 or 3.12 is older than dependency groups.
        lines.append(f'{_PYTHON} -m pip install -q "pip>=25.1"')
    if wanted:
        lines.append(f"{_PYTHON} -m pip install -q {' '.join(wanted)}")
    return " && ".join(lines)


def _project_itself(ground: Ground, needs: Needs) -> list[str]:
    """Install the project editable where it can be, else what it says that it depends on."""
    extras = needs.of(Source.EXTRA)
    if installs_itself(ground):
        return ["-e " + (f'".[{",".join(extras)}]"' if extras else ".")]
    project = table(ground.pyproject, "project")
    optional = table(project, "optional-dependencies")
    listed = [
        *strings(project.get("dependencies")),
        *(item for name in extras for item in strings(optional.get(name))),
    ]
    is_named = "requirements.txt" in needs.of(Source.FILE) or not ground.tree.has("requirements.txt")
    return [*(quoted(item) for item in listed), *([] if is_named else ["-r requirements.txt"])]


def _files(needs: Needs) -> list[str]:
    return [f"-r {quoted(path)}" for path in needs.of(Source.FILE)]


def installs_itself(ground: Ground) -> bool:
    """Tell whether `pip install -e .` can work here."""
    if table(ground.pyproject, "build-system") or ground.tree.has("setup.py"):
        return True
    if "name" in table(ground.tree.ini("setup.cfg"), "metadata"):
        return True
    # Without a build system setuptools guesses, and it refuses to guess among several packages.
    is_clear = ground.layout is Layout.SRC or len(ground.sources) == 1
    return "name" in table(ground.pyproject, "project") and is_clear


def with_uv(ground: Ground, needs: Needs) -> str:
    """Install what uv.lock says, and beside it what the lock does not know."""
    options = [f"--extra {quoted(name)}" for name in needs.of(Source.EXTRA)]
    options += [f"--group {quoted(name)}" for name in needs.of(Source.GROUP)]
    if table(ground.pyproject, "tool", "uv", "workspace"):
        options.append("--all-packages")
    uv, lines = _tool("uv", ground)
    lines.append(" ".join((f"{uv} sync -q --frozen", *options)))
    unlocked = [*_files(needs), *(quoted(item) for item in needs.requirements)]
    if unlocked:
        lines.append(f"{uv} pip install -q --python {_PYTHON} {' '.join(unlocked)}")
    return " && ".join(lines)


def with_poetry(ground: Ground, needs: Needs) -> str:
    """Install with poetry into the project's own `.venv`."""
    options = [f"--with {quoted(name)}" for name in needs.of(Source.GROUP)]
    options += [f"--extras {quoted(name)}" for name in needs.of(Source.EXTRA)]
    poetry, lines = _tool("poetry", ground)
    lines.append(f"{python_name(ground)} -m venv .venv")
    lines.append(" ".join((f"POETRY_VIRTUALENVS_IN_PROJECT=true {poetry} install -n", *options)))
    return " && ".join([*lines, *_pip_after(needs)])


def with_pdm(ground: Ground, needs: Needs) -> str:
    """Install what pdm.lock says into the project's own `.venv`."""
    options = [f"-G {quoted(name)}" for name in (*needs.of(Source.EXTRA), *needs.of(Source.GROUP))]
    pdm, lines = _tool("pdm", ground)
    lines += [f"{python_name(ground)} -m venv .venv", f"{pdm} use -q -f .venv"]
    lines.append(" ".join((f"{pdm} install -q --frozen-lockfile", *options)))
    return " && ".join([*lines, *_pip_after(needs)])


def with_pipenv(ground: Ground, needs: Needs) -> str:
    """Install what Pipfile.lock says, else what the Pipfile says."""
    pipenv, lines = _tool("pipenv", ground)
    what = "sync --dev" if ground.tree.has("Pipfile.lock") else "install --dev --skip-lock"
    lines.append(f"PIPENV_VENV_IN_PROJECT=1 {pipenv} {what}")
    itself = [f"{_PYTHON} -m pip install -q --no-deps -e ."] if installs_itself(ground) else []
    return " && ".join([*lines, *itself, *_pip_after(needs)])


def _pip_after(needs: Needs) -> list[str]:
    unlocked = [*_files(needs), *(quoted(item) for item in needs.requirements)]
    return [f"{_PYTHON} -m pip install -q {' '.join(unlocked)}"] if unlocked else []


def _tool(name: str, ground: Ground) -> tuple[str, list[str]]:
    """Return how to call a tool, and what installs it first where it is not on PATH."""
    if ground.has_program(name):
        return name, []
    lines = ['tool="$(mktemp -d)"', 'python3 -m venv "$tool"', f'"$tool/bin/python" -m pip install -q {name}']
    return f'"$tool/bin/{name}"', lines


def python_name(ground: Ground) -> str:
    """Return python3, or the oldest newer one on PATH where the project asks for a newer one."""
    wanted = str(table(ground.pyproject, "project").get("requires-python", ""))
    found = re.search(r"(?:>=|~=|==)\s*3\.(\d+)", wanted)
    least = int(found.group(1)) if found else 0
    if least <= _USUAL_MINOR:
        return "python3"
    names = (f"python3.{minor}" for minor in range(least, _NEWEST_MINOR))
    return next((name for name in names if ground.has_program(name)), "python3")
