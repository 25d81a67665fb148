"""Ordinary projects: installed editable, versioned from tags, with a .venv that nobody ignores."""

from pathlib import Path

import pytest

from nightshift.model import Verdict
from nightshift.testing.project import Project, build_project, ready_task

BACKEND = """
import pathlib, subprocess, zipfile

ROOT = pathlib.Path(__file__).resolve().parent
SOURCES = ROOT / "{sources}"


def version():
    told = subprocess.run(["git", "describe", "--tags"], cwd=ROOT, capture_output=True, text=True, check=True)
    return told.stdout.strip().split("-")[0].removeprefix("v")


def build_editable(folder, config_settings=None, metadata_directory=None):
    (SOURCES / "demo/_version.py").write_text(f'version = "{{version()}}"\\n')
    info = f"demo-{{version()}}.dist-info"
    files = {{
        "__editable__.demo.pth": f"{{SOURCES}}\\n",
        f"{{info}}/METADATA": f"Metadata-Version: 2.1\\nName: demo\\nVersion: {{version()}}\\n",
        f"{{info}}/WHEEL": "Wheel-Version: 1.0\\nGenerator: t\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }}
    files[f"{{info}}/RECORD"] = "".join(f"{{name}},,\\n" for name in [*files, f"{{info}}/RECORD"])
    name = f"demo-{{version()}}-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        for path, text in files.items():
            wheel.writestr(path, text)
    return name
"""
PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "demo"
dynamic = ["version"]
"""
POLICY = """version: 1
change:
  allowed_paths: ["src/**", "demo/**", "tests/**"]
gate:
  setup: python3 -m venv .venv && .venv/bin/python -m pip install -q --no-index --no-build-isolation -e .
  carry: [.venv, {sources}/demo/_version.py]
agent:
  kind: scripted
"""
GATE = """#!/bin/sh
set -eu
git describe --tags
git ls-files --error-unmatch backend.py
cd tests
python -m unittest -q test_demo
"""
TEST = """import unittest

import demo
from demo._version import version


class DemoTest(unittest.TestCase):
    def test_two(self):
        self.assertEqual(demo.two(), 2)

    def test_the_version_is_the_tag(self):
        self.assertEqual(version, "1.2.0")
"""


@pytest.fixture(params=["src", "."], ids=["src layout", "flat layout"])
def project(request: pytest.FixtureRequest, tmp_path: Path, home: Path) -> Project:
    sources = request.param
    package = "src/demo" if sources == "src" else "demo"
    project = build_project(
        tmp_path,
        home=home,
        files={
            "backend.py": BACKEND.format(sources=sources),
            "pyproject.toml": PYPROJECT,
            ".gitignore": "_version.py\n",
            f"{package}/__init__.py": "def two():\n    return 2\n",
            "tests/test_demo.py": TEST,
        },
        policy=POLICY.format(sources=sources).replace("./demo", "demo"),
        gate=GATE,
    )
    project.git("tag", "-a", "v1.2.0", "-m", "1.2.0")
    project.git("push", "-q", "origin", "v1.2.0")
    return project


def package_of(project: Project) -> str:
    return "src/demo" if (project.root / "src").exists() else "demo"


def module(two: str) -> str:
    return f"def two():\n    return {two}\n\n\ndef three():\n    return 3\n"


@pytest.mark.slow
@pytest.mark.row("users 21", "S3.62", "promise 2")
def test_a_good_change_lands_without_what_setup_made_and_a_broken_source_is_red(project: Project) -> None:
    """The install was made on the base: a gate that imported that would be green for the broken source."""
    path = f"{package_of(project)}/__init__.py"
    project.set_plan(ready_task("good"), ready_task("broken"))

    result = project.night(
        {
            "good": [{"write": {"path": path, "text": module("2")}}],
            "broken": [{"write": {"path": path, "text": module("1 + 2")}}],
        }
    )

    good, broken = result.results
    assert (good.verdict, broken.verdict) == (Verdict.LANDED, Verdict.FAILED), result.stopped
    assert broken.attempts[0].gate is not None
    assert "AssertionError: 3 != 2" in broken.attempts[0].gate.tail
    changed = project.git("diff", "--name-only", f"main..nightshift/{result.night.run}/_session")
    assert changed.splitlines() == sorted(["PROJECT_PLAN.md", path])
    assert not (project.root / ".venv").exists()
