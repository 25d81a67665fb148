"""Whole nights, with the scripted agent, real git and a real gate."""

import json
from pathlib import Path
from typing import Any

import pytest

from nightshift.errors import GateError
from nightshift.model import NightResult, Verdict
from nightshift.testing.project import POLICY, Project, ready_task

GOOD = [{"write": {"path": "src/app.py", "text": "def one() -> int:\n    return 1\n\n\nTWO = 2\n"}}]
BROKEN = [{"write": {"path": "src/broken.py", "text": "x = 1\n"}}]
OTHER = [{"write": {"path": "src/other.py", "text": "THREE = 3\n"}}]


def verdicts(result: NightResult) -> list[tuple[str, Verdict]]:
    return [(one.task.id, one.verdict) for one in result.results]


def outside(project: Project) -> dict[str, str]:
    """Return every ref that is not ours."""
    return {
        ref: commit
        for ref, commit in project.branches().items()
        if not ref.startswith(("refs/heads/nightshift/", "refs/nightshift/"))
    }


def checkout(project: Project) -> dict[str, bytes]:
    """Return every file of the checkout and of its .git, but objects and our refs."""
    found = {}
    for path in sorted(project.root.rglob("*")):
        name = path.relative_to(project.root).as_posix()
        if path.is_file() and not name.startswith(
            (
                ".git/objects/",
                ".git/refs/heads/nightshift/",
                ".git/refs/nightshift/",
                ".git/logs/refs/heads/nightshift/",
            )
        ):
            found[name] = path.read_bytes()
    return found


@pytest.mark.row("S3.77", "S3.48", "S3.61", "promise 2")
def test_three_ready_tasks_land_each_on_a_branch_of_its_own(project: Project) -> None:
    project.set_plan(*(ready_task(f"t{number}", f"Add part {number}") for number in (1, 2, 3)))
    steps = {
        f"t{number}": [{"write": {"path": f"src/part{number}.py", "text": f"N = {number}\n"}}]
        for number in (1, 2, 3)
    }

    result = project.night(steps)

    assert verdicts(result) == [("t1", Verdict.LANDED), ("t2", Verdict.LANDED), ("t3", Verdict.LANDED)]
    run = result.night.run
    branches = project.branches()
    for number in (1, 2, 3):
        assert branches[f"refs/heads/nightshift/{run}/t{number}"] == result.results[number - 1].commit
    log = project.git("log", "--format=%s", f"main..nightshift/{run}/_session").splitlines()
    assert len(log) == 4
    assert "t1" in log[3]
    trailers = project.git("log", "-1", "--format=%(trailers:only)", f"nightshift/{run}/t2")
    assert f"Nightshift-Run: {run}" in trailers
    assert "Nightshift-Task: t2" in trailers
    assert "Nightshift-Attempt: 1" in trailers
    assert "Nightshift-Gate: " in trailers
    author = project.git("log", "-1", "--format=%an <%ae> / %cn", f"nightshift/{run}/t2")
    assert author.startswith("Olive Owner <olive@example.invalid> / ")
    assert "ightshift" in author.rpartition("/")[2]


@pytest.mark.row("S3.37", "S3.45", "S3.47", "S3.62", "S3.75", "promise 1", "users 2")
@pytest.mark.parametrize(
    "steps", [GOOD, BROKEN, [{"fail": "no idea"}], []], ids=["lands", "red", "fails", "idle"]
)
def test_the_owners_checkout_is_byte_for_byte_what_it_was(project: Project, steps: list[Any]) -> None:
    project.set_plan(ready_task("t1"))
    project.write("src/app.py", "an edit that is not committed\n")
    project.write("staged.txt", "staged\n")
    project.git("add", "staged.txt")
    project.write("src/draft.py", "untracked\n")
    project.write(".env", "SECRET=1\n")
    project.git("stash", "push", "-q", "--", "src/app.py")
    project.write("src/app.py", "another edit\n")
    before, refs = checkout(project), outside(project)

    project.night({"t1": steps})

    assert checkout(project) == before
    assert outside(project) == refs


@pytest.mark.row("S3.78", "S3.46", "S3.54", "promise 5", "users 41")
def test_a_red_gate_rolls_back_and_every_attempt_is_kept(project: Project) -> None:
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night({"t1": BROKEN, "t2": OTHER})

    assert verdicts(result) == [("t1", Verdict.FAILED), ("t2", Verdict.LANDED)]
    run = result.night.run
    refs = project.branches()
    assert [ref for ref in refs if ref.startswith("refs/nightshift/")] == [
        f"refs/nightshift/{run}/t1/{number}" for number in (1, 2, 3)
    ]
    assert project.git("show", f"refs/nightshift/{run}/t1/3:src/broken.py") == "x = 1"
    assert "src/broken.py" not in project.git("ls-tree", "-r", "--name-only", f"nightshift/{run}/_session")
    assert f"refs/heads/nightshift/{run}/t1" not in refs


@pytest.mark.row("S3.53")
def test_the_reason_of_a_red_gate_reaches_the_next_prompt(project: Project) -> None:
    project.write(
        ".ai-validation/check_quality.sh",
        "#!/bin/sh\ntest ! -e src/broken.py || { echo 'broken.py must go'; exit 3; }\n",
        executable=True,
    )
    project.set_plan(ready_task("t1"))
    mended = [
        {"expect": "broken.py must go"},
        {"delete": "src/broken.py"},
        {"write": {"path": "src/fine.py", "text": "x = 1\n"}},
    ]

    result = project.night({"t1": [BROKEN, mended]})

    assert verdicts(result) == [("t1", Verdict.LANDED)]
    assert len(result.results[0].attempts) == 2


@pytest.mark.row("S3.79", "S3.66")
def test_a_night_stops_after_two_failures_in_a_row(project: Project) -> None:
    project.set_plan(*(ready_task(task_id) for task_id in ("t1", "t2", "t3")))

    result = project.night({"t1": BROKEN, "t2": BROKEN, "t3": OTHER})

    assert verdicts(result) == [("t1", Verdict.FAILED), ("t2", Verdict.FAILED), ("t3", Verdict.NOT_STARTED)]
    assert result.stopped == "2 tasks failed in a row (session.stop_after_failures)"
    assert result.exit_code == 1
    assert result.tip is None


@pytest.mark.row("S3.51", "users 31", "users 1")
def test_an_agent_that_says_done_and_changes_nothing_is_not_believed(project: Project) -> None:
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": [{"say": "86/86 tests pass, done"}]})

    assert verdicts(result) == [("t1", Verdict.FAILED)]
    assert result.results[0].reason == "the agent changed nothing"
    assert result.results[0].attempts[0].gate is None


@pytest.mark.row("S3.50")
def test_a_failing_agent_is_not_sent_to_the_gate(project: Project) -> None:
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": [*GOOD, {"fail": "out of ideas"}]})

    assert verdicts(result) == [("t1", Verdict.FAILED)]
    assert all(attempt.gate is None for attempt in result.results[0].attempts)
    assert "out of ideas" in result.results[0].reason


@pytest.mark.row("S3.24", "S3.25", "S3.30", "S3.33", "S3.34", "S3.35", "promise 2", "promise 3")
@pytest.mark.parametrize(
    ("steps", "rule"),
    [
        pytest.param([{"write": {"path": ".env", "text": "A=1\n"}}], "change.forbidden_paths", id="env"),
        pytest.param(
            [{"write": {"path": "src/docker-compose.yml", "text": "a: 1\n"}}],
            "change.forbidden_paths",
            id="compose",
        ),
        pytest.param(
            [{"write": {"path": "src/migrations/0001.py", "text": "A=1\n"}}],
            "change.forbidden_paths",
            id="migration",
        ),
        pytest.param(
            [{"write": {"path": "config/production.py", "text": "A=1\n"}}],
            "change.forbidden_paths",
            id="production config",
        ),
        pytest.param([{"delete": "src/app.py"}], "change.allow", id="delete"),
        pytest.param(
            [{"write": {"path": ".ai-validation/check_quality.sh", "text": "#!/bin/sh\n"}}],
            "change.protected",
            id="gate",
        ),
        pytest.param(
            [{"write": {"path": "PROJECT_PLAN.md", "text": "# mine\n"}}], "change.protected", id="plan"
        ),
        pytest.param([{"write": {"path": "top.py", "text": "A=1\n"}}], "change.allowed_paths", id="outside"),
    ],
)
def test_a_change_that_breaks_the_policy_never_reaches_the_gate(
    project: Project, steps: list[Any], rule: str
) -> None:
    project.write("constraints.yaml", POLICY + "session:\n  max_attempts: 1\n")
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": steps})

    assert verdicts(result) == [("t1", Verdict.FAILED)]
    attempt = result.results[0].attempts[0]
    assert attempt.gate is None
    assert rule in {found.rule for found in attempt.judgement.violations}


@pytest.mark.row("S3.43", "S3.20")
def test_a_change_over_the_budget_needs_approval_after_its_attempts(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    long = "".join(f"N{number} = {number}\n" for number in range(40))

    result = project.night({"t1": [{"write": {"path": "src/long.py", "text": long}}]})

    assert verdicts(result) == [("t1", Verdict.NEEDS_APPROVAL)]
    assert len(result.results[0].attempts) == 3
    assert result.exit_code == 1


@pytest.mark.row("S3.32", "S3.43")
def test_a_path_that_needs_approval_is_not_tried_again(project: Project) -> None:
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": [{"write": {"path": "src/auth/login.py", "text": "A = 1\n"}}]})

    assert verdicts(result) == [("t1", Verdict.NEEDS_APPROVAL)]
    assert len(result.results[0].attempts) == 1


@pytest.mark.row("S3.32")
def test_an_approved_task_may_change_an_approval_path(project: Project) -> None:
    project.set_plan(ready_task("t1", Approved_by=None, **{"Approved-by": "Olive, 2026-01-02"}))

    result = project.night({"t1": [{"write": {"path": "src/auth/login.py", "text": "A = 1\n"}}]})

    assert verdicts(result) == [("t1", Verdict.LANDED)]


@pytest.mark.row("S3.60", "users 10", "promise 6")
def test_a_red_baseline_ends_the_night_before_the_agent_is_started(project: Project) -> None:
    project.write("src/broken.py", "x = 1\n")
    project.write(
        ".ai-validation/check_quality.sh", "#!/bin/sh\necho 'test_login failed'; exit 7\n", executable=True
    )
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": GOOD})

    assert result.exit_code == GateError.exit_code == 4
    assert verdicts(result) == []
    assert result.stopped is not None
    assert "twice: the gate failed with exit 7" in result.stopped
    assert "test_login failed" in result.stopped


@pytest.mark.row("users 19")
def test_a_gate_that_is_red_once_and_then_green_is_called_flaky_and_the_night_goes_on(
    project: Project, tmp_path: Path
) -> None:
    second = tmp_path / "second"
    project.write(
        ".ai-validation/check_quality.sh",
        f"#!/bin/sh\nif [ -e '{second}' ]; then exit 0; fi\ntouch '{second}'; exit 1\n",
        executable=True,
    )
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": GOOD})

    assert [run.passed for run in result.baseline] == [False, True]
    assert verdicts(result) == [("t1", Verdict.LANDED)]
    assert any("flaky" in event.text for event in project.heard)


@pytest.mark.row("S3.64", "S3.15", "promise 2")
def test_the_last_commit_changes_nothing_but_status_words(project: Project) -> None:
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night({"t1": GOOD, "t2": BROKEN})

    run = result.night.run
    session = f"nightshift/{run}/_session"
    assert project.git("diff", "--name-only", f"{session}~1", session) == "PROJECT_PLAN.md"
    diff = project.git("diff", "-U0", f"{session}~1", session)
    changed = [line for line in diff.splitlines() if line[:1] in "+-" and not line.startswith(("+++", "---"))]
    assert changed == ["-  - Status: READY", "+  - Status: DONE", "-  - Status: READY", "+  - Status: FAILED"]


@pytest.mark.row("S3.44")
def test_the_journal_names_the_checkpoint_before_the_agent_starts(project: Project) -> None:
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": GOOD})

    (journal,) = project.state.glob(f"*/runs/{result.night.run}/journal.jsonl")
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    kinds = [line["kind"] for line in lines]
    started = next(line for line in lines if line["kind"] == "attempt_started")
    assert started["facts"]["checkpoint"] == result.night.base.commit
    assert kinds.index("attempt_started") < kinds.index("agent_finished")
    assert kinds[-1] == "night_finished"


@pytest.mark.row("S3.74", "promise 6")
def test_a_night_with_nothing_ready_ends_well_with_a_report_and_no_branch(project: Project) -> None:
    result = project.night({})

    assert (result.exit_code, result.results, result.tip) == (0, (), None)
    assert project.branches().keys() == {"refs/heads/main", "refs/remotes/origin/main"}
    assert list(project.state.glob(f"*/runs/{result.night.run}/report.md"))


@pytest.mark.row("promise 7", "users 16")
def test_the_next_night_does_not_repeat_a_task_that_waits_for_review(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    first = project.night({"t1": GOOD})
    refs = project.branches()

    second = project.night({"t1": OTHER})

    assert verdicts(second) == [("t1", Verdict.IN_REVIEW)]
    assert f"nightshift/{first.night.run}/t1" in second.results[0].reason
    assert project.branches() == refs


@pytest.mark.row("promise 7")
def test_a_branch_that_only_the_remote_still_has_is_in_review_too(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    first = project.night({"t1": GOOD}, pull_request=False)
    for ref in project.branches():
        if "nightshift" in ref:
            project.git("update-ref", "-d", ref)

    second = project.night({"t1": OTHER})

    assert verdicts(second) == [("t1", Verdict.IN_REVIEW)]
    assert f"origin's branch nightshift/{first.night.run}/t1" in second.results[0].reason


@pytest.mark.row("promise 7")
def test_redo_runs_a_task_again(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.night({"t1": GOOD})

    second = project.night({"t1": OTHER}, redo=("t1",))

    assert verdicts(second) == [("t1", Verdict.LANDED)]


@pytest.mark.row("promise 7")
def test_a_merged_night_is_not_in_review_and_its_task_is_done(project: Project) -> None:
    project.set_plan(ready_task("t1"), ready_task("t2", **{"Depends on": "t1"}))
    first = project.night({"t1": GOOD, "t2": BROKEN})
    project.git("merge", "-q", "--no-ff", "-m", "Merge the night", f"nightshift/{first.night.run}/_session")
    project.git("push", "-q", "origin", "main")
    text = (project.root / "PROJECT_PLAN.md").read_text().replace("FAILED", "READY")
    project.write("PROJECT_PLAN.md", text)
    project.commit("Try again")

    second = project.night({"t2": OTHER})

    assert verdicts(second) == [("t2", Verdict.LANDED)]


def test_a_task_runs_after_what_it_depends_on_landed_this_night(project: Project) -> None:
    project.set_plan(
        ready_task("t1", **{"Depends on": "t2"}), ready_task("t2"), ready_task("t3", **{"Depends on": "t9"})
    )

    result = project.night({"t1": GOOD, "t2": OTHER})

    assert verdicts(result) == [("t2", Verdict.LANDED), ("t1", Verdict.LANDED), ("t3", Verdict.WAITING)]


@pytest.mark.row("S3.67", "S3.82")
def test_refused_tasks_change_nothing_and_count_for_nothing(project: Project) -> None:
    refused = [ready_task(f"r{number}", **{"Alignment score": "10/100"}) for number in range(6)]
    project.set_plan(*refused, ready_task("t1"))

    result = project.night({"t1": GOOD})

    assert [one.verdict for one in result.results] == [Verdict.LANDED] + [Verdict.REFUSED] * 6
    plan = project.git("show", f"nightshift/{result.night.run}/_session:PROJECT_PLAN.md")
    assert plan.count("Status: READY") == 6


@pytest.mark.row("S3.68")
def test_max_tasks_stops_the_night(project: Project) -> None:
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night({"t1": GOOD, "t2": OTHER}, max_tasks=1)

    assert verdicts(result) == [("t1", Verdict.LANDED), ("t2", Verdict.NOT_STARTED)]
    assert result.exit_code in {0, 8}


@pytest.mark.row("S3.76")
def test_a_dry_run_shows_the_night_and_writes_nothing(project: Project) -> None:
    project.set_plan(ready_task("t1", "Add a part"), ready_task("low", **{"Alignment score": "50/100"}))
    script = project.script({"t1": GOOD})
    before, refs = checkout(project), project.branches()

    done = project.cli("run", "--dry-run", "--agent", f"scripted:{script}")

    text = done.stdout.decode()
    assert (done.exit_code, done.stderr) == (0, b"")
    assert "1. [t1] Add a part" in text
    assert "passes the policy" in text
    assert "/t1" in text
    assert "PROJECT_PLAN.md:" in text
    assert "task.min_alignment" in text
    assert checkout(project) == before
    assert project.branches() == refs
    assert not project.state.exists()


@pytest.mark.row("S3.84", "users 27")
def test_a_second_night_on_the_same_repository_is_refused(project: Project) -> None:
    from nightshift.errors import LockedError
    from nightshift.records import Lock
    from nightshift.workspace.owner import open_owner

    project.set_plan(ready_task("t1"))
    with (
        Lock(open_owner(project.root).common_dir, environ=project.environ, run="20260102-030405-abcd"),
        pytest.raises(LockedError, match="another night"),
    ):
        project.night({"t1": GOOD})


@pytest.mark.row("S3.85")
def test_a_night_leaves_a_log_for_people_and_one_for_machines(project: Project) -> None:
    project.set_plan(ready_task("t1"))

    result = project.night({"t1": GOOD})

    (folder,) = project.state.glob(f"*/runs/{result.night.run}")
    names = {path.name for path in folder.iterdir()}
    assert {
        "journal.jsonl",
        "night.log",
        "report.json",
        "report.md",
        "t1-1.gate.log",
        "t1-1.prompt.md",
    } <= names
    assert "landed at the first attempt" in (folder / "night.log").read_text()


@pytest.mark.row("S3.58", "promise 3")
def test_a_gate_that_differs_in_the_checkout_is_not_the_one_that_runs(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.write(".ai-validation/check_quality.sh", "#!/bin/sh\nexit 1\n", executable=True)

    assert verdicts(project.night({"t1": GOOD})) == [("t1", Verdict.LANDED)]


@pytest.mark.row("S3.56")
def test_a_gate_that_is_only_in_the_checkout_ends_the_night_with_what_mends_it(project: Project) -> None:
    project.git("rm", "-q", "--cached", ".ai-validation/check_quality.sh")
    project.git("commit", "-q", "-m", "Lose the gate")
    project.git("push", "-q", "origin", "HEAD")

    with pytest.raises(GateError) as caught:
        project.night({"t1": GOOD})

    assert caught.value.exit_code == 4
    assert ".ai-validation/check_quality.sh is not in the base commit" in caught.value.message
    assert "git add .ai-validation/check_quality.sh" in caught.value.tip
