"""Node, Go, Rust, and what is none of these."""

import json
from collections.abc import Callable, Mapping

import pytest

from nightshift.project import Kind, Layout, Project, Step

Detect = Callable[..., Project]


def package(*, scripts: Mapping[str, object] | None = None, **fields: object) -> str:
    """Return a package.json."""
    return json.dumps({"name": "app", "scripts": scripts or {}, **fields})


TESTED = package(scripts={"test": "node --test"})

INSTALLS = {
    "package-lock.json": ({"package-lock.json": "{}"}, (), "npm ci --no-audit --no-fund", "npm"),
    "npm-shrinkwrap.json": ({"npm-shrinkwrap.json": "{}"}, (), "npm ci --no-audit --no-fund", "npm"),
    "no lock file": ({}, (), "npm install --no-audit --no-fund --no-package-lock", "npm"),
    "pnpm": ({"pnpm-lock.yaml": ""}, ("pnpm",), "pnpm install --frozen-lockfile", "pnpm"),
    "pnpm, not on PATH": (
        {"pnpm-lock.yaml": ""},
        (),
        "npx --yes pnpm install --frozen-lockfile",
        "npx --yes pnpm",
    ),
    "yarn 1": ({"yarn.lock": "# yarn lockfile v1\n"}, ("yarn",), "yarn install --frozen-lockfile", "yarn"),
    "yarn berry": (
        {"yarn.lock": "__metadata:\n  version: 8\n"},
        ("yarn",),
        "YARN_NODE_LINKER=node-modules yarn install --immutable",
        "yarn",
    ),
    "bun": ({"bun.lock": "{}"}, ("bun",), "bun install --frozen-lockfile", "bun"),
}


@pytest.mark.row("S3.12")
@pytest.mark.parametrize(("files", "programs", "setup", "manager"), INSTALLS.values(), ids=INSTALLS)
def test_node_is_installed_from_its_lock_file(
    detected: Detect, files: Mapping[str, str], programs: tuple[str, ...], setup: str, manager: str
) -> None:
    project = detected({"package.json": TESTED, "src/app.js": "", **files}, programs=programs)

    assert (project.kind, project.layout) == (Kind.NODE, Layout.SRC)
    assert (project.setup, project.carry) == (setup, ("node_modules",))
    assert project.steps == (Step("tests", f"CI=true {manager} test"),)


WORKSPACES = {
    "npm": ({"package.json": package(workspaces=["packages/*", "./app/"])}),
    "yarn": ({"package.json": package(workspaces={"packages": ["packages/*", "app"]})}),
    "pnpm": (
        {
            "package.json": package(),
            "pnpm-workspace.yaml": "packages:\n  - packages/*\n  - app\n  - '!packages/old'\n",
        }
    ),
}


@pytest.mark.parametrize("files", WORKSPACES.values(), ids=WORKSPACES)
def test_the_modules_of_workspaces_are_carried(detected: Detect, files: Mapping[str, str]) -> None:
    members = {"packages/a/package.json": "{}", "app/package.json": "{}", "docs/package.json": "{}"}
    old = {"packages/old/package.json": "{}"} if "pnpm-workspace.yaml" in files else {}

    project = detected({**files, **members, **old})

    assert project.layout is Layout.WORKSPACE
    assert project.carry == ("node_modules", "app/node_modules", "packages/a/node_modules")


def test_a_workspace_file_that_is_no_yaml_names_no_workspace(detected: Detect) -> None:
    project = detected(
        {"package.json": package(), "pnpm-workspace.yaml": "packages: [", "a/package.json": "{}"}
    )

    assert project.carry == ("node_modules",)


SCRIPTS = {
    "lint and types": (
        {"test": "jest", "lint": "eslint .", "typecheck": "tsc --noEmit"},
        (
            Step("tests", "CI=true npm test"),
            Step("lint", "npm run lint"),
            Step("types", "npm run typecheck"),
        ),
    ),
    "lint is a part of the tests": (
        {"test": "npm run lint && jest", "lint": "eslint ."},
        (Step("tests", "CI=true npm test"),),
    ),
    "lint that changes files": (
        {"test": "jest", "lint": "eslint --fix ."},
        (Step("tests", "CI=true npm test"),),
    ),
    "what npm init writes": (
        {"test": 'echo "Error: no test specified" && exit 1', "lint": "eslint ."},
        (Step("lint", "npm run lint"),),
    ),
    "no script, only nonsense": (
        {"test": 7},
        (Step("shell syntax", "git ls-files -z '*.sh' | xargs -0 -n 1 sh -n"),),
    ),
}


@pytest.mark.parametrize(("scripts", "steps"), SCRIPTS.values(), ids=SCRIPTS)
def test_nodes_scripts_are_the_steps(
    detected: Detect, scripts: Mapping[str, object], steps: tuple[Step, ...]
) -> None:
    assert detected({"package.json": package(scripts=scripts)}).steps == steps


def test_go_is_built_and_tested(detected: Detect) -> None:
    project = detected({"go.mod": "module app\n", "go.sum": "x\n", "app.go": "", "app_test.go": ""})

    assert (project.kind, project.setup) == (Kind.GO, "GOFLAGS=-modcacherw go mod download")
    assert project.steps == (Step("build", "go build ./..."), Step("tests", "go test ./..."))


@pytest.mark.parametrize(
    "files", [{}, {"go.sum": "x\n", "vendor/modules.txt": ""}], ids=["no needs", "vendored"]
)
def test_go_that_needs_nothing_has_no_setup(detected: Detect, files: Mapping[str, str]) -> None:
    project = detected({"go.mod": "module app\n", "app.go": "", **files})

    assert (project.setup, project.steps) == (None, (Step("build", "go build ./..."),))


@pytest.mark.parametrize(
    ("files", "command", "layout"),
    [
        ({"Cargo.toml": "[package]\n"}, "cargo test -q", Layout.SRC),
        (
            {"Cargo.toml": "[workspace]\nmembers = ['a']\n", "Cargo.lock": ""},
            "cargo test -q --workspace --locked",
            Layout.WORKSPACE,
        ),
    ],
    ids=["a crate", "a workspace with a lock"],
)
def test_rust_is_compiled_once_and_tested(
    detected: Detect, files: Mapping[str, str], command: str, layout: Layout
) -> None:
    project = detected({**files, "src/lib.rs": ""})

    assert (project.kind, project.layout) == (Kind.RUST, layout)
    assert project.steps == (Step("tests", command),)
    assert project.setup is not None
    assert project.setup.endswith(f"export RUSTUP_HOME; {command} --no-run")
    assert project.carry == ("target",)


@pytest.mark.parametrize(
    ("files", "names"),
    [
        ({"README.md": ""}, ["shell syntax"]),
        ({"Makefile": "test:\n\ttrue\n"}, ["tests", "shell syntax"]),
        ({"Makefile": "test := x\n"}, ["shell syntax"]),
        ({"backend/app.py": ""}, ["compile", "shell syntax"]),
    ],
    ids=["nothing", "a Makefile", "a Makefile without a target", "Python below"],
)
def test_what_is_of_no_known_kind_gets_a_plain_gate(
    detected: Detect, files: Mapping[str, str], names: list[str]
) -> None:
    project = detected(files)

    assert (project.kind, project.setup, project.carry) == (Kind.PLAIN, None, ())
    assert [step.name for step in project.steps] == names


def test_python_wins_over_the_package_json_of_its_docs(detected: Detect) -> None:
    assert detected({"setup.py": "", "package.json": TESTED}).kind is Kind.PYTHON


def test_node_wins_over_a_script_at_the_root(detected: Detect) -> None:
    assert detected({"bump.py": "", "package.json": TESTED}).kind is Kind.NODE


def test_allowed_paths_come_from_the_layout(detected: Detect) -> None:
    project = detected({"app/__init__.py": "", "tests/test_app.py": "", "setup.py": ""})

    assert {"app/**", "tests/**"} <= set(project.allowed_paths)


def test_programs_are_looked_for_on_path(tmp_path: object) -> None:
    from nightshift.project.detect import on_path

    assert (on_path("sh"), on_path("no-such-program-anywhere")) == (True, False)
