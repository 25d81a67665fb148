"""What an agent may have changed between two nights, or under our feet, is told or stops the night."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import StateError, UsageError
from nightshift.model import NightResult, Verdict
from nightshift.testing.project import PLAN, Project, ready_task

GOOD = [{"write": {"path": "src/app.py", "text": "TWO = 2\n"}}]


def loud(result: NightResult) -> list[str]:
    return [remark.text for remark in (*result.night.remarks, *result.remarks) if remark.loud]


@pytest.mark.row("promise 3", "users 18")
@pytest.mark.parametrize("path", ["PROJECT_PLAN.md", "constraints.yaml"])
def test_a_plan_or_policy_that_changes_during_the_night_is_told_loudly_and_not_obeyed(
    project: Project, working: Callable[..., None], path: str
) -> None:
    project.set_plan(ready_task("t1"), ready_task("t2"))
    working(lambda _: project.write(path, "# nothing\n"))

    result = project.night({"t1": GOOD, "t2": [{"write": {"path": "top.py", "text": "A = 1\n"}}]})

    assert [one.verdict for one in result.results] == [Verdict.LANDED, Verdict.FAILED]
    assert loud(result)[-1:] == [f"{path} was changed while the night ran; the next night will obey it"]


@pytest.mark.row("promise 3", "users 18")
@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param(
            lambda path: path.unlink(),
            "there is no constraints.yaml, but the base commit has one: the default policy holds",
            id="gone",
        ),
        pytest.param(
            lambda path: path.write_text("agent:\n  kind: scripted\n"),
            "constraints.yaml differs from the base commit: the saved file counts",
            id="another",
        ),
    ],
)
def test_a_policy_that_is_not_the_committed_one_is_told_loudly(
    project: Project, change: Any, said: str
) -> None:
    project.set_plan(ready_task("t1"))
    change(project.root / "constraints.yaml")

    assert said in loud(project.night({"t1": GOOD}))


@pytest.mark.row("promise 9")
@pytest.mark.parametrize("change", ["remove", "append"])
def test_a_journal_that_is_not_what_was_written_is_an_alarm(
    project: Project, working: Callable[..., None], change: str
) -> None:
    def tamper(job: Any) -> None:
        journal: Path = job.log.parent / "journal.jsonl"
        if change == "remove":
            journal.unlink(missing_ok=True)
        else:
            journal.write_bytes(journal.read_bytes().replace(b"task_started", b"task_skipped"))

    project.set_plan(ready_task("t1"))
    working(tamper)

    result = project.night({"t1": GOOD})

    assert result.exit_code == 7
    assert any("journal.jsonl is not what was written there" in alarm for alarm in result.alarms)
    assert not [ref for ref in project.branches() if "nightshift" in ref]


@pytest.mark.row("promise 1")
def test_records_inside_the_checkout_are_refused(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.environ["NIGHTSHIFT_STATE_DIR"] = str(project.root / "state")

    with pytest.raises(StateError, match="inside your checkout"):
        project.night({"t1": GOOD})

    assert not (project.root / "state").exists()


@pytest.mark.row("promise 7")
def test_a_task_in_review_whose_branch_was_never_pushed_names_the_command_that_does(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    first = project.night({"t1": GOOD})
    for ref in [ref for ref in project.branches(project.remote) if "nightshift" in ref]:
        project.git_in(Path(str(project.remote)), "update-ref", "-d", ref)

    second = project.night({"t1": GOOD})

    assert f"nightshift deliver {first.night.run}" in second.results[0].reason


def test_a_named_task_that_is_not_ready_is_wrong_usage_with_its_place(project: Project) -> None:
    project.set_plan(ready_task("t1", Status="DONE"), ready_task("t2"))

    with pytest.raises(UsageError, match=r"PROJECT_PLAN\.md:7:1: t1 is not READY"):
        project.night({}, redo=("t1",))


@pytest.mark.row("S3.49")
def test_the_prompt_names_the_docs_and_the_files_that_hold_the_standards(project: Project) -> None:
    project.write("docs/design.md", "# Design\n")
    project.write("CLAUDE.md", "# Rules\n")
    project.set_plan(ready_task("t1"))

    assert project.rehearsal({"t1": GOOD}).standards == ("PROJECT_PLAN.md", "CLAUDE.md", "docs/")


@pytest.mark.row("promise 1", "users 2")
def test_git_in_the_slot_never_finds_a_repository_above_it(
    project: Project, home: Path, tmp_path: Path
) -> None:
    project.environ["NIGHTSHIFT_STATE_DIR"] = str(home / "state")
    project.git_in(home, "init", "-q")
    seen = tmp_path / "seen"
    ask = "git rev-parse --show-toplevel"
    gate = f"#!/bin/sh\n(cd .. && {ask}) >> '{seen}' 2>&1\nexit 0\n"
    project.write(".ai-validation/check_quality.sh", gate, executable=True)
    project.write("constraints.yaml", "agent:\n  kind: scripted\n  sandbox: none\n")
    project.set_plan(ready_task("t1"))

    project.night({"t1": [*GOOD, {"run": ["sh", "-c", f"rm -rf .git; {ask} >> '{seen}' 2>&1; true"]}]})

    lines = seen.read_text().splitlines()
    assert len(lines) == 3
    assert all(line.startswith("fatal: not a git repository") for line in lines)


@pytest.mark.row("promise 3", "S3.35")
def test_no_change_brings_a_plan_that_the_next_night_would_find_first(project: Project) -> None:
    project.git("mv", "PROJECT_PLAN.md", "plan.md")
    project.write("plan.md", PLAN + ready_task("t1"))
    project.commit("A plan of another name")

    result = project.night(
        {"t1": [{"write": {"path": "docs/PROJECT_PLAN.md", "text": PLAN}}]}, plan=project.root / "plan.md"
    )

    assert [one.verdict for one in result.results] == [Verdict.FAILED]
    assert "docs/PROJECT_PLAN.md" in result.results[0].reason


@pytest.mark.row("users 22")
def test_a_secret_of_the_environment_is_in_no_record_log_commit_or_prompt(project: Project) -> None:
    secret = "hunter2-hunter2"
    project.environ["DEPLOY_TOKEN"] = secret
    gate = f"#!/bin/sh\ntest ! -e src/broken.py || {{ echo 'the token is {secret}'; exit 1; }}\n"
    project.write(".ai-validation/check_quality.sh", gate, executable=True)
    project.set_plan(ready_task("t1"), ready_task("t2"))

    project.night(
        {"t1": [{"write": {"path": "src/broken.py", "text": "x\n"}}], "t2": [{"fail": f"I saw {secret}"}]}
    )

    folder = next(project.state.glob("*/runs/*"))
    holding = [path.name for path in folder.iterdir() if path.is_file() and secret in path.read_text()]
    assert [name for name in holding if not name.endswith((".gate.log", ".agent.log"))] == []
    assert secret not in "".join(event.text for event in project.heard)
    kept = [ref for ref in project.branches() if ref.startswith("refs/nightshift/")]
    assert kept
    assert secret not in project.git("log", "--format=%B", *kept)
