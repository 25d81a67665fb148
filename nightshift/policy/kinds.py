"""What a path is for, by its name alone: tests, docs, source, a dependency manifest."""

import re
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

_TEST_FOLDERS = frozenset({"test", "tests", "__tests__"})
_TOP_TEST_FOLDERS = frozenset({"spec", "specs", "testing", "e2e"})
_TEST_NAMES = (
    "test_*.py",
    "*_test.py",
    "conftest.py",
    "*_test.go",
    "*.test.*",
    "*.spec.*",
    "*_spec.rb",
    "test.js",
)
_DOC_FOLDERS = frozenset({"doc", "docs"})
_DOC_NAMES = (
    "readme*",
    "changelog*",
    "changes*",
    "history*",
    "news*",
    "contributing*",
    "authors*",
    "license*",
)
_DOC_SUFFIXES = frozenset({".md", ".rst", ".adoc", ".markdown"})
_SOURCE_NAME = re.compile(
    r".*\.(?:"
    r"py|pyi|pyx|js|jsx|mjs|cjs|ts|tsx|mts|cts|vue|svelte|go|rs|java|kt|kts|scala|"
    r"groovy|rb|php|c|h|cc|cpp|cxx|hpp|cs|fs|vb|swift|m|mm|dart|lua|pl|pm|r|jl|"
    r"ex|exs|erl|hs|ml|mli|clj|cljs|zig|nim|sol|sh|bash|zsh|ps1|css|scss|less|html|"
    r"sql"
    r")"
)
_MANIFEST_NAMES = (
    "requirements*.txt",
    "requirements*.in",
    "constraints*.txt",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "pipfile",
    "*.lock",
    "environment.yml",
    "package.json",
    "package-lock.json",
    "npm-shrinkwrap.json",
    "pnpm-lock.yaml",
    "bun.lockb",
    "go.mod",
    "go.sum",
    "cargo.toml",
    "gemfile",
    "*.gemspec",
    "composer.json",
    "pom.xml",
    "build.gradle",
    "build.gradle.kts",
)
_BUILD_NAMES = (
    "setup.py",
    "noxfile.py",
    "tasks.py",
    "fabfile.py",
    "dodo.py",
    "build.rs",
    "*.config.*",
    "gruntfile.js",
    "gulpfile.*",
)


def is_test(path: str) -> bool:
    """Tell whether a file belongs to the tests, by its folder or its name."""
    parts = path.casefold().split("/")
    return (
        bool(_TEST_FOLDERS & set(parts[:-1]))
        or (len(parts) > 1 and parts[0] in _TOP_TEST_FOLDERS)
        or has_test_name(path)
    )


def has_test_name(path: str) -> bool:
    """Tell whether a test runner would collect a file of this name."""
    return _named(path, _TEST_NAMES)


def is_docs(path: str) -> bool:
    """Tell whether a file is for reading: prose, or below a docs folder at the top."""
    parts = path.casefold().split("/")
    below_docs = len(parts) > 1 and parts[0] in _DOC_FOLDERS
    prose = PurePosixPath(parts[-1]).suffix
    return below_docs or prose in _DOC_SUFFIXES or (prose in {"", ".txt"} and _named(path, _DOC_NAMES))


def is_source(path: str) -> bool:
    """Tell whether a file is the project's own source: neither tests, docs, build files nor hidden."""
    hidden = any(part.startswith(".") for part in path.split("/"))
    other = hidden or is_test(path) or is_docs(path) or _named(path, _BUILD_NAMES)
    return _SOURCE_NAME.fullmatch(path.casefold()) is not None and not other


def is_manifest(path: str) -> bool:
    """Tell whether a file declares or locks dependencies."""
    return _named(path, _MANIFEST_NAMES)


def _named(path: str, patterns: tuple[str, ...]) -> bool:
    name = path.casefold().rsplit("/", 1)[-1]
    return any(fnmatchcase(name, pattern) for pattern in patterns)
