"""The files that `init` writes, and that it never replaces one."""

import stat
from pathlib import Path

import pytest

from nightshift.errors import RepositoryError
from nightshift.policy import parse
from nightshift.project import (
    Kind,
    Project,
    StarterFile,
    Step,
    Written,
    proves_little,
    starter_files,
    write_missing,
)
from nightshift.templating import template_path
from nightshift.workspace import process

GATE = ".ai-validation/check_quality.sh"
PROJECT = Project(
    kind=Kind.PYTHON,
    setup='python3 -m venv .venv && .venv/bin/python -m pip install -q -e ".[test]"',
    carry=(".venv", "src/app/_version.py"),
    steps=(Step("tests", "python -m pytest -q"), Step("it's odd", "printf '%s\\n' \"$HOME\" 'a b'")),
    allowed_paths=("app/**", "it's/**", "\\#odd*", "tests/**"),
)


def text_of(path: str, project: Project = PROJECT) -> str:
    """Return the text of one starter file."""
    return next(file.text for file in starter_files(project) if file.path == path)


@pytest.mark.row("S3.12", "S3.13")
def test_init_writes_the_plan_template_where_the_plan_shall_be() -> None:
    template = template_path("PROJECT_PLAN.md").read_text(encoding="utf-8")

    files = starter_files(PROJECT, plan="docs/PROJECT_PLAN.md")

    assert [(file.path, file.executable) for file in files] == [
        ("docs/PROJECT_PLAN.md", False),
        ("constraints.yaml", False),
        (GATE, True),
    ]
    assert files[0].text == template


@pytest.mark.row("S3.17")
def test_the_policy_says_what_was_found_and_is_valid() -> None:
    policy = parse(text_of("constraints.yaml").encode(), path="constraints.yaml")

    assert policy.change.allowed_paths == PROJECT.allowed_paths
    assert (policy.gate.setup, policy.gate.carry) == (PROJECT.setup, PROJECT.carry)
    assert (policy.gate.script, policy.agent.sandbox) == (GATE, "none")


def test_the_policy_is_honest_about_the_missing_box() -> None:
    said = " ".join(text_of("constraints.yaml").replace("#", " ").split())

    assert "no box yet" in said
    assert "with your own rights" in said


def test_a_policy_without_setup_and_carry_is_valid() -> None:
    project = Project(kind=Kind.PLAIN, allowed_paths=("src/**",))

    policy = parse(text_of("constraints.yaml", project).encode(), path="constraints.yaml")

    assert (policy.gate.setup, policy.gate.carry) == (None, ())


@pytest.mark.parametrize("text", ["a\nb", "tab\there", "é: #", "no", "'"], ids=repr)
def test_an_odd_setup_does_not_break_the_policy(text: str) -> None:
    project = Project(kind=Kind.PYTHON, setup=text, allowed_paths=("src/**",))

    policy = parse(text_of("constraints.yaml", project).encode(), path="constraints.yaml")

    assert policy.gate.setup == text


def run_gate(folder: Path, *steps: Step) -> process.Completed:
    """Run a written gate in its own process."""
    project = Project(kind=Kind.PYTHON, steps=steps)
    write_missing(folder, [file for file in starter_files(project) if file.path == GATE])
    environment = {"PATH": "/usr/bin:/bin", "HOME": str(folder)}
    return process.run([folder / GATE], cwd=Path("/"), env=environment, timeout_seconds=20, merge_output=True)


def test_a_gate_whose_steps_pass_is_green(tmp_path: Path) -> None:
    done = run_gate(tmp_path, Step("one", "true"), Step("two", "pwd"))

    assert (done.exit_code, done.stdout.decode()) == (
        0,
        f"== one: true\n== two: pwd\n{tmp_path.resolve()}\nThe gate is green: 2 of 2 steps passed.\n",
    )


@pytest.mark.row("S3.59")
def test_a_gate_runs_every_step_names_those_that_failed_and_ends_with_1(tmp_path: Path) -> None:
    done = run_gate(
        tmp_path, Step("one", "exit 7"), Step("it's", "echo 'a\\nb' >&2; true"), Step("three", "false")
    )

    assert done.exit_code == 1
    assert done.stdout.decode().splitlines()[-1] == "The gate is red: one, three."
    assert "!! one failed with exit 7" in done.stdout.decode()


def test_what_setup_made_leads_path_in_the_gate(tmp_path: Path) -> None:
    tool = tmp_path / ".venv" / "bin" / "python"
    tool.parent.mkdir(parents=True)
    tool.write_text("#!/bin/sh\necho carried\n")
    tool.chmod(0o755)

    assert "carried" in run_gate(tmp_path, Step("tests", "python")).stdout.decode()


def test_a_step_cannot_swallow_the_next_ones_from_stdin(tmp_path: Path) -> None:
    assert run_gate(tmp_path, Step("one", "cat"), Step("two", "true")).exit_code == 0


@pytest.mark.parametrize(
    ("project", "little"),
    [
        (PROJECT, False),
        (Project(kind=Kind.PLAIN, steps=(Step("shell syntax", "true"),)), True),
    ],
)
def test_a_gate_without_tests_says_how_to_extend_it(project: Project, little: bool) -> None:
    assert proves_little(project) is little
    assert ("Add a step that runs yours" in text_of(GATE, project)) is little


def test_the_gate_of_rust_finds_the_toolchains_in_an_empty_home() -> None:
    rust = Project(kind=Kind.RUST, steps=(Step("tests", "cargo test"),))

    assert "RUSTUP_HOME" in text_of(GATE, rust)
    assert "RUSTUP_HOME" not in text_of(GATE)


FILES = (
    StarterFile(path="a.txt", text="new\n"),
    StarterFile(path="deep/er/b.sh", text="new\n", executable=True),
)


@pytest.mark.row("S3.12")
def test_missing_files_are_written_with_their_folders_and_the_executable_bit(tmp_path: Path) -> None:
    written = write_missing(tmp_path, FILES)

    assert written == (("a.txt", Written.WRITTEN), ("deep/er/b.sh", Written.WRITTEN))
    assert (tmp_path / "deep/er/b.sh").stat().st_mode & stat.S_IXUSR
    assert not (tmp_path / "a.txt").stat().st_mode & stat.S_IXUSR


@pytest.mark.row("S3.12")
def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("mine\n")

    written = write_missing(tmp_path, FILES)

    assert written[0] == ("a.txt", Written.KEPT)
    assert (tmp_path / "a.txt").read_text() == "mine\n"


def test_a_link_to_a_file_of_the_owner_is_kept(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine\n")
    (tmp_path / "a.txt").symlink_to("mine.txt")

    assert write_missing(tmp_path, FILES)[0] == ("a.txt", Written.KEPT)
    assert (tmp_path / "mine.txt").read_text() == "mine\n"


def test_nothing_is_written_through_a_symbolic_link(tmp_path: Path) -> None:
    root, elsewhere = tmp_path / "root", tmp_path / "elsewhere"
    root.mkdir()
    elsewhere.mkdir()
    (root / "deep").symlink_to(elsewhere)

    with pytest.raises(RepositoryError, match="symbolic link"):
        write_missing(root, FILES)
    assert ([*elsewhere.iterdir()], [*root.iterdir()]) == ([], [root / "deep"])


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.txt").symlink_to(tmp_path / "gone")

    with pytest.raises(RepositoryError, match="link to nothing"):
        write_missing(tmp_path, FILES)
    assert not (tmp_path / "gone").exists()


def test_a_file_where_a_folder_has_to_be_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "deep").write_text("mine\n")

    with pytest.raises(RepositoryError, match="not a folder"):
        write_missing(tmp_path, FILES)
    assert not (tmp_path / "a.txt").exists()


def test_a_root_that_cannot_be_written_is_a_repository_error() -> None:
    with pytest.raises(RepositoryError, match="cannot be written"):
        write_missing(Path("/proc/self"), FILES[:1])
