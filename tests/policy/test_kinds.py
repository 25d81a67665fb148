"""What a path is for, by its name."""

import pytest

from nightshift.policy.kinds import is_docs, is_manifest, is_source, is_test


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("tests/x.json", True),
        ("src/app/tests/helper.py", True),
        ("src/test_app.py", True),
        ("app_test.go", True),
        ("web/app.test.tsx", True),
        ("conftest.py", True),
        ("spec/app_spec.rb", True),
        ("testing/tools.py", True),
        ("src/spec/parser.py", False),
        ("src/contest.py", False),
        ("tests", False),
        ("src/app.py", False),
    ],
)
def test_tests_are_known_by_folder_or_name(path: str, expected: bool) -> None:
    assert is_test(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("docs/conf.py", True),
        ("src/notes.md", True),
        ("README", True),
        ("CHANGES.txt", True),
        ("src/data.txt", False),
        ("src/docs/app.py", False),
        ("src/history.py", False),
        ("docs", False),
    ],
)
def test_docs_are_prose_or_below_a_docs_folder_at_the_top(path: str, expected: bool) -> None:
    assert is_docs(path) is expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("src/app.py", True),
        ("lib/x.TS", True),
        ("main.go", True),
        ("setup.py", False),
        ("vite.config.ts", False),
        ("tests/x.py", False),
        ("docs/conf.py", False),
        (".ai-validation/check.sh", False),
        ("src/data.json", False),
        ("py", False),
    ],
)
def test_source_is_what_is_none_of_the_others(path: str, expected: bool) -> None:
    assert is_source(path) is expected


@pytest.mark.row("S3.27")
@pytest.mark.parametrize(
    "path", ["Pipfile", "a/Gemfile.lock", "requirements/requirements-dev.in", "pom.xml", "uv.lock"]
)
def test_a_manifest_is_known_in_any_folder(path: str) -> None:
    assert is_manifest(path)


@pytest.mark.parametrize("path", ["src/clock.py", "src/package.py", "docs/requirements.md"])
def test_what_only_sounds_like_one_is_no_manifest(path: str) -> None:
    assert not is_manifest(path)
