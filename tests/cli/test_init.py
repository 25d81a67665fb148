"""`nightshift init` in ordinary repositories, and the first night with what it wrote."""

import json
import shlex
import stat
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from nightshift.model import Verdict
from nightshift.testing.project import Project, build_project, ready_task
from nightshift.workspace import process

Command = Callable[..., Any]
Files = Mapping[str, str]

WRITTEN = ("PROJECT_PLAN.md", "constraints.yaml", ".ai-validation/check_quality.sh")
READY = "These tasks can be executed safely without supervision:\n"
ONE = "def one():\n    return 1\n"
TEST = """import unittest

from demo import one


class OneTest(unittest.TestCase):
    def test_one(self):
        self.assertEqual(one(), 1)
"""
BACKEND = """import pathlib
import zipfile


def build_editable(folder, config_settings=None, metadata_directory=None):
    source = pathlib.Path(__file__).resolve().parent / "src"
    files = {
        "demo.pth": f"{source}\\n",
        "demo-1.dist-info/METADATA": "Metadata-Version: 2.1\\nName: demo\\nVersion: 1\\n",
        "demo-1.dist-info/WHEEL": "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
    }
    files["demo-1.dist-info/RECORD"] = "".join(f"{name},,\\n" for name in files)
    with zipfile.ZipFile(pathlib.Path(folder) / "demo-1-py3-none-any.whl", "w") as wheel:
        for name, text in files.items():
            wheel.writestr(name, text)
    return "demo-1-py3-none-any.whl"
"""
PYPROJECT = """[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "demo"
version = "1"
"""
FLAT: Files = {"demo.py": ONE, "test_demo.py": TEST}
PACKAGE: Files = {
    "widget/__init__.py": "",
    "widget/demo.py": ONE,
    "tests/test_demo.py": TEST.replace("demo", "widget.demo"),
}
SRC: Files = {
    "pyproject.toml": PYPROJECT,
    "backend.py": BACKEND,
    "src/demo/__init__.py": ONE,
    "tests/test_demo.py": TEST,
}
NODE: Files = {
    "package.json": json.dumps({"name": "demo", "scripts": {"test": "node --test"}}),
    "index.js": "exports.one = () => 1\n",
    "test/index.test.js": "require('node:test')('one', () => {})\n",
}
GO: Files = {
    "go.mod": "module demo\n\ngo 1.22\n",
    "demo.go": "package demo\n\nfunc One() int { return 1 }\n",
    "demo_test.go": "package demo\n",
}
MAKE: Files = {
    "Makefile": "test:\n\tgrep -q one main.c\n",
    "main.c": "int one(void) { return 1; }\n",
}
SHELL: Files = {"bin/tool.sh": "#!/bin/sh\necho one\n", "README.md": "# A tool\n"}
DOCS: Files = {"README.md": "# Words\n", "docs/words.md": "One.\n"}


@pytest.fixture
def ordinary(tmp_path: Path, home: Path) -> Callable[..., Project]:
    """Return a maker of a repository that has never heard of nightshift."""

    def make(files: Files, *, remote: bool = True) -> Project:
        project = build_project(tmp_path, home=home, files=files, policy=None, gate=None, remote=remote)
        project.git("rm", "-q", "PROJECT_PLAN.md")
        project.commit("Forget the plan")
        return project

    return make


@pytest.fixture
def init(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that runs `nightshift init` in a project."""
    from typer.testing import CliRunner

    from nightshift.cli import app

    def run(project: Project, *, cwd: Path | None = None) -> Any:
        monkeypatch.chdir(cwd or project.root)
        for name, value in project.environ.items():
            monkeypatch.setenv(name, value)
        return CliRunner().invoke(app, ["init"], prog_name="nightshift")

    return run


def contents(project: Project) -> dict[str, bytes]:
    return {name: (project.root / name).read_bytes() for name in WRITTEN}


# ---------------------------------------------------------------- what it writes


@pytest.mark.row("S3.12")
@pytest.mark.parametrize(
    ("files", "allowed", "gate"),
    [
        pytest.param(SRC, "src/**", "python -m unittest discover -s tests", id="src layout"),
        pytest.param(FLAT, "/*.py", "python -m unittest discover", id="single module"),
        pytest.param(PACKAGE, "widget/**", "python -m unittest discover -s tests", id="flat package"),
        pytest.param(NODE, "/*.js", "npm test", id="Node"),
        pytest.param(GO, "/*.go", "go test ./...", id="Go"),
        pytest.param(MAKE, "/*.c", "make test", id="Makefile"),
        pytest.param(DOCS, "docs/**", "sh -n", id="nothing recognisable"),
    ],
)
def test_plan_policy_and_gate_fit_the_repository(
    ordinary: Callable[..., Project], init: Command, files: Files, allowed: str, gate: str
) -> None:
    from nightshift import plan as plans
    from nightshift import policy as policies

    project = ordinary(files)

    done = init(project)

    assert (done.exit_code, done.stdout.splitlines()) == (0, [f"written {name}" for name in WRITTEN])
    plan, policy, script = (project.root / name for name in WRITTEN)
    assert (plans.lint(plans.load(plan)), plans.ready(plans.load(plan))) == ((), ())
    assert allowed in policies.load(policy).change.allowed_paths
    assert gate in script.read_text()
    assert script.stat().st_mode & stat.S_IXUSR
    assert project.git("status", "--porcelain").splitlines() == [
        "?? .ai-validation/",
        "?? PROJECT_PLAN.md",
        "?? constraints.yaml",
    ]


@pytest.mark.row("S3.12")
def test_what_it_prints_last_are_the_next_commands_and_they_work(
    ordinary: Callable[..., Project], init: Command
) -> None:
    project = ordinary(MAKE)
    project.write("notes.txt", "staged, and not for this commit\n")
    project.git("add", "notes.txt")

    said = init(project).stderr.splitlines()

    following = said[said.index("Next:") + 1 :]
    assert following[-1] == "  mark a task READY in PROJECT_PLAN.md, then: nightshift run --dry-run"
    for line in following[:-1]:
        command = line.split("    (")[0].strip()
        done = process.run(
            ["sh", "-c", command.replace("git push", "git push -q origin HEAD")],
            cwd=project.root,
            env=project.environ,
            timeout_seconds=20,
        )
        assert done.ok, done.tail()
    assert set(project.git("show", "--format=", "--name-only", "origin/main").splitlines()) == set(WRITTEN)
    assert project.git("status", "--porcelain") == "A  notes.txt"


def test_without_a_remote_nobody_is_told_to_push(ordinary: Callable[..., Project], init: Command) -> None:
    assert "git push" not in init(ordinary(MAKE, remote=False)).stderr


def test_from_elsewhere_the_commands_say_where(
    ordinary: Callable[..., Project], init: Command, tmp_path: Path
) -> None:
    project = ordinary(MAKE)
    (project.root / "sub").mkdir()

    said = init(project, cwd=project.root / "sub").stderr

    assert f"  git -C {shlex.quote(str(project.root))} add PROJECT_PLAN.md" in said
    assert (project.root / "PROJECT_PLAN.md").exists()


@pytest.mark.row("promise 1")
def test_nothing_is_ever_overwritten(ordinary: Callable[..., Project], init: Command) -> None:
    project = ordinary(MAKE)
    mine = {name: f"mine: {name}\n" for name in WRITTEN[1:]}
    for name, text in mine.items():
        project.write(name, text)

    done = init(project)

    assert done.stdout.splitlines() == [
        "written PROJECT_PLAN.md",
        "kept constraints.yaml",
        "kept .ai-validation/check_quality.sh",
    ]
    assert {name: (project.root / name).read_text() for name in mine} == mine
    assert "git add PROJECT_PLAN.md &&" in done.stderr


def test_a_second_time_changes_nothing_and_says_so(ordinary: Callable[..., Project], init: Command) -> None:
    project = ordinary(MAKE)
    init(project)
    before = contents(project)

    done = init(project)

    assert done.exit_code == 0
    assert done.stdout.splitlines() == [f"kept {name}" for name in WRITTEN]
    assert "Nothing was written: all three are here, and stay as they are." in done.stderr
    assert "git add" not in done.stderr
    assert contents(project) == before


@pytest.mark.row("S3.13")
@pytest.mark.parametrize("place", ["docs/PROJECT_PLAN.md", "docs/notes/PROJECT_PLAN.md"])
def test_a_plan_that_is_elsewhere_is_the_plan(
    ordinary: Callable[..., Project], init: Command, place: str
) -> None:
    project = ordinary(MAKE)
    project.write(place, "# Mine\n")

    done = init(project)

    assert f"kept {place}" in done.stdout
    assert not (project.root / "PROJECT_PLAN.md").exists()
    assert f"mark a task READY in {place}" in done.stderr


def test_where_there_is_no_repository_nothing_is_written(
    ordinary: Callable[..., Project], init: Command, tmp_path: Path
) -> None:
    project = ordinary(MAKE)
    (tmp_path / "plain").mkdir()

    done = init(project, cwd=tmp_path / "plain")

    assert done.exit_code == 3
    assert list((tmp_path / "plain").iterdir()) == []


# ---------------------------------------------------------------- the first night


def first_night(project: Project, init: Command, path: str, *, good: str, bad: str | None) -> Any:
    """Do what init says, mark tasks READY in the plan it wrote, and work a night."""
    assert init(project).exit_code == 0
    project.commit("Add nightshift")
    script = {"good": [{"write": {"path": path, "text": good}}]}
    if bad is not None:
        script["bad"] = [{"write": {"path": path, "text": bad}}]
    plan = (project.root / "PROJECT_PLAN.md").read_text()
    assert READY in plan
    tasks = "".join(map(ready_task, script))
    project.write("PROJECT_PLAN.md", plan.replace(READY, f"{READY}\n{tasks}"))
    project.commit("Make tasks ready")
    return project.night(script, pull_request=False)


@pytest.mark.slow
@pytest.mark.row("S3.12", "S3.77", "S3.78", "promise 2", "users 21")
@pytest.mark.parametrize(
    ("files", "path", "good", "bad"),
    [
        pytest.param(SRC, "src/demo/__init__.py", ONE + "TWO = 2\n", ONE.replace("1", "2"), id="src layout"),
        pytest.param(FLAT, "demo.py", ONE + "TWO = 2\n", ONE.replace("1", "2"), id="single module"),
        pytest.param(MAKE, "main.c", "int one(void) { return 1; }\n\n", "int two;\n", id="Makefile"),
        pytest.param(DOCS, "docs/words.md", "One. Two.\n", None, id="words alone"),
        pytest.param(
            SHELL,
            "bin/tool.sh",
            "#!/bin/sh\necho two\n",
            "#!/bin/sh\nif\n",
            id="shell scripts",
        ),
    ],
)
def test_the_first_night_lands_a_good_change_and_turns_down_a_broken_one(
    ordinary: Callable[..., Project],
    init: Command,
    files: Files,
    path: str,
    good: str,
    bad: str | None,
) -> None:
    project = ordinary(files)

    result = first_night(project, init, path, good=good, bad=bad)

    expected = {"good": Verdict.LANDED} | ({"bad": Verdict.FAILED} if bad is not None else {})
    assert {one.task.id: one.verdict for one in result.results} == expected, result.stopped
    session = f"nightshift/{result.night.run}/_session"
    assert project.git("show", f"{session}:{path}") + "\n" == good.rstrip("\n") + "\n"
    assert project.git("diff", "--name-only", "main", session).splitlines() == sorted(
        ["PROJECT_PLAN.md", path]
    )
    assert project.git("status", "--porcelain", "--ignored") == ""


def test_a_first_night_before_the_push_says_what_is_missing(
    ordinary: Callable[..., Project], init: Command
) -> None:
    from nightshift.errors import GateError

    project = ordinary(MAKE)
    init(project)
    project.git("add", "-A")
    project.git("commit", "-q", "-m", "Add nightshift")

    with pytest.raises(GateError, match="is not in the base commit") as caught:
        project.night({})

    assert "git push" in caught.value.tip
    assert "--base-local" in caught.value.tip
    result = project.night({}, base_local=True)
    assert result.exit_code == 0


def test_a_first_night_without_a_remote_lands_on_the_local_branch(
    ordinary: Callable[..., Project], init: Command
) -> None:
    project = ordinary(MAKE, remote=False)

    result = first_night(project, init, "main.c", good="int one(void) { return 1; }\n\n", bad=None)

    assert [one.verdict for one in result.results] == [Verdict.LANDED]
    assert result.exit_code == 0
