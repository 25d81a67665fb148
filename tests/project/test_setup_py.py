"""What a setup.py tells without being run."""

import pytest

from nightshift.project.setup_py import setup_arguments

READ = {
    "a constant": ("setup(name='app')", {"name": "app"}),
    "an attribute call": ("import setuptools\nsetuptools.setup(name='app')", {"name": "app"}),
    "a name": ("needs = ['pytest']\nsetup(tests_require=needs)", {"tests_require": ["pytest"]}),
    "a sum of lists": ("a = ['x']\nsetup(tests_require=a + ['y'])", {"tests_require": ["x", "y"]}),
    "a sum of texts": ("setup(name='a' + 'b')", {"name": "ab"}),
    "a starred list": ("a = ['x']\nsetup(tests_require=[*a, 'y'])", {"tests_require": ["x", "y"]}),
    "a tuple": ("setup(tests_require=('x', 'y'))", {"tests_require": ["x", "y"]}),
    "an item": ("e = {'test': ['x']}\nsetup(tests_require=e['test'])", {"tests_require": ["x"]}),
    "an item of no table": ("e = 1\nsetup(tests_require=e['test'])", {"tests_require": None}),
    "an item added later": (
        "e = {}\ne['test'] = ['x']\nsetup(extras_require=e)",
        {"extras_require": {"test": ["x"]}},
    ),
    "an item added to no table": (
        "e = f()\ne['test'] = ['x']\nsetup(extras_require=e)",
        {"extras_require": None},
    ),
    "a call of dict": (
        "setup(extras_require=dict(test=['x'], **more))",
        {"extras_require": {"test": ["x"]}},
    ),
    "a merged table": ("setup(extras_require={**more, 'test': ['x']})", {"extras_require": {"test": ["x"]}}),
    "a computed value": ("setup(name=read())", {"name": None}),
    "other statements": ("a = b = 1\na.c = 2\nf()\nsetup(name='app', **more)", {"name": "app"}),
    "no setup": ("print(1)", {}),
    "no Python": ("def (", {}),
    "an odd escape": (r"setup(name='\d')", {"name": r"\d"}),
    "a null byte": ("setup(name='a')\0", {}),
}


@pytest.mark.parametrize(("source", "arguments"), READ.values(), ids=READ)
def test_what_is_plainly_written_is_read(source: str, arguments: dict[str, object]) -> None:
    assert setup_arguments(source) == arguments


def test_a_setup_py_is_never_run() -> None:
    assert setup_arguments("raise SystemExit(9)\nsetup(name='app')") == {"name": "app"}
