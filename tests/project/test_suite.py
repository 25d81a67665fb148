"""How a project's tests are found and run."""

from collections.abc import Callable, Mapping

import pytest

from nightshift.project import Project

Detect = Callable[..., Project]

PYTEST = "def test_one():\n    assert True\n"
UNITTEST = "from unittest import TestCase\n\n\nclass OneTest(TestCase):\n    def test_one(self): ...\n"
DJANGO = "from django.test import TestCase\n"
CASES = {
    "pytest: a folder of tests": (
        {"app/__init__.py": "", "tests/test_app.py": PYTEST},
        "python -m pytest -q tests",
    ),
    "pytest: tests inside of the package": (
        {"app/__init__.py": "", "app/tests/test_app.py": PYTEST, "examples/test_shop.py": PYTEST},
        "python -m pytest -q app",
    ),
    "pytest: both": (
        {"src/app/tests/test_app.py": PYTEST, "tests/test_more.py": PYTEST, "src/app/test_data.py": ""},
        "python -m pytest -q src tests",
    ),
    "pytest: beside the module": (
        {"app.py": "", "test_app.py": PYTEST},
        "python -m pytest -q test_app.py",
    ),
    "pytest: a folder with an odd name": (
        {"my app/__init__.py": "", "my app/test_app.py": PYTEST},
        'python -m pytest -q "my app"',
    ),
    "pytest: configured paths": (
        {"tests/test_app.py": PYTEST, "pytest.ini": "[pytest]\ntestpaths = tests\n"},
        "python -m pytest -q",
    ),
    "pytest: configured paths without files of the usual names": (
        {"checks/app.py": PYTEST, "setup.cfg": "[tool:pytest]\ntestpaths = checks\n"},
        "python -m pytest -q",
    ),
    "pytest: native settings": (
        {"tests/test_app.py": PYTEST, "pyproject.toml": '[tool.pytest]\npython_files = ["test_*.py"]\n'},
        "python -m pytest -q",
    ),
    "pytest: an empty pytest.ini": (
        {"tests/test_app.py": UNITTEST, "pytest.ini": ""},
        "python -m pytest -q tests",
    ),
    "pytest: a conftest beside unittest's tests": (
        {"tests/test_app.py": UNITTEST, "tests/conftest.py": ""},
        "python -m pytest -q tests",
    ),
    "pytest: nothing tells": (
        {"tests/test_app.py": "print('ok')\n"},
        "python -m pytest -q tests",
    ),
    "unittest: a folder": (
        {"app.py": "", "tests/test_app.py": UNITTEST},
        "python -m unittest discover -s tests",
    ),
    "unittest: a package of tests": (
        {"app.py": "", "tests/__init__.py": "", "tests/test_app.py": UNITTEST},
        "python -m unittest discover -s tests -t .",
    ),
    "unittest: tests inside of a src package": (
        {
            "src/app/__init__.py": "",
            "src/app/tests/__init__.py": "",
            "src/app/tests/test_app.py": UNITTEST,
        },
        "python -m unittest discover -s src/app/tests -t src",
    ),
    "unittest: two packages of tests": (
        {"a/__init__.py": "", "a/test_a.py": UNITTEST, "b/__init__.py": "", "b/test_b.py": UNITTEST},
        "python -m unittest discover",
    ),
    "unittest: beside the module": (
        {"app.py": "", "test_app.py": UNITTEST},
        "python -m unittest discover",
    ),
    "unittest: names that end with test": (
        {"app.py": "", "tests/app_test.py": UNITTEST},
        'python -m unittest discover -s tests -p "*_test.py"',
    ),
    "unittest: no pattern fits all names": (
        {"app.py": "", "tests/app_test.py": UNITTEST, "tests/test_web.py": UNITTEST},
        "python -m pytest -q tests",
    ),
    "unittest: a folder that discovery would not enter": (
        {"app.py": "", "tests/unit/test_app.py": UNITTEST, "tests/test_web.py": UNITTEST},
        "python -m pytest -q tests",
    ),
    "django": (
        {"manage.py": "", "shop/__init__.py": "", "shop/tests.py": DJANGO},
        "python manage.py test",
    ),
}


@pytest.mark.parametrize(("files", "command"), CASES.values(), ids=CASES)
def test_the_tests_are_run_by_what_they_are_written_for(
    detected: Detect, files: Mapping[str, str], command: str
) -> None:
    project = detected(files | {"setup.py": ""})

    assert [step.command for step in project.steps] == [command]


def test_pytest_is_installed_where_unittest_would_not_find_all_tests(detected: Detect) -> None:
    files = {"app.py": "", "setup.py": "", "tests/a/test_a.py": UNITTEST, "tests/b/test_b.py": UNITTEST}

    project = detected(files)

    assert project.setup == "python3 -m venv .venv && .venv/bin/python -m pip install -q -e . pytest"
