"""A Node project: its lock file, its workspaces and its scripts."""

import fnmatch
import posixpath

from nightshift.project.install import HasProgram
from nightshift.project.tree import Table, Tree, strings, table
from nightshift.project.values import Kind, Layout, Project, Step

_NO_TESTS = "no test specified"
_TYPE_SCRIPTS = ("typecheck", "type-check", "check-types", "check:types", "types:check", "tsc")
_CHANGES_FILES = ("--fix", "--write")
_OTHER_MANAGERS = (
    ("pnpm", ("pnpm-lock.yaml",)),
    ("yarn", ("yarn.lock",)),
    ("bun", ("bun.lock", "bun.lockb")),
)


def is_node(tree: Tree) -> bool:
    """Tell whether there is a package.json at the root."""
    return tree.has("package.json")


def detect_node(tree: Tree, *, has_program: HasProgram) -> Project:
    """Find out how a Node project is installed, tested and checked."""
    package = tree.json("package.json")
    manager, setup, how = _setup(tree, has_program)
    workspaces = _workspaces(tree, package)
    steps = _steps(package, manager)
    names = ", ".join(step.name for step in steps)
    return Project(
        kind=Kind.NODE,
        layout=Layout.WORKSPACE if workspaces else Layout.SRC if tree.matching(r"src/.*") else Layout.OTHER,
        setup=setup,
        carry=("node_modules", *(f"{folder}/node_modules" for folder in workspaces)),
        steps=steps,
        notes=(
            f"setup: {how}",
            f"carry: node_modules of the root and of {len(workspaces)} workspaces",
            f"gate: the scripts of package.json ({names})"
            if steps
            else "tests: package.json has no script for them",
        ),
    )


def _setup(tree: Tree, has_program: HasProgram) -> tuple[str, str, str]:
    """Return the package manager, its install command, and what that goes by."""
    if tree.has("package-lock.json", "npm-shrinkwrap.json"):
        return "npm", "npm ci --no-audit --no-fund", "npm, from its lock file"
    for name, locks in _OTHER_MANAGERS:
        if tree.has(*locks):
            program = name if has_program(name) else f"npx --yes {name}"
            return program, _frozen_install(tree, program), f"{name}, from its lock file"
    return "npm", "npm install --no-audit --no-fund --no-package-lock", "npm, there is no lock file"


def _frozen_install(tree: Tree, program: str) -> str:
    if "__metadata:" not in tree.text("yarn.lock"):
        return f"{program} install --frozen-lockfile"
    # A newer yarn would put packages into HOME, which is not carried, and not into node_modules.
    return f"YARN_NODE_LINKER=node-modules {program} install --immutable"


def _workspaces(tree: Tree, package: Table) -> tuple[str, ...]:
    """Return the tracked workspace folders."""
    declared = package.get("workspaces")
    patterns = [*strings(declared), *strings(table(declared).get("packages")), *_pnpm_patterns(tree)]
    wanted = [pattern.removeprefix("./").rstrip("/") for pattern in patterns if not pattern.startswith("!")]
    refused = [pattern[1:].removeprefix("./") for pattern in patterns if pattern.startswith("!")]
    folders = [posixpath.dirname(path) for path in tree.matching(r".+/package\.json")]
    return tuple(folder for folder in folders if _any(folder, wanted) and not _any(folder, refused))


def _any(folder: str, patterns: list[str]) -> bool:
    return any(fnmatch.fnmatchcase(folder, pattern) for pattern in patterns)


def _pnpm_patterns(tree: Tree) -> tuple[str, ...]:
    text = tree.text("pnpm-workspace.yaml")
    if not text:
        return ()
    import yaml

    try:
        return strings(table(yaml.safe_load(text)).get("packages"))
    except yaml.YAMLError:
        return ()


def _steps(package: Table, manager: str) -> tuple[Step, ...]:
    """Return steps for the scripts that are there and that leave the files alone."""
    scripts = {name: text for name, text in table(package, "scripts").items() if isinstance(text, str)}
    tests = scripts.get("test", "")
    steps = [] if not tests or _NO_TESTS in tests else [Step("tests", f"CI=true {manager} test")]
    types = next((name for name in _TYPE_SCRIPTS if name in scripts), None)
    for label, script in (("lint", "lint"), ("types", types)):
        text = scripts.get(script or "")
        if text and script not in tests.split() and not any(flag in text for flag in _CHANGES_FILES):
            steps.append(Step(label, f"{manager} run {script}"))
    return tuple(steps)
