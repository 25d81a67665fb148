"""The kinds of Python projects that people have, and what is found out about each."""

from collections.abc import Callable, Mapping

import pytest

from nightshift.project import Kind, Layout, Project, Step

Detect = Callable[..., Project]

PYTEST = "import pytest\n\n\ndef test_one() -> None:\n    assert True\n"
UNITTEST = "import unittest\n\n\nclass OneTest(unittest.TestCase):\n    def test_one(self) -> None: ...\n"
BUILD = '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
NAMED = BUILD + '[project]\nname = "app"\nversion = "1"\n'
SRC = {"src/app/__init__.py": "", "tests/test_app.py": PYTEST}
FLAT = {"app/__init__.py": "", "tests/test_app.py": PYTEST}

VENV = "python3 -m venv .venv"
PIP = f"{VENV} && .venv/bin/python -m pip install -q"
NEW_PIP = f'{VENV} && .venv/bin/python -m pip install -q "pip>=25.1" && .venv/bin/python -m pip install -q'


def tool(name: str) -> str:
    """Return what installs a tool that is not on PATH."""
    return f'tool="$(mktemp -d)" && python3 -m venv "$tool" && "$tool/bin/python" -m pip install -q {name}'


UV = tool("uv") + ' && "$tool/bin/uv"'
POETRY = f'{tool("poetry")} && {VENV} && POETRY_VIRTUALENVS_IN_PROJECT=true "$tool/bin/poetry" install -n'
PDM = (
    f'{tool("pdm")} && {VENV} && "$tool/bin/pdm" use -q -f .venv'
    ' && "$tool/bin/pdm" install -q --frozen-lockfile'
)
PIPENV = f'{tool("pipenv")} && PIPENV_VENV_IN_PROJECT=1 "$tool/bin/pipenv"'


EXTRA = '[project.optional-dependencies]\n{} = ["pytest"]\n'
GROUP = '[dependency-groups]\n{} = ["pytest"]\n'

SETUPS = {
    "an extra called test": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("test")},
        f'{PIP} -e ".[test]"',
    ),
    "an extra called tests": (
        FLAT | {"pyproject.toml": NAMED + EXTRA.format("tests")},
        f'{PIP} -e ".[tests]"',
    ),
    "an extra called testing": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("testing")},
        f'{PIP} -e ".[testing]"',
    ),
    "an extra called dev": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("dev")},
        f'{PIP} -e ".[dev]"',
    ),
    "an extra that has tests in its name": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("unit-tests")},
        f'{PIP} -e ".[unit-tests]"',
    ),
    "an extra of any name that holds pytest": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("quality")},
        f'{PIP} -e ".[quality]"',
    ),
    "an extra that names another": (
        SRC
        | {
            "pyproject.toml": NAMED
            + '[project.optional-dependencies]\ndev = ["app[check]"]\ncheck = ["pytest", "app[dev]"]\n'
        },
        f'{PIP} -e ".[dev]"',
    ),
    "extras of setup.cfg": (
        SRC
        | {
            "setup.cfg": "[metadata]\nname = app\n[options.extras_require]\ntest =\n    pytest\n",
        },
        f'{PIP} -e ".[test]"',
    ),
    "extras of setup.py": (
        FLAT | {"setup.py": "from setuptools import setup\nsetup(extras_require={'tests': ['pytest']})\n"},
        f'{PIP} -e ".[tests]"',
    ),
    "extras that setup.py computes": (
        FLAT | {"setup.py": "import setuptools\nsetuptools.setup(extras_require={'tests': read('tests')})\n"},
        f'{PIP} -e ".[tests]"',
    ),
    "extras that setuptools reads from files": (
        SRC
        | {
            "pyproject.toml": NAMED
            + '[tool.setuptools.dynamic.optional-dependencies]\ndev = { file = ["dev.txt"] }\n',
            "dev.txt": "# tools\npytest\n",
        },
        f'{PIP} -e ".[dev]"',
    ),
    "extras of flit": (
        SRC | {"pyproject.toml": BUILD + '[tool.flit.metadata.requires-extra]\ntest = ["pytest"]\n'},
        f'{PIP} -e ".[test]"',
    ),
    "a dependency group": (
        SRC | {"pyproject.toml": NAMED + GROUP.format("test")},
        f"{NEW_PIP} -e . --group test",
    ),
    "a dependency group that includes another": (
        SRC
        | {
            "pyproject.toml": NAMED
            + '[dependency-groups]\nrunner = ["pytest", {include-group = "dev"}]\n'
            + 'dev = [{include-group = "runner"}]\n'
        },
        f"{NEW_PIP} -e . --group dev",
    ),
    "an extra and a group": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("test") + GROUP.format("tests")},
        f'{NEW_PIP} -e ".[test]" --group tests',
    ),
    "requirements-dev.txt": (
        SRC | {"pyproject.toml": NAMED, "requirements-dev.txt": "pytest==8\nruff\n"},
        f"{PIP} -e . -r requirements-dev.txt",
    ),
    "requirements/test.txt which reads another file": (
        FLAT
        | {
            "setup.py": "",
            "requirements/test.txt": "-r ../base.txt\n-r deep/test.in\n-e .\n",
            "requirements/deep/test.in": "pytest\n",
            "requirements/docs.txt": "sphinx\npytest\n",
            "base.txt": "attrs\n",
        },
        f"{PIP} -e . -r requirements/test.txt",
    ),
    "tests/requirements.txt": (
        FLAT | {"setup.py": "", "tests/requirements.txt": "pytest\n", "requirements.txt": "attrs\n"},
        f"{PIP} -e . -r tests/requirements.txt",
    ),
    "a requirements file of any name that holds pytest": (
        FLAT | {"setup.py": "", "requirements/check.txt": "pytest\n"},
        f"{PIP} -e . -r requirements/check.txt",
    ),
    "compiled requirements": (
        FLAT | {"setup.py": "", "requirements-test.in": "pytest\n", "requirements-test.txt": "pytest==8.0\n"},
        f"{PIP} -e . -r requirements-test.txt",
    ),
    "an application with requirements.txt": (
        FLAT | {"requirements.txt": "attrs\npytest\n"},
        f"{PIP} -r requirements.txt",
    ),
    "an application whose requirements.txt lacks pytest": (
        FLAT | {"requirements.txt": "attrs\n"},
        f"{PIP} -r requirements.txt pytest",
    ),
    "an application of several packages without a build system": (
        FLAT
        | {
            "web/__init__.py": "",
            "pyproject.toml": '[project]\nname = "app"\ndependencies = ["attrs; os_name > \'3\'"]\n'
            + EXTRA.format("test"),
        },
        f"{PIP} \"attrs; os_name > '3'\" pytest",
    ),
    "a single package without a build system": (
        FLAT | {"pyproject.toml": '[project]\nname = "app"\n' + EXTRA.format("test")},
        f'{PIP} -e ".[test]"',
    ),
    "nothing declared but pytest used": (
        SRC | {"pyproject.toml": NAMED},
        f"{PIP} -e . pytest",
    ),
    "nothing declared but pytest configured with plugins": (
        SRC
        | {
            "pyproject.toml": NAMED
            + '[tool.pytest.ini_options]\naddopts = ["--cov=app", "-n4"]\n'
            + 'asyncio_mode = "auto"\ntimeout = 9\n'
        },
        f"{PIP} -e . pytest pytest-cov pytest-xdist pytest-asyncio pytest-timeout",
    ),
    "plain unittest": (
        {"app.py": "", "setup.py": "", "tests/test_app.py": UNITTEST},
        f"{PIP} -e .",
    ),
    "plain unittest with a helper in an extra": (
        {
            "app.py": "",
            "pyproject.toml": NAMED + '[project.optional-dependencies]\ntest = ["parameterized"]\n',
            "tests/test_app.py": UNITTEST,
        },
        f'{PIP} -e ".[test]"',
    ),
    "plain unittest with a requirements file": (
        {
            "app.py": "",
            "setup.py": "",
            "requirements_dev.txt": "responses\n",
            "tests/test_app.py": UNITTEST,
        },
        f"{PIP} -e . -r requirements_dev.txt",
    ),
    "plain unittest and no manifest": (
        {"app.py": "", "test_app.py": UNITTEST},
        VENV,
    ),
    "tox's dependencies": (
        SRC
        | {
            "setup.py": "",
            "tox.ini": "[testenv]\ndeps =\n    pytest>=7\n    {[base]deps}\n    py38: six\n",
        },
        f'{PIP} -e . "pytest>=7"',
    ),
    "tox's extra": (
        SRC | {"pyproject.toml": NAMED + EXTRA.format("full"), "tox.ini": "[testenv]\nextras = full\n"},
        f'{PIP} -e ".[full]"',
    ),
    "tox's file": (
        SRC | {"setup.py": "", "tox.ini": "[testenv]\ndeps = -rci/reqs-x.txt\n", "ci/reqs-x.txt": "pytest\n"},
        f"{PIP} -e . -r ci/reqs-x.txt",
    ),
    "tox's old settings inside of pyproject.toml": (
        SRC
        | {
            "pyproject.toml": NAMED
            + '[tool.tox]\nlegacy_tox_ini = """\n[testenv]\ndeps =\n  pytest<9\n"""\n',
        },
        f'{PIP} -e . "pytest<9"',
    ),
    "tox's old settings that are no ini": (
        SRC | {"pyproject.toml": NAMED + '[tool.tox]\nlegacy_tox_ini = "what is this"\n'},
        f"{PIP} -e . pytest",
    ),
    "tox's native settings": (
        SRC
        | {
            "pyproject.toml": NAMED
            + GROUP.format("quality")
            + '[tool.tox.env_run_base]\ndependency_groups = ["quality"]\n'
        },
        f"{NEW_PIP} -e . --group quality",
    ),
    "a hatch environment": (
        SRC
        | {
            "pyproject.toml": NAMED
            + EXTRA.format("full")
            + '[tool.hatch.envs.test]\ndependencies = ["pytest", "coverage[toml]"]\nfeatures = ["full"]\n'
        },
        f'{PIP} -e ".[full]"',
    ),
    "hatch test, which brings pytest by itself": (
        SRC | {"pyproject.toml": NAMED + '[tool.hatch.envs.hatch-test]\nextra-dependencies = ["httpx"]\n'},
        f"{PIP} -e . pytest pytest-mock httpx",
    ),
    "nox": (
        SRC
        | {
            "pyproject.toml": NAMED,
            "noxfile.py": "def tests(session):\n"
            "    session.install('-e', '.', name)\n"
            "    session.install('-r', 'more.txt')\n"
            "    session.install('pytest', 'coverage')\n"
            "    session.run('pytest')\n",
        },
        f"{PIP} -e . pytest coverage",
    ),
    "nox, which names an extra": (
        SRC
        | {
            "pyproject.toml": NAMED + EXTRA.format("full"),
            "noxfile.py": "def unit_tests(session):\n    session.install('-e', '.[full]')\n",
        },
        f'{PIP} -e ".[full]"',
    ),
    "tests_require": (
        SRC | {"setup.py": "from setuptools import setup\nsetup(tests_require=['pytest', 'mock'])\n"},
        f"{PIP} -e . pytest mock",
    ),
    "a newer Python which is not there": (
        SRC | {"pyproject.toml": NAMED + 'requires-python = ">=3.13"\n' + EXTRA.format("test")},
        f'{PIP} -e ".[test]"',
    ),
    "uv.lock": (
        SRC | {"uv.lock": "", "pyproject.toml": NAMED + GROUP.format("dev")},
        f"{UV} sync -q --frozen",
    ),
    "uv.lock with an extra and a group that is no default": (
        SRC
        | {
            "uv.lock": "",
            "pyproject.toml": NAMED
            + EXTRA.format("test")
            + '[dependency-groups]\ntests = ["hypothesis"]\n[tool.uv.workspace]\nmembers = ["x"]\n',
        },
        f"{UV} sync -q --frozen --extra test --group tests --all-packages",
    ),
    "uv.lock with all groups as default": (
        SRC
        | {
            "uv.lock": "",
            "pyproject.toml": NAMED + GROUP.format("quality") + '[tool.uv]\ndefault-groups = "all"\n',
        },
        f"{UV} sync -q --frozen",
    ),
    "uv.lock with uv's older dev-dependencies": (
        SRC | {"uv.lock": "", "pyproject.toml": NAMED + '[tool.uv]\ndev-dependencies = ["pytest"]\n'},
        f"{UV} sync -q --frozen",
    ),
    "uv.lock and nothing declared": (
        SRC | {"uv.lock": "", "pyproject.toml": NAMED},
        f'{UV} sync -q --frozen && "$tool/bin/uv" pip install -q --python .venv/bin/python pytest',
    ),
    "poetry": (
        SRC
        | {
            "poetry.lock": "",
            "pyproject.toml": "[tool.poetry.group.dev.dependencies]\npytest = '*'\n",
        },
        POETRY,
    ),
    "poetry with an optional group and an extra": (
        SRC
        | {
            "pyproject.toml": "[tool.poetry.dependencies]\npython = '*'\n"
            "[tool.poetry.extras]\ntesting = ['x']\n"
            "[tool.poetry.group.test]\noptional = true\n"
            "[tool.poetry.group.test.dependencies]\npytest = '*'\n",
        },
        f"{POETRY} --with test --extras testing",
    ),
    "poetry as it was": (
        SRC | {"pyproject.toml": "[tool.poetry.dev-dependencies]\npytest = '*'\n"},
        POETRY,
    ),
    "poetry and nothing declared": (
        SRC | {"poetry.lock": "", "pyproject.toml": BUILD},
        f"{POETRY} && .venv/bin/python -m pip install -q pytest",
    ),
    "pdm": (
        SRC
        | {
            "pdm.lock": "",
            "pyproject.toml": NAMED + '[tool.pdm.dev-dependencies]\nlint = ["ruff"]\ntest = ["pytest"]\n',
        },
        PDM,
    ),
    "pdm with an extra": (
        SRC | {"pdm.lock": "", "pyproject.toml": NAMED + EXTRA.format("test")},
        f"{PDM} -G test",
    ),
    "a Pipfile": (
        FLAT | {"Pipfile": '[packages]\nattrs = "*"\n[dev-packages]\npytest = "*"\n', "Pipfile.lock": "{}"},
        f"{PIPENV} sync --dev",
    ),
    "a Pipfile without a lock, beside a package": (
        FLAT | {"Pipfile": "", "setup.py": ""},
        (
            f"{PIPENV} install --dev --skip-lock && .venv/bin/python -m pip install -q --no-deps -e ."
            " && .venv/bin/python -m pip install -q pytest"
        ),
    ),
    "manifests that cannot be read": (
        SRC | {"pyproject.toml": "[project", "setup.cfg": "what is this", "setup.py": "def ("},
        f"{PIP} -e . pytest",
    ),
}


@pytest.mark.row("S3.12")
@pytest.mark.parametrize(("files", "setup"), SETUPS.values(), ids=SETUPS)
def test_setup_is_one_command_line_that_needs_python3_and_pip(
    detected: Detect, files: Mapping[str, str], setup: str
) -> None:
    project = detected(files)

    assert project.setup == setup
    assert project.kind is Kind.PYTHON
    assert project.carry[0] == ".venv"


@pytest.mark.parametrize(
    ("files", "programs", "setup"),
    [
        pytest.param(
            SRC | {"uv.lock": "", "pyproject.toml": NAMED},
            ("uv",),
            "uv sync -q --frozen && uv pip install -q --python .venv/bin/python pytest",
            id="uv on PATH",
        ),
        pytest.param(
            SRC | {"pyproject.toml": NAMED + 'requires-python = ">=3.13"\n' + EXTRA.format("test")},
            ("python3.12", "python3.14", "python3.15"),
            'python3.14 -m venv .venv && .venv/bin/python -m pip install -q -e ".[test]"',
            id="a newer Python on PATH",
        ),
    ],
)
def test_a_program_on_path_is_used(
    detected: Detect, files: Mapping[str, str], programs: tuple[str, ...], setup: str
) -> None:
    assert detected(files, programs=programs).setup == setup


CONFIGURED = "[tool.ruff]\nline-length = 99\n[tool.mypy]\nstrict = true\n"


@pytest.mark.parametrize(
    ("files", "programs", "steps"),
    [
        pytest.param(
            SRC | {"pyproject.toml": NAMED + EXTRA.format("test") + CONFIGURED},
            (),
            (),
            id="configured, but nothing brings them",
        ),
        pytest.param(
            SRC | {"pyproject.toml": NAMED + EXTRA.format("test") + CONFIGURED},
            ("ruff", "mypy"),
            (Step("ruff", "ruff check ."),),
            id="on PATH: ruff needs nothing of the project, mypy does",
        ),
        pytest.param(
            SRC
            | {
                "pyproject.toml": NAMED
                + '[project.optional-dependencies]\ntest = ["pytest"]\nlint = ["ruff", "mypy"]\n'
                + CONFIGURED
            },
            (),
            (Step("ruff", "ruff check ."), Step("mypy", "mypy src")),
            id="brought by an extra that is then installed",
        ),
        pytest.param(
            FLAT
            | {
                "pyproject.toml": NAMED + '[dependency-groups]\ndev = ["pytest", "mypy"]\n',
                "mypy.ini": "[mypy]\nfiles = app\n",
                "ruff.toml": "",
            },
            (),
            (Step("mypy", "mypy"),),
            id="mypy knows its files",
        ),
        pytest.param(
            FLAT
            | {
                "pyproject.toml": NAMED + '[dependency-groups]\ndev = ["pytest", "mypy"]\n',
                "setup.cfg": "[mypy]\nstrict = true\n",
            },
            (),
            (Step("mypy", "mypy app"),),
            id="mypy in setup.cfg",
        ),
    ],
)
def test_a_check_is_a_step_where_it_is_configured_and_will_be_there(
    detected: Detect, files: Mapping[str, str], programs: tuple[str, ...], steps: tuple[Step, ...]
) -> None:
    project = detected(files, programs=programs)

    assert project.steps == (Step("tests", "python -m pytest -q tests"), *steps)


def test_what_brings_a_check_is_installed_with_it(detected: Detect) -> None:
    declared = '[project.optional-dependencies]\ntest = ["pytest"]\nlint = ["ruff"]\n'

    project = detected(SRC | {"pyproject.toml": NAMED + declared + CONFIGURED})

    assert project.setup == f'{PIP} -e ".[test,lint]"'


def test_without_tests_the_gate_compiles_and_says_so(detected: Detect) -> None:
    project = detected({"app.py": "", "pyproject.toml": NAMED})

    assert [step.name for step in project.steps] == ["compile"]
    assert any("no" in note and "add a step" in note for note in project.notes if note.startswith("tests:"))


def test_each_choice_is_explained_in_one_line(detected: Detect) -> None:
    version = '[tool.hatch.build.hooks.vcs]\nversion-file = "src/app/_version.py"\n'

    project = detected(SRC | {"pyproject.toml": NAMED + EXTRA.format("test") + version})

    assert project.notes == (
        "kind: Python",
        "layout: src, sources in src",
        "setup: pip, the project itself editable, with the extra test",
        (
            "carry: .venv goes from setup to agent and gate, and src/app/_version.py,"
            " which the install writes from git's tags"
        ),
        "tests: pytest, since it is declared here: `python -m pytest -q tests`",
    )
    assert project.carry == (".venv", "src/app/_version.py")


LAYOUTS = {
    "src": ({"src/app/__init__.py": "", "setup.py": ""}, Layout.SRC, "src"),
    "src with one module": ({"src/app.py": "", "setup.py": ""}, Layout.SRC, "src"),
    "src with a namespace package": (
        {"src/acme/app/__init__.py": "", "setup.py": ""},
        Layout.NAMESPACE,
        "src",
    ),
    "flat": ({"app/__init__.py": "", "docs/conf.py": "", "setup.py": ""}, Layout.FLAT, "app"),
    "several flat packages": (
        {"app/__init__.py": "", "web/__init__.py": "", "setup.py": ""},
        Layout.FLAT,
        "app, web",
    ),
    "a flat namespace package": (
        {"acme/app/__init__.py": "", "tests/x.py": "", ".ci/x.py": "", "setup.py": ""},
        Layout.NAMESPACE,
        "acme",
    ),
    "a single module": (
        {"app.py": "", "test_app.py": "", "noxfile.py": "", "setup.py": ""},
        Layout.MODULE,
        "app.py",
    ),
    "no source at all": ({"setup.py": ""}, Layout.OTHER, ""),
}


@pytest.mark.parametrize(("files", "layout", "sources"), LAYOUTS.values(), ids=LAYOUTS)
def test_the_layout_is_told(detected: Detect, files: Mapping[str, str], layout: Layout, sources: str) -> None:
    project = detected(files)

    assert project.layout is layout
    assert f"layout: {layout}" + (f", sources in {sources}" if sources else "") in project.notes


VERSIONS = {
    "setuptools-scm": '[tool.setuptools_scm]\nversion_file = "src/app/_version.py"\n',
    "setuptools-scm as it was": '[tool.setuptools_scm]\nwrite_to = "src/app/_version.py"\n',
    "hatch-vcs for all targets": '[tool.hatch.build.hooks.vcs]\nversion-file = "src/app/_version.py"\n',
    "hatch-vcs for the wheel": (
        '[tool.hatch.build.targets.wheel.hooks.vcs]\nversion-file = "src/app/_version.py"\n'
    ),
    "versioningit": '[tool.versioningit.write]\nfile = "src/app/_version.py"\n',
}


@pytest.mark.parametrize("settings", VERSIONS.values(), ids=VERSIONS)
def test_the_version_file_that_an_install_writes_is_carried(detected: Detect, settings: str) -> None:
    assert detected(SRC | {"pyproject.toml": NAMED + settings}).carry == (".venv", "src/app/_version.py")


def test_the_version_file_of_setup_py_is_carried(detected: Detect) -> None:
    text = "from setuptools import setup\nsetup(use_scm_version={'write_to': 'src/app/_version.py'})\n"

    assert detected(SRC | {"setup.py": text}).carry == (".venv", "src/app/_version.py")


def test_what_pdm_generates_is_carried(detected: Detect) -> None:
    settings = '[tool.pdm.version]\nsource = "scm"\nwrite_to = "app/_version.py"\n'

    assert detected(SRC | {"pyproject.toml": NAMED + settings}).carry == (".venv", ".pdm-build")


@pytest.mark.parametrize("path", ["/etc/passwd", "../other.py", ""])
def test_a_version_file_outside_of_the_tree_is_not_carried(detected: Detect, path: str) -> None:
    settings = f'[tool.setuptools_scm]\nversion_file = "{path}"\n'

    assert detected(SRC | {"pyproject.toml": NAMED + settings}).carry == (".venv",)


def test_a_tracked_version_file_is_not_carried(detected: Detect) -> None:
    files = {"src/app/_version.py": "", "pyproject.toml": NAMED + VERSIONS["setuptools-scm"]}

    assert detected(SRC | files).carry == (".venv",)
