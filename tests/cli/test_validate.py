"""`nightshift validate`: findings as lines and as JSON, and what a night would refuse."""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.testing.project import PLAN, POLICY, Project, ready_task
from nightshift.workspace import process

Command = Callable[..., Any]


def codes(done: Any) -> list[tuple[str, int, str]]:
    """Read path, line and code of each finding from its line."""
    rows = re.findall(r"(?m)^(\S+?):(\d+):\d+: (\S+) (?:critical|error|warning): ", done.stdout)
    assert len(rows) == len(done.stdout.splitlines())
    return [(path, int(line), code) for path, line, code in rows]


def test_a_good_plan_and_policy_are_worth_no_line(project: Project, command: Command) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1"))

    done = command("validate")

    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "0 errors, 0 warnings\n")


@pytest.mark.row("S3.11", "S3.18", "S3.19", "S3.21", "S3.22")
def test_each_finding_is_one_line_with_its_place(project: Project, command: Command) -> None:
    tasks = (
        ready_task("dup"),
        ready_task("Dup"),
        ready_task("../../x"),
        ready_task("low", **{"Alignment score": "10/100"}),
        ready_task("long", **{"Estimated lines": 500}),
        ready_task("unscored", **{"Alignment score": None}),
        ready_task("untested", **{"Tests defined": "⏳ Needs definition"}),
        ready_task("drop", "Drop table users"),
    )
    text = PLAN + "".join(tasks)
    project.write("PROJECT_PLAN.md", text)
    lines = text.splitlines()

    done = command("validate")

    found = codes(done)
    assert done.exit_code == 1
    assert {path for path, _, _ in found} == {"PROJECT_PLAN.md"}
    judged = {code for _, _, code in found if code.startswith("task.")}
    assert {"task.min_alignment", "task.max_estimated_lines", "task.forbidden_words"} <= judged
    for line, part in (("10/100", "task.min_alignment"), ("500", "task.max_estimated_lines")):
        (number,) = [number for _, number, code in found if code == part and line in lines[number - 1]]
        assert line in lines[number - 1]
    assert re.fullmatch(r"\d+ errors, \d+ warnings?\n", done.stderr)
    for task_id in ("Dup", "../../x", "unscored", "untested", "drop"):
        assert task_id in done.stdout


@pytest.mark.row("S3.10")
def test_a_ready_task_without_a_status_is_a_finding_and_is_not_run(
    project: Project, command: Command
) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1", Status=None))

    done = command("validate")
    rehearsed = command("run", "--dry-run", "--agent", f"scripted:{project.script({})}")

    assert "t1" in done.stdout
    assert "Status" in done.stdout
    assert "1. [t1]" not in rehearsed.stdout


@pytest.mark.row("S3.6")
def test_a_status_that_disagrees_with_its_heading_is_a_finding(project: Project, command: Command) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1", Status="PENDING"))

    assert "t1" in command("validate").stdout


@pytest.mark.row("S3.17")
def test_an_unknown_key_of_the_policy_is_an_error_with_a_suggestion(
    project: Project, command: Command
) -> None:
    project.write("constraints.yaml", "task:\n  min_alignmant: 80\nsession:\n  max_tasks: many\n")

    done = command("validate")

    assert done.exit_code == 1
    assert [(path, line) for path, line, _ in codes(done)] == [
        ("constraints.yaml", 2),
        ("constraints.yaml", 4),
    ]
    assert "min_alignment" in done.stdout
    assert done.stderr == "2 errors, 0 warnings\n"


@pytest.mark.row("S3.17")
def test_the_example_that_is_shipped_is_valid(command: Command) -> None:
    example = Path(__file__).parents[2] / "constraints.example.yaml"

    assert command("validate", example).exit_code == 0


@pytest.mark.row("S3.17")
def test_a_plan_is_judged_by_the_policy_beside_it(project: Project, command: Command) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1", **{"Alignment score": "70/100"}))
    project.write("constraints.yaml", POLICY + "task:\n  min_alignment: 60\n")
    project.write("strict.yaml", "task:\n  min_alignment: 90\n")

    assert command("validate").exit_code == 0
    assert command("validate", "PROJECT_PLAN.md").exit_code == 0
    assert command("validate", "PROJECT_PLAN.md", "strict.yaml").exit_code == 1
    (project.root / "constraints.yaml").unlink()
    assert command("validate").exit_code == 1


def test_by_a_broken_policy_no_task_is_judged(project: Project, command: Command) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1", **{"Alignment score": "70/100"}))
    project.write("constraints.yaml", "task:\n  min_alignment: 60\n  typo: 1\n")

    whole, plan = command("validate"), command("validate", "PROJECT_PLAN.md")

    assert [path for path, _, _ in codes(whole)] == ["constraints.yaml"]
    assert (plan.exit_code, plan.stdout) == (0, "")


@pytest.mark.row("S3.11")
def test_the_findings_for_machines(project: Project, command: Command) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("low", **{"Alignment score": "10/100"}))

    done = command("validate", "--json")

    told = json.loads(done.stdout)
    assert (done.exit_code, told["schema_version"]) == (1, 1)
    (finding,) = told["findings"]
    assert finding.keys() == {"code", "severity", "message", "hint", "path", "line", "column"}
    assert (finding["code"], finding["severity"]) == ("task.min_alignment", "error")
    assert (finding["path"], finding["line"]) == ("PROJECT_PLAN.md", 8)


def test_no_findings_for_machines_are_an_empty_list(command: Command) -> None:
    done = command("validate", "--json")

    assert (done.exit_code, json.loads(done.stdout)) == (0, {"schema_version": 1, "findings": []})


def test_exit_zero_is_for_who_only_wants_to_see(project: Project, command: Command) -> None:
    project.write("constraints.yaml", "typo: 1\n")

    done = command("validate", "--exit-zero")

    assert (done.exit_code, done.stderr) == (0, "1 error, 0 warnings\n")


def test_several_files_are_checked_in_one_go(project: Project, command: Command) -> None:
    project.write("a.md", PLAN + ready_task("../../x"))
    project.write("b.yml", "typo: 1\n")
    project.write("c.yaml", "other_typo: 1\n")

    assert [path for path, _, _ in codes(command("validate", "a.md", "b.yml", "c.yaml"))] == [
        "a.md",
        "b.yml",
        "c.yaml",
    ]


@pytest.mark.row("S3.14")
@pytest.mark.parametrize("name", ["nowhere.md", "nowhere.yaml", "src"])
def test_a_file_that_cannot_be_read_is_3(command: Command, name: str) -> None:
    done = command("validate", name)

    assert (done.exit_code, done.stdout) == (3, "")
    assert name in done.stderr


@pytest.mark.row("S3.14")
def test_no_plan_at_all_is_3_and_names_the_places(project: Project, command: Command) -> None:
    (project.root / "PROJECT_PLAN.md").unlink()

    done = command("validate")

    assert done.exit_code == 3
    assert "PROJECT_PLAN.md, docs/PROJECT_PLAN.md, docs/notes/PROJECT_PLAN.md" in done.stderr


@pytest.mark.row("S3.13")
@pytest.mark.parametrize("place", ["PROJECT_PLAN.md", "docs/PROJECT_PLAN.md", "docs/notes/PROJECT_PLAN.md"])
@pytest.mark.parametrize("start", [".", "src/deep"])
def test_plan_and_policy_are_found_from_anywhere_in_the_repository(
    project: Project, command: Command, place: str, start: str
) -> None:
    (project.root / "PROJECT_PLAN.md").unlink()
    project.write(place, PLAN + ready_task("low", **{"Alignment score": "70/100"}))
    project.write("constraints.yaml", "task:\n  min_alignment: 75\n")
    (project.root / "src/deep").mkdir()

    done = command("validate", cwd=project.root / start)

    up = "../../" if start != "." else ""
    assert [path for path, _, _ in codes(done)] == [f"{up}{place}"]
    assert "75" in done.stdout


def test_outside_of_a_repository_it_checks_what_lies_there(command: Command, tmp_path: Path) -> None:
    (tmp_path / "PROJECT_PLAN.md").write_text(PLAN)

    assert command("-C", tmp_path, "validate").exit_code == 0


@pytest.mark.row("promise 9")
def test_a_hostile_plan_steers_no_terminal_and_stays_one_line_a_finding(
    project: Project, command: Command
) -> None:
    hostile = "low\x1b[2J\u202e\x9b31m"
    project.write(
        "PROJECT_PLAN.md", PLAN + ready_task("a", hostile) + ready_task(hostile, "\x07bell\x0cfeed")
    )

    done = command("validate")

    assert done.exit_code == 1
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", done.stdout + done.stderr)
    codes(done)


def test_a_reader_that_goes_changes_no_exit_code(project: Project) -> None:
    project.write("PROJECT_PLAN.md", PLAN + "".join(ready_task("../x", "x" * 200) for _ in range(300)))
    shell = '{ "$1" -m nightshift validate; echo $? >code; } | head -n 0'

    done = process.run(
        ["sh", "-c", shell, "x", sys.executable],
        cwd=project.root,
        env=project.environ,
        timeout_seconds=60,
    )

    assert (project.root / "code").read_text().strip() == "1"
    assert re.fullmatch(r"\d+ errors, \d+ warnings\n", done.stderr.decode())
