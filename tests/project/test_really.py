"""Small real projects, really set up and really gated, without a network."""

import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from nightshift.project import Project, detect, starter_files, write_missing
from nightshift.workspace import process

GATE = ".ai-validation/check_quality.sh"

BACKEND = '''\
"""Builds a project with the standard library alone; its version is what git tells."""

import subprocess
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" if (ROOT / "src").is_dir() else ROOT


def build_editable(wheel_directory, config_settings=None, metadata_directory=None):
    described = subprocess.check_output(["git", "describe", "--tags"], cwd=ROOT, text=True)
    version = described.strip().lstrip("v").split("-")[0]
    if (SOURCES / "acme/app").is_dir():
        (SOURCES / "acme/app/_version.py").write_text(f"VERSION = {version!r}\\n")
    info = f"app-{version}.dist-info"
    files = {
        "app.pth": f"{SOURCES}\\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\\nName: app\\nVersion: {version}\\n"
        "Provides-Extra: test\\nRequires-Dist: tinycheck; extra == 'test'\\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\\nGenerator: it\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    record = "".join(f"{name},,\\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(Path(wheel_directory) / f"app-{version}-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)
    return f"app-{version}-py3-none-any.whl"
'''
PYPROJECT = """\
[build-system]
requires = []
build-backend = "it"
backend-path = ["backend"]

[project]
name = "app"
dynamic = ["version"]
"""
TEST = """\
import unittest

import tinycheck
from {package} import one


class OneTest(unittest.TestCase):
    def test_one(self) -> None:
        self.assertEqual(tinycheck.checked(one()), 1)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Real:
    """A project in a repository with a tag, and a folder of packages in the place of a registry."""

    root: Path
    project: Project
    environment: Mapping[str, str]

    def run(self, *args: str | Path) -> process.Completed:
        """Run a program in it as setup and gate are run."""
        return process.run(args, cwd=self.root, env=self.environment, timeout_seconds=100, merge_output=True)

    def set_up(self) -> None:
        """Run setup, then write the gate."""
        done = self.run("/bin/sh", "-c", self.project.setup or "exit 1")
        assert done.ok, done.tail(40)
        write_missing(self.root, [file for file in starter_files(self.project) if file.path == GATE])

    def gate(self) -> process.Completed:
        """Run the gate."""
        return self.run(self.root / GATE)


def real_project(folder: Path, files: Mapping[str, str]) -> Real:
    """Build a committed and tagged project and find out about it."""
    root, wheels = folder / "project", folder / "wheels"
    for path, text in files.items():
        place = root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    _wheel(wheels)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    who = ("-c", "user.name=Olive Owner", "-c", "user.email=olive@example.invalid")
    for args in (("init", "-q"), ("add", "-A"), (*who, "commit", "-q", "-m", "Start"), ("tag", "v1.2.3")):
        done = process.run(["git", *args], cwd=root, env=environment, timeout_seconds=20)
        assert done.ok, done.tail()
    return Real(root=root, project=detect(root, tuple(files)), environment=environment)


def _wheel(folder: Path) -> None:
    """Make the one package that the registry has."""
    folder.mkdir()
    info = "tinycheck-1.0.dist-info"
    files = {
        "tinycheck.py": "def checked(value):\n    return value\n",
        f"{info}/METADATA": "Metadata-Version: 2.1\nName: tinycheck\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: it\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / "tinycheck-1.0-py3-none-any.whl", "w") as wheel:
        for name, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(name, text)


NAMESPACE = {
    "backend/it.py": BACKEND,
    "pyproject.toml": PYPROJECT
    + '[project.optional-dependencies]\ntest = ["tinycheck"]\n'
    + '[tool.hatch.build.hooks.vcs]\nversion-file = "src/acme/app/_version.py"\n',
    "src/acme/app/__init__.py": "from acme.app._version import VERSION\n\n\ndef one():\n    return 1\n",
    "tests/test_app.py": TEST.format(package="acme.app")
    + "\n    def test_version(self) -> None:\n"
    + "        import acme.app\n\n        self.assertEqual(acme.app.VERSION, '1.2.3')\n",
}
FLAT = {
    "backend/it.py": BACKEND,
    "pyproject.toml": PYPROJECT,
    "requirements-dev.txt": "tinycheck\n",
    "app/__init__.py": "def one():\n    return 1\n",
    "tests/__init__.py": "",
    "tests/test_app.py": TEST.format(package="app"),
}
MODULE = {
    "app.py": "def one():\n    return 1\n",
    "requirements.txt": "tinycheck\n",
    "test_app.py": TEST.format(package="app"),
}


@pytest.mark.slow
@pytest.mark.row("S3.12")
@pytest.mark.parametrize(
    ("files", "source"),
    [
        pytest.param(
            NAMESPACE, "src/acme/app/__init__.py", id="a src namespace, an extra, a version from git"
        ),
        pytest.param(FLAT, "app/__init__.py", id="a flat package, a requirements file"),
        pytest.param(MODULE, "app.py", id="a single module, no manifest"),
    ],
)
def test_what_init_finds_out_sets_up_and_judges_the_project(
    tmp_path: Path, files: Mapping[str, str], source: str
) -> None:
    real = real_project(tmp_path, files)

    real.set_up()

    assert all((real.root / name).exists() for name in real.project.carry)
    green = real.gate()
    assert green.ok, green.tail(40)
    place = real.root / source
    place.write_text(place.read_text().replace("return 1", "return 12"))
    red = real.gate()
    assert (red.exit_code, red.stdout.decode().splitlines()[-1]) == (1, "The gate is red: tests.")


def test_a_project_of_no_known_kind_is_green_until_a_script_is_broken(tmp_path: Path) -> None:
    real = real_project(tmp_path, {"README.md": "# it\n", "run.sh": "echo it\n"})
    write_missing(real.root, starter_files(real.project))

    assert real.gate().ok
    (real.root / "run.sh").write_text("if then (\n")
    assert real.gate().exit_code == 1


def test_python_without_tests_is_green_until_a_file_does_not_compile(tmp_path: Path) -> None:
    real = real_project(tmp_path, {"backend/app.py": "x = 1\n"})
    write_missing(real.root, starter_files(real.project))

    assert real.gate().ok
    (real.root / "backend/app.py").write_text("def (\n")
    assert "The gate is red: compile." in real.gate().stdout.decode()
