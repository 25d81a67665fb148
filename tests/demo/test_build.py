"""The sample project: small, real, the same everywhere, and built without a network."""

import os
import sys
from pathlib import Path

import pytest

from nightshift.agent.script import load_script
from nightshift.demo import EXPECTED, DemoProject, build
from nightshift.errors import NightshiftError, UsageError
from nightshift.model import Section, Status, Verdict
from nightshift.plan import lint, load, ready
from nightshift.policy import allowed_sources, judge_task
from nightshift.policy import load as load_policy
from nightshift.templating import template_path
from nightshift.workspace import process

FIRST_COMMIT = "Tell how long tea has to steep"


@pytest.fixture
def demo(tmp_path: Path) -> DemoProject:
    """Build the sample project."""
    return build(tmp_path / "demo")


def run(demo: DemoProject, *args: str | Path, home: Path, path: str | None = None) -> str:
    """Run a program in the project as its owner would; return what it printed."""
    environment = {"PATH": path or os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    done = process.run(args, cwd=demo.root, env=environment, timeout_seconds=100, merge_output=True)
    assert done.ok, done.tail(40)
    return done.stdout.decode()


def git(demo: DemoProject, *args: str) -> str:
    """Run git in the project."""
    return run(demo, "git", *args, home=demo.root.parent).strip()


def test_the_project_is_a_clean_clone_with_a_bare_remote_beside_it(demo: DemoProject) -> None:
    assert git(demo, "status", "--porcelain", "--branch", "--ignored") == "## main...origin/main"
    assert git(demo, "remote", "get-url", "origin") == str(demo.remote)
    assert git(demo, "ls-remote", "origin", "HEAD").split()[0] == git(demo, "rev-parse", "HEAD")
    assert git(demo, "config", "user.email") == "olive@example.invalid"
    assert sorted(path.name for path in demo.root.parent.iterdir()) == ["agent.yaml", "remote.git", "teatime"]


def test_the_first_commit_is_the_same_everywhere(demo: DemoProject, tmp_path: Path) -> None:
    again = build(tmp_path / "again")

    assert git(again, "rev-parse", "HEAD") == git(demo, "rev-parse", "HEAD")
    assert git(demo, "log", "--format=%an %ae %aI %cI %s") == (
        "Olive Owner olive@example.invalid 2026-01-05T18:00:00+00:00 2026-01-05T18:00:00+00:00 "
        + FIRST_COMMIT
    )


def test_the_owners_configuration_of_git_is_not_asked(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / ".gitconfig").write_text(
        "[commit]\n\tgpgSign = true\n[user]\n\tname = Somebody\n[gpg]\n\tprogram = false\n"
    )
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "nowhere"))

    demo = build(tmp_path / "demo")

    monkeypatch.delenv("GIT_DIR")
    assert git(demo, "log", "--format=%an") == "Olive Owner"
    assert [*home.iterdir()] == [home / ".gitconfig"]


def test_the_virtual_environment_is_not_ignored(demo: DemoProject) -> None:
    assert (demo.root / ".gitignore").read_text() == "__pycache__/\n"


@pytest.mark.parametrize("make", ["empty", "new"])
def test_an_empty_or_new_folder_will_do(tmp_path: Path, make: str) -> None:
    folder = tmp_path / "a" / "b"
    if make == "empty":
        folder.mkdir(parents=True)

    assert build(folder).root == folder / "teatime"


def test_a_folder_that_holds_something_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match="is not empty"):
        build(tmp_path)
    assert [*tmp_path.iterdir()] == [tmp_path / "mine.txt"]


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")

    with pytest.raises(UsageError, match="cannot be used"):
        build(tmp_path / "mine.txt")


def test_a_git_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "bin" / "git"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\necho 'no space left' >&2\nexit 128\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{fake.parent}:{os.environ['PATH']}")

    with pytest.raises(NightshiftError, match="no space left"):
        build(tmp_path / "demo")


def test_every_file_of_the_template_is_used(demo: DemoProject) -> None:
    templates = template_path("demo/agent.yaml").parent
    known = {
        path.read_bytes()
        for path in templates.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    tracked = {(demo.root / path).read_bytes() for path in git(demo, "ls-files").splitlines()}

    assert known == tracked | {demo.script.read_bytes()}


def test_the_plan_is_clean_and_holds_five_ready_tasks_and_a_pending_one(demo: DemoProject) -> None:
    plan = load(demo.root / "PROJECT_PLAN.md")

    assert lint(plan) == ()
    assert [task.id for task in ready(plan)] == list(EXPECTED_ORDER)
    pending = [task for task in plan.tasks if task.section is Section.PENDING]
    assert [(task.id, task.status) for task in pending] == [("alarm", Status.PENDING)]


EXPECTED_ORDER = ("oolong", "spoken_time", "own_version", "fahrenheit", "tea_of_the_day")


def test_what_the_tasks_declare_is_in_order_but_for_one(demo: DemoProject) -> None:
    policy = load_policy(demo.root / "constraints.yaml")
    tracked = tuple(git(demo, "ls-files").splitlines())
    blocked = {
        task.id: [found.rule for found in judgement.blocking]
        for task in ready(load(demo.root / "PROJECT_PLAN.md"))
        if not (judgement := judge_task(task, policy, exists=tracked.__contains__)).can_proceed
    }

    assert blocked == {"tea_of_the_day": ["task.min_alignment"]}
    assert "src/teatime/steeping.py" in allowed_sources(tracked, policy)


def test_the_scripted_agent_knows_what_to_do_for_each_task_that_runs(demo: DemoProject) -> None:
    script = load_script(demo.script)

    assert {task for task, expected in EXPECTED.items() if expected.verdict is not Verdict.REFUSED} == set(
        script.tasks
    )
    assert not script.runs_programs


@pytest.mark.slow
def test_setup_needs_no_network_and_the_gate_imports_the_projects_own_tree(
    demo: DemoProject, home: Path
) -> None:
    setup = load_policy(demo.root / "constraints.yaml").gate.setup
    run(demo, "/bin/sh", "-c", setup or "", home=home)

    assert "The gate is green." in run(demo, ".ai-validation/check_quality.sh", home=home)
    code = "import teatime; print(teatime.__file__)"
    python = demo.root / ".venv/bin/python"
    assert run(demo, python, "-c", code, home=home).strip() == str(demo.root / "src/teatime/__init__.py")

    source = demo.root / "src/teatime/steeping.py"
    source.write_text(source.read_text().replace("240", "241"))
    with pytest.raises(AssertionError, match="240"):
        run(demo, ".ai-validation/check_quality.sh", home=home)


def test_pytest_runs_the_sample_tests_too(demo: DemoProject, home: Path) -> None:
    source = str(demo.root / "src")
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHONPATH": source}

    done = process.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=demo.root,
        env=environment,
        timeout_seconds=60,
        merge_output=True,
    )

    assert done.ok, done.tail()
    assert "2 passed" in done.stdout.decode()
