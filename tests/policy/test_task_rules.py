"""The judge of what a task declares."""

from dataclasses import replace
from typing import Any

import pytest

from nightshift.model import (
    DeclaredTests,
    Place,
    Policy,
    Section,
    Severity,
    Status,
    Task,
    TaskRules,
    Violation,
)
from nightshift.policy import judge_task, parse
from nightshift.policy.task_rules import is_about_tests

PLAN = "PROJECT_PLAN.md"
GOOD = Task(
    id="task_3",
    title="Add User model with email and password fields",
    section=Section.READY,
    status=Status.READY,
    place=Place(path=PLAN, line=5),
    alignment=95,
    estimated_lines=10,
    tests=DeclaredTests(defined=True, paths=("tests/unit/test_models.py",)),
    safety_check="No dependencies, no DB changes, no payment",
    field_places={"alignment": Place(path=PLAN, line=6), "notes": Place(path=PLAN, line=9)},
)
POLICY = parse(b"task:\n  min_alignment: 80\n  max_estimated_lines: 30\n", path="constraints.yaml")


def rules(task: Task, policy: Policy = POLICY) -> list[str]:
    """Return the names of the rules that a task breaks."""
    return [found.rule for found in judge_task(task, policy).violations]


def but(**fields: Any) -> Task:
    """Return the good task with other fields."""
    return replace(GOOD, **fields)


def test_a_good_task_is_safe() -> None:
    judgement = judge_task(GOOD, POLICY, exists=lambda _: True)
    assert (judgement.safe_for_autonomous, judgement.can_proceed) == (True, True)


NOT_LIFTABLE = {
    "alignment too low": (but(alignment=79), "task.min_alignment"),
    "alignment missing": (but(alignment=None), "task.min_alignment"),
    "estimate missing": (but(estimated_lines=None), "task.max_estimated_lines"),
    "tests missing": (but(tests=None), "task.require_tests"),
    "tests undefined": (but(tests=DeclaredTests(defined=False)), "task.require_tests"),
    "files hopeless": (but(files=("pyproject.toml",)), "task.files"),
    "files outside": (but(files=("lib/app.py", "lib/b.py")), "task.files"),
    "files no pattern": (but(files=("!",)), "task.files"),
    "files climb": (but(files=("../x/y.py",)), "task.files"),
    "the plan itself": (but(files=(PLAN,)), "task.files"),
}


@pytest.mark.row("S3.18", "S3.19", "S3.21")
@pytest.mark.parametrize(("task", "rule"), NOT_LIFTABLE.values(), ids=NOT_LIFTABLE)
def test_this_is_refused_approved_or_not(task: Task, rule: str) -> None:
    judgement = judge_task(replace(task, approved_by="Olive"), POLICY)
    assert {found.rule for found in judgement.blocking} == {rule}
    assert not judge_task(task, POLICY).needs_approval


LIFTABLE = {
    "too many lines": (but(estimated_lines=31), "task.max_estimated_lines"),
    "a word in the title": (but(title="Handle a payment"), "task.forbidden_words"),
    "a word in the description": (but(description="then drop\ntable users"), "task.forbidden_words"),
    "a word in the notes": (but(notes="add dependency httpx"), "task.forbidden_words"),
    "authentication": (but(files=("src/auth/login.py", "src/app.py")), "change.approval_paths"),
}


@pytest.mark.row("S3.19", "S3.22", "S3.43")
@pytest.mark.parametrize(("task", "rule"), LIFTABLE.values(), ids=LIFTABLE)
def test_this_needs_an_approval(task: Task, rule: str) -> None:
    refused, lifted = judge_task(task, POLICY), judge_task(replace(task, approved_by="Olive"), POLICY)
    assert ([found.rule for found in refused.violations], refused.needs_approval) == ([rule], True)
    assert (lifted.can_proceed, lifted.safe_for_autonomous) == (True, False)
    assert lifted.violations[0].severity is Severity.WARNING
    assert lifted.violations[0].message.endswith("; approved by Olive")


def test_an_automatic_approval_lifts_nothing() -> None:
    assert judge_task(but(estimated_lines=31, auto_approved="2025-10-29 10:00"), POLICY).needs_approval


@pytest.mark.row("S3.43")
def test_an_approval_does_not_hide_what_else_is_wrong() -> None:
    judgement = judge_task(but(estimated_lines=31, alignment=10), POLICY)
    assert not judgement.needs_approval


@pytest.mark.row("S3.18", "S3.41")
def test_a_violation_names_both_numbers_the_rule_its_line_and_the_tasks_own_line() -> None:
    (found,) = judge_task(but(alignment=72), POLICY).violations
    assert found.message == (
        "its alignment score is 72; at least 80 is wanted (task.min_alignment, constraints.yaml:2:3)"
    )
    assert (found.place, found.severity) == (Place(path=PLAN, line=6), Severity.ERROR)


def test_a_field_that_is_missing_is_placed_where_the_task_begins() -> None:
    (found,) = judge_task(but(estimated_lines=None), Policy()).violations
    assert found.place == GOOD.place
    assert found.message.endswith("(task.max_estimated_lines, the default)")


@pytest.mark.row("S3.18", "S3.19")
@pytest.mark.parametrize(
    ("task", "policy"),
    [
        (but(alignment=80), POLICY),
        (but(estimated_lines=30), POLICY),
        (but(alignment=0), Policy(task=TaskRules(min_alignment=0))),
        (but(tests=None), Policy(task=TaskRules(require_tests=False))),
        (but(title="Handle a payment"), Policy(task=TaskRules(forbidden_words=()))),
    ],
    ids=["alignment", "lines", "no least alignment", "no tests wanted", "no words"],
)
def test_what_just_fits_is_safe(task: Task, policy: Policy) -> None:
    assert judge_task(task, policy).safe_for_autonomous


@pytest.mark.row("S3.18")
def test_a_missing_score_is_no_zero() -> None:
    assert rules(but(alignment=None), Policy(task=TaskRules(min_alignment=0))) == ["task.min_alignment"]


@pytest.mark.row("S3.23")
def test_a_part_of_a_word_and_the_safety_check_are_no_forbidden_words() -> None:
    assert rules(but(title="Compute the repayment of undeleted files")) == []


@pytest.mark.row("S3.22")
def test_a_forbidden_word_is_placed_in_its_field() -> None:
    (found,) = judge_task(but(notes="use stripe"), POLICY).violations
    assert (found.place, "`stripe`" in found.message) == (Place(path=PLAN, line=9), True)


@pytest.mark.row("S3.21")
@pytest.mark.parametrize(
    "title",
    [
        "Write tests for the parser",
        "Add unit tests",
        "Add missing regression tests to the parser",
        "**Increase** test coverage of src/app.py",
        "Add a test for empty input",
        "Cover the parser with tests",
        "Test that the parser stops",
        "Unit tests for the parser",
        "✅ Extend the test suite",
    ],
)
def test_a_task_about_tests_needs_no_other_tests(title: str) -> None:
    assert rules(but(title=title, tests=None)) == []


@pytest.mark.row("S3.21")
@pytest.mark.parametrize(
    "title",
    ["Add User model", "Add a connection test button", "Contest page", "Remove tests", "Testify in court"],
)
def test_a_task_that_only_mentions_tests_needs_some(title: str) -> None:
    assert not is_about_tests(but(title=title))


def test_a_task_whose_files_are_all_tests_is_about_tests() -> None:
    assert is_about_tests(but(files=("tests/test_a.py", "src/test_b.py")))
    assert not is_about_tests(but(files=("tests/test_a.py", "src/b.py")))


@pytest.mark.row("S3.4", "S3.42")
def test_a_test_file_that_does_not_exist_yet_is_a_remark() -> None:
    judgement = judge_task(GOOD, POLICY, exists=lambda _: False)
    (found,) = judgement.violations
    assert (found.rule, found.severity) == ("task.tests", Severity.WARNING)
    assert (judgement.can_proceed, judgement.safe_for_autonomous) == (True, False)


def test_no_tests_are_looked_for_where_none_are_named() -> None:
    task = but(title="Write tests for x", tests=None)
    assert judge_task(task, POLICY, exists=lambda _: False).safe_for_autonomous


@pytest.mark.parametrize(
    "files",
    [
        ("src/app.py",),
        ("./src/app.py",),
        ("src/**/*.py",),
        ("src",),
        ("src/app",),
        ("tests/",),
        ("app.py",),
        ("lib/[ab].py",),
    ],
)
def test_files_that_a_change_could_touch_are_fine(files: tuple[str, ...]) -> None:
    assert rules(but(files=files)) == []


def test_one_file_among_others_that_may_not_be_changed_is_a_remark() -> None:
    judgement = judge_task(but(files=("src/app.py", "pyproject.toml")), POLICY)
    (found,) = judgement.violations
    assert (found.rule, found.severity, judgement.can_proceed) == ("task.files", Severity.WARNING, True)


@pytest.mark.row("S3.11", "S3.41")
def test_what_the_parser_refused_is_part_of_the_judgement_and_the_gravest_comes_first() -> None:
    refusal = Violation(rule="plan.id", severity=Severity.CRITICAL, message="the id climbs")
    judgement = judge_task(but(alignment=None, refusals=(refusal,)), POLICY)
    assert judgement.violations[0] == refusal
    assert len(judgement.violations) == 2


@pytest.mark.row("S3.42")
def test_safe_is_more_than_being_able_to_proceed() -> None:
    lifted = judge_task(but(estimated_lines=45, approved_by="Olive"), POLICY)
    assert (lifted.can_proceed, lifted.safe_for_autonomous, lifted.needs_approval) == (True, False, False)
