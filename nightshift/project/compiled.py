"""Go and Rust projects: their own tools know everything else."""

from nightshift.project.tree import Tree, table
from nightshift.project.values import Kind, Layout, Project, Step

# rustup looks for its toolchains in HOME, which is an empty folder at night; the gate says the same.
_RUSTUP = (
    'RUSTUP_HOME="${RUSTUP_HOME:-$(dirname "$(dirname "$(dirname "$(command -v cargo)")")")/.rustup}"; '
    '[ ! -d "$RUSTUP_HOME" ] || export RUSTUP_HOME; '
)


def is_go(tree: Tree) -> bool:
    """Tell whether there is a Go module at the root."""
    return tree.has("go.mod")


def detect_go(tree: Tree) -> Project:
    """Build and test a Go module."""
    needs_modules = tree.has("go.sum") and not tree.has("vendor/modules.txt")
    # The module cache is written read-only otherwise, and nobody could remove the night's HOME.
    setup = "GOFLAGS=-modcacherw go mod download" if needs_modules else None
    build = Step("build", "go build ./...")
    tests = (Step("tests", "go test ./..."),) if tree.matching(r".*_test\.go") else ()
    return Project(
        kind=Kind.GO,
        setup=setup,
        steps=(build, *tests),
        notes=(
            f"setup: {setup}" if setup else "setup: none, there is nothing to download",
            "tests: go test" if tests else "tests: none found, so the gate only builds",
        ),
    )


def is_rust(tree: Tree) -> bool:
    """Tell whether there is a Cargo manifest at the root."""
    return tree.has("Cargo.toml")


def detect_rust(tree: Tree) -> Project:
    """Build and test a Rust crate or workspace."""
    manifest = tree.toml("Cargo.toml")
    locked = " --locked" if tree.has("Cargo.lock") else ""
    workspace = " --workspace" if table(manifest, "workspace") else ""
    command = f"cargo test -q{workspace}{locked}"
    return Project(
        kind=Kind.RUST,
        layout=Layout.WORKSPACE if workspace else Layout.SRC,
        setup=f"{_RUSTUP}{command} --no-run",
        carry=("target",),
        steps=(Step("tests", command),),
        notes=(
            "setup: cargo test --no-run, so that what the project depends on is compiled once a night",
            "carry: target, with what was compiled",
            "tests: cargo test",
        ),
    )
