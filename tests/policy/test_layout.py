"""Which paths fit what a repository tracks."""

from dataclasses import replace

import pytest

from nightshift.model import ChangeRules, Policy
from nightshift.policy import allowed_sources, suggest_allowed

COMMON = ("docs/**", "README*", "CHANGELOG*")
LAYOUTS = {
    "src": (
        ("src/app/__init__.py", "tests/test_app.py", "setup.py", "docs/conf.py"),
        ("src/**", "tests/**", *COMMON),
    ),
    "flat": (("app/__init__.py", "app/core.py", "tests/test_core.py"), ("app/**", "tests/**", *COMMON)),
    "namespace": (("acme/tools/core.py", "tests/x.py"), ("acme/**", "tests/**", *COMMON)),
    "single module": (
        ("app.py", "test_app.py", "setup.py", "conftest.py"),
        ("/*.py", "/test_*.py", *COMMON),
    ),
    "monorepo": (
        ("packages/a/src/x.ts", "apps/web/index.js", "package.json"),
        ("apps/**", "packages/**", "tests/**", *COMMON),
    ),
    "node": (
        ("index.js", "lib/x.js", "test/x.js", "eslint.config.js", "package.json"),
        ("/index.js", "lib/**", "test/**", *COMMON),
    ),
    "node with its test beside it": (
        ("index.js", "test.js"),
        ("/*.js", "lib/**", "src/**", "/test.js", *COMMON),
    ),
    "node in several languages": (
        ("index.mjs", "old.cjs", "types.ts", "scripts/release.js"),
        ("/*.mjs", "/*.cjs", "/*.ts", "lib/**", "src/**", "tests/**", *COMMON),
    ),
    "modules": (("app.py", "cli.py", "scripts/a.py"), ("/*.py", "tests/**", *COMMON)),
    "a module beside a package": (("app.py", "pkg/a.py"), ("/app.py", "pkg/**", "tests/**", *COMMON)),
    "a script at the top": (("run.sh", "README.md"), ("/run.sh", "tests/**", *COMMON)),
    "go": (
        ("main.go", "main_test.go", "cmd/x/main.go", "internal/y.go", "go.mod"),
        ("cmd/**", "internal/**", "/*.go", "/main_test.go", *COMMON),
    ),
    "rust": (("src/lib.rs", "tests/it.rs", "Cargo.toml", "build.rs"), ("src/**", "tests/**", *COMMON)),
    "empty": ((), ("src/**", "tests/**", *COMMON)),
    "no source yet": (("README.md", ".ai-validation/check_quality.sh"), ("src/**", "tests/**", *COMMON)),
    "only scripts": (("scripts/a.py", "scripts/b.sh"), ("scripts/**", "tests/**", *COMMON)),
    "scripts beside": (("app/a.py", "scripts/a.py", "tools/run.sh"), ("app/**", "tests/**", *COMMON)),
    "doc and history": (
        ("app/a.py", "doc/index.rst", "HISTORY.rst", "NEWS"),
        ("app/**", "tests/**", "doc/**", "README*", "CHANGELOG*", "HISTORY*", "NEWS*"),
    ),
    "odd names": (("a[b]/x.py", "tests/x.py"), (r"a\[b]/**", "tests/**", *COMMON)),
}


@pytest.mark.parametrize(("tracked", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_the_suggestion_fits_the_layout(tracked: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert suggest_allowed(reversed(tracked)) == expected


@pytest.mark.parametrize(("tracked", "expected"), LAYOUTS.values(), ids=LAYOUTS)
def test_what_is_suggested_lets_sources_be_changed(
    tracked: tuple[str, ...], expected: tuple[str, ...]
) -> None:
    policy = Policy(change=replace(ChangeRules(), allowed_paths=suggest_allowed(tracked)))
    assert bool(allowed_sources(tracked, policy)) is bool(tracked)


@pytest.mark.parametrize(
    ("tracked", "first"),
    [
        (("bin/tool.sh", "README.md"), "bin/**"),
        (("infra/main.tf", ".github/x.yml", "docs/a.md"), "infra/**"),
        (("notebooks/a.ipynb", "tests/x.csv"), "notebooks/**"),
        (("README.md",), "src/**"),
    ],
    ids=["scripts alone", "no language we know", "notebooks", "nothing at all"],
)
def test_a_repository_without_programs_may_have_what_it_does_have_changed(
    tracked: tuple[str, ...], first: str
) -> None:
    assert suggest_allowed(tracked)[0] == first


def test_a_src_layout_gets_the_default_patterns() -> None:
    assert suggest_allowed(["src/a.py", "tests/b.py"]) == ChangeRules().allowed_paths


def test_the_default_policy_reaches_the_sources_of_a_src_layout() -> None:
    tracked = ("src/app.py", "src/pyproject.toml", "src/block.py", "setup.py", "tests/test_app.py")
    assert allowed_sources(
        tracked, Policy(change=ChangeRules(forbidden_paths=("pyproject.toml", "block.py")))
    ) == ("src/app.py",)


@pytest.mark.parametrize(
    "tracked",
    [
        ("app/core.py", "tests/test_core.py", "docs/conf.py", "README.md"),
        ("app.py", "test_app.py", "README.md"),
    ],
    ids=["flat", "module"],
)
def test_tests_and_docs_alone_are_no_sources(tracked: tuple[str, ...]) -> None:
    assert allowed_sources(tracked, Policy()) == ()


def test_who_allows_tests_alone_means_it() -> None:
    policy = Policy(change=ChangeRules(allowed_paths=("tests/**", "*.md")))
    tracked = ("app/core.py", "tests/test_core.py", "README.md")
    assert allowed_sources(tracked, policy) == ("README.md", "tests/test_core.py")


def test_a_base_without_sources_contradicts_no_policy() -> None:
    assert allowed_sources((".gitignore", "README.md", "scripts/gate.sh"), _gated("scripts/gate.sh")) == (
        "README.md",
    )


def _gated(script: str) -> Policy:
    return replace(Policy(), gate=replace(Policy().gate, script=script))
