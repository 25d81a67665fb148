"""A Python project: what installs it, what tests it, what setup leaves among its sources."""

from nightshift.project.checks import check_steps, compile_step, configured_tools
from nightshift.project.declared import (
    NeedSet,
    Source,
    extras,
    groups,
    listed,
    poetry_groups,
    requirement_files,
)
from nightshift.project.hints import Hints, find_hints
from nightshift.project.install import (
    Ground,
    HasProgram,
    installs_itself,
    with_pdm,
    with_pip,
    with_pipenv,
    with_poetry,
    with_uv,
)
from nightshift.project.layout import find_layout, version_files
from nightshift.project.needs import Needs, choose
from nightshift.project.suite import Runner, Suite, find_suite
from nightshift.project.tree import Table, Tree, strings, table
from nightshift.project.values import Kind, Project, Step

_MANIFESTS = (
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "manage.py",
    "tox.ini",
)
_VENV = ".venv"


def is_python(tree: Tree) -> bool:
    """Tell whether this is a Python project: a manifest, or modules without any."""
    return bool(tree.has(*_MANIFESTS) or tree.matching(r"[^/]+\.py|(?:src/)?[^/]+/__init__\.py"))


def detect_python(tree: Tree, *, has_program: HasProgram) -> Project:
    """Find out how a Python project is installed, tested and checked."""
    pyproject = tree.toml("pyproject.toml")
    layout, sources = find_layout(tree)
    ground = Ground(tree=tree, pyproject=pyproject, layout=layout, sources=sources, has_program=has_program)
    sets, hints = _declared(tree, pyproject), find_hints(tree, pyproject)
    suite = find_suite(tree, pyproject, declared=_names(sets, hints))
    tools = configured_tools(tree, pyproject)
    needs = choose(sets, hints, bare=suite.bare, tools=tools, also=_default_sets(ground, sets, hints))
    setup, how = _setup(ground, needs)
    checks, check_notes = check_steps(tree, pyproject, needs, sources=sources, has_program=has_program)
    written = version_files(tree, pyproject)
    return Project(
        kind=Kind.PYTHON,
        layout=layout,
        setup=setup,
        carry=(_VENV, *written),
        steps=(_test_step(suite), *checks),
        notes=(
            f"layout: {layout}" + (f", sources in {', '.join(sources)}" if sources else ""),
            f"setup: {how}{_beside(needs)}",
            _carry_note(written),
            _test_note(suite),
            *check_notes,
        ),
    )


def _declared(tree: Tree, pyproject: Table) -> tuple[NeedSet, ...]:
    of_poetry = poetry_groups(pyproject) if uses_poetry(tree, pyproject) else ()
    return (*extras(tree, pyproject), *groups(pyproject), *of_poetry, *requirement_files(tree))


def _names(sets: tuple[NeedSet, ...], hints: tuple[Hints, ...]) -> frozenset[str]:
    brought = [each for hint in hints for each in listed(hint.where, hint.requirements)]
    return frozenset[str]().union(*(each.names for each in (*sets, *brought)))


def uses_poetry(tree: Tree, pyproject: Table) -> bool:
    """Tell whether poetry manages this project."""
    poetry = table(pyproject, "tool", "poetry")
    return tree.has("poetry.lock") or bool(poetry.keys() & {"dependencies", "group", "dev-dependencies"})


def _default_sets(ground: Ground, sets: tuple[NeedSet, ...], hints: tuple[Hints, ...]) -> tuple[NeedSet, ...]:
    """Return what uv, poetry and pdm install without being asked."""
    named = [each for each in sets if each.source is Source.GROUP]
    if ground.tree.has("uv.lock"):
        wanted = table(ground.pyproject, "tool", "uv").get("default-groups", ["dev"])
        defaults = [each for each in named if wanted == "all" or each.name in strings(wanted)]
        return (*defaults, *_listed_in("tool.uv.dev-dependencies", hints))
    if uses_poetry(ground.tree, ground.pyproject):
        groups_of_poetry = table(ground.pyproject, "tool", "poetry", "group")
        return tuple(each for each in named if not table(groups_of_poetry, each.name).get("optional"))
    if ground.tree.has("pdm.lock"):
        return (*named, *_listed_in("tool.pdm.dev-dependencies", hints))
    if ground.tree.has("Pipfile"):
        packages = ground.tree.toml("Pipfile")
        return listed("the Pipfile", (*table(packages, "packages"), *table(packages, "dev-packages")))
    return ()


def _listed_in(where: str, hints: tuple[Hints, ...]) -> tuple[NeedSet, ...]:
    return tuple(each for hint in hints if hint.where == where for each in listed(where, hint.requirements))


def _setup(ground: Ground, needs: Needs) -> tuple[str, str]:
    """Return the setup command and what it goes by."""
    tree = ground.tree
    if tree.has("uv.lock"):
        return with_uv(ground, needs), "uv, from uv.lock"
    if uses_poetry(tree, ground.pyproject):
        return with_poetry(
            ground, needs
        ), f"poetry, from {'poetry.lock' if tree.has('poetry.lock') else 'tool.poetry'}"
    if tree.has("pdm.lock"):
        return with_pdm(ground, needs), "pdm, from pdm.lock"
    if tree.has("Pipfile"):
        return with_pipenv(ground, needs), "pipenv, from the Pipfile"
    return with_pip(ground, needs), "pip, the project itself editable" if installs_itself(ground) else "pip"


def _beside(needs: Needs) -> str:
    return f", with {', '.join(map(str, needs.sets))}" if needs.sets else ""


def _carry_note(written: tuple[str, ...]) -> str:
    also = f", and {', '.join(written)}, which the install writes from git's tags" if written else ""
    return f"carry: {_VENV} goes from setup to agent and gate{also}"


def _test_step(suite: Suite) -> Step:
    return compile_step() if suite.runner is Runner.NONE else Step("tests", suite.command)


def _test_note(suite: Suite) -> str:
    if suite.runner is Runner.NONE:
        return (
            "tests: none found, so the gate only compiles every Python file: add a step with your own check"
        )
    return f"tests: {suite.runner}, since {suite.why}: `{suite.command}`"
