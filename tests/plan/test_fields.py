from collections.abc import Callable

import pytest

from nightshift.model import DeclaredTests, Place, Status, Task

Build = Callable[..., Task]
YES, NO = DeclaredTests(defined=True), DeclaredTests(defined=False)


def declared_at(*paths: str) -> DeclaredTests:
    return DeclaredTests(defined=True, paths=paths)


@pytest.mark.row("S3.2")
@pytest.mark.parametrize(
    ("text", "score"),
    [
        ("95/100", 95),
        ("95", 95),
        ("95 / 100", 95),
        ("95%", 95),
        ("✅ **95**/100 (high)", 95),
        ("79.9/100", 79),
        ("0/100", 0),
        ("100", 100),
        ("101", None),
        ("-5", None),
        ("9/10", None),
        ("95/100 80/100", None),
        ("80-95", None),
        ("~~95~~", None),
        ("high", None),
        ("٩٥", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_alignment(a_task: Build, text: str, score: int | None) -> None:
    assert a_task(f"Alignment score: {text}").alignment == score


@pytest.mark.row("S3.3")
@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("10", 10),
        ("~10", 10),
        ("10 lines", 10),
        ("about 10 LOC", 10),
        ("10-15", 15),
        ("10 \u2013 15 lines (with tests)", 15),
        ("15-10", 15),
        ("≤ 30", 30),
        ("0", 0),
        ("-5", None),
        ("10 to", None),
        ("ten", None),
        ("1,000", None),
        ("9" * 5000, None),
    ],
)
def test_estimated_lines(a_task: Build, text: str, lines: int | None) -> None:
    assert a_task(f"Estimated lines: {text}").estimated_lines == lines


@pytest.mark.row("S3.4")
@pytest.mark.parametrize(
    ("text", "declared"),
    [
        ("Yes", YES),
        ("✅ Yes (tests/a.py)", declared_at("tests/a.py")),
        ("Yes (`tests/a.py`, ./tests/b.py)", declared_at("tests/a.py", "tests/b.py")),
        ("yes: tests/a.py tests/b.py", declared_at("tests/a.py", "tests/b.py")),
        ("Yes tests/a.py", declared_at("tests/a.py")),
        ("Yes ([the tests](tests/a.py))", declared_at("tests/a.py")),
        ("Yes (tests/a.py::test_one, tests/a.py::test_two)", declared_at("tests/a.py")),
        ("Yes (they are in test_a.py.)", declared_at("test_a.py")),
        ("Yes (see below)", YES),
        ("tests/a.py, test_b.py", declared_at("tests/a.py", "test_b.py")),
        ("tests/a.py::one tests/a.py::two", declared_at("tests/a.py")),
        ("⏳ Needs definition", NO),
        ("No", NO),
        ("❌ no, not yet", NO),
        ("TBD", NO),
        ("to be defined", NO),
        ("Yes but not all", None),
        ("yesterday", None),
        ("perhaps", None),
        ("perhaps tests/a.py", None),
        ("✅", None),
        ("", None),
    ],
)
def test_tests_defined(a_task: Build, text: str, declared: DeclaredTests | None) -> None:
    assert a_task(f"Tests defined: {text}").tests == declared


@pytest.mark.row("S3.4")
def test_the_tests_may_be_a_list_below(a_task: Build) -> None:
    task = a_task("Tests defined: Yes\n    - tests/a.py\n    - tests/b.py", "Status: READY")
    assert (task.tests, task.status) == (declared_at("tests/a.py", "tests/b.py"), Status.READY)


@pytest.mark.row("S3.6")
@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("READY", Status.READY),
        ("ready", Status.READY),
        ("✅ READY", Status.READY),
        ("**READY**", Status.READY),
        ("__Done__", Status.DONE),
        ("`FAILED`", Status.FAILED),
        ("Needs approval", Status.NEEDS_APPROVAL),
        ("needs-approval", Status.NEEDS_APPROVAL),
        ("NEEDS_APPROVAL", Status.NEEDS_APPROVAL),
        ("PENDING ⏳", Status.PENDING),
        ("NOT READY", None),
        ("READY?", None),
        ("READY (not yet)", None),
        ("READY\n    but not today", None),
        ("~~READY~~", None),
        ("~~READY~~ PENDING", None),
        ("READY PENDING", None),
        ("BLOCKED", None),
        ("", None),
        ("✅", None),
    ],
)
def test_status(a_task: Build, text: str, status: Status | None) -> None:
    assert a_task(f"Status: {text}").status is status


@pytest.mark.parametrize(
    ("text", "priority"),
    [
        ("P0", 0),
        ("p3", 3),
        ("🔥 Critical", 0),
        ("high", 1),
        ("Medium", 2),
        ("low (later)", 3),
        ("7", 7),
        ("-1", -1),
        ("P4", None),
        ("urgent", None),
        ("٣", None),
        ("9" * 5000, None),
    ],
)
def test_priority(a_task: Build, text: str, priority: int | None) -> None:
    assert a_task(f"Priority: {text}").priority == priority


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("20", 1200),
        ("20m", 1200),
        ("20 minutes", 1200),
        ("1h", 3600),
        ("1.5 hours", 5400),
        ("1h 30m", 5400),
        ("1h30", 5400),
        ("90s", 90),
        ("0.5", 30),
        ("20 (at most)", 1200),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("1e9", None),
        ("inf", None),
        ("9" * 5000, None),
        ("", None),
    ],
)
def test_timeout(a_task: Build, text: str, seconds: float | None) -> None:
    assert a_task(f"Timeout: {text}").timeout_seconds == seconds


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("task_1", ("task_1",)),
        ("task_1, task_2 and `task_3`", ("task_1", "task_2", "task_3")),
        ("**[task_1]**; [task_2] (done)", ("task_1", "task_2")),
        ("\n    - task_1\n    - task_2", ("task_1", "task_2")),
        ("task_1, task_1", ("task_1",)),
        ("none", ()),
        ("\u2014", ()),
    ],
)
def test_depends_on(a_task: Build, text: str, ids: tuple[str, ...]) -> None:
    task = a_task(f"Depends on: {text}")
    assert (task.depends_on, task.refusals) == (ids, ())


@pytest.mark.parametrize(
    ("text", "patterns"),
    [
        ("src/a.py", ("src/a.py",)),
        ("src/a.py, `src/b.py`", ("src/a.py", "src/b.py")),
        ("src/a.py src/b.py", ("src/a.py", "src/b.py")),
        ("src/a.py and tests/**", ("src/a.py", "tests/**")),
        ("src/\\*\\*, tests/\\_\\_init\\_\\_.py", ("src/**", "tests/__init__.py")),
        ("`docs/my notes.md`, Makefile", ("docs/my notes.md", "Makefile")),
        ("src/a.py (new); app/(group)/page.tsx", ("src/a.py", "app/(group)/page.tsx")),
        ("\n    - src/a.py\n    - src/b.py", ("src/a.py", "src/b.py")),
        ("src/a.py,\n    src/b.py,", ("src/a.py", "src/b.py")),
        ("src/a.py, src/a.py", ("src/a.py",)),
    ],
)
def test_files(a_task: Build, text: str, patterns: tuple[str, ...]) -> None:
    task = a_task(f"Files: {text}")
    assert (task.files, task.refusals) == (patterns, ())


@pytest.mark.row("S3.5", "S3.7")
@pytest.mark.parametrize(
    ("name", "attribute"),
    [
        ("Safety check", "safety_check"),
        ("Auto-approved", "auto_approved"),
        ("Approved by", "approved_by"),
        ("Notes", "notes"),
        ("reason", "reason"),
        ("USE", "use"),
    ],
)
def test_free_text_is_kept_as_said(a_task: Build, name: str, attribute: str) -> None:
    assert getattr(a_task(f"{name}: ✅ One: `two`\n    three"), attribute) == "✅ One: `two` three"


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param(["Files:"], id="files, empty"),
        pytest.param(["Files: <!-- fill in -->"], id="files, a comment alone"),
        pytest.param(["Files: any"], id="files, any"),
        pytest.param(["Files: src/a.py - the model"], id="files, words between"),
        pytest.param(["Files: ``"], id="files, empty quotes"),
        pytest.param(["Files: a.py", "Files: b.py"], id="files, twice"),
        pytest.param(["File: a.py"], id="files, misspelled"),
        pytest.param(["Scope:\n    - Files: a.py"], id="files, nested"),
        pytest.param(["Depends on:"], id="depends on, empty"),
        pytest.param(["Depends on: task #1"], id="depends on, no ids"),
        pytest.param(["Depends on: and"], id="depends on, no id"),
        pytest.param(["Depends on: ../../x"], id="depends on, malformed"),
        pytest.param(["Dependencies: a"], id="depends on, another name"),
        pytest.param(["Timeout: soon"], id="timeout, unreadable"),
        pytest.param(["Timeout: 20m", "Timeout: 20m"], id="timeout, twice"),
    ],
)
def test_a_limit_that_cannot_be_read_refuses_the_task(a_task: Build, fields: list[str]) -> None:
    task = a_task(*fields)
    assert [refusal.rule for refusal in task.refusals] == ["plan.field"]
    assert (task.files, task.depends_on, task.timeout_seconds) == ((), (), None)


def test_a_limit_written_without_its_bullet_refuses_the_task(a_task: Build) -> None:
    task = a_task("Status: READY\n  Timeout: 20m")
    assert [(refusal.rule, refusal.place) for refusal in task.refusals] == [
        ("plan.field", Place(path="P.md", line=5, column=3))
    ]


def test_a_limit_that_stands_below_the_task_does_not_refuse_it(a_task: Build) -> None:
    assert a_task("Status: READY\n\nTimeout: 20m").refusals == ()


@pytest.mark.parametrize("name", ["Fixes", "Filed", "Profile", "Timing", "Depth", "Note", "http"])
def test_a_point_of_its_own_is_no_misspelled_field(a_task: Build, name: str) -> None:
    task = a_task(f"{name}: 12")
    assert (task.refusals, task.description) == ((), f"- {name}: 12")


def test_a_limit_that_is_given_may_be_spoken_of(a_task: Build) -> None:
    assert a_task("Timeout: 20m", "Steps\n    - Timeout: is fine").refusals == ()
