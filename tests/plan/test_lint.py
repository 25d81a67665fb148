import re
from collections.abc import Callable

import pytest

from nightshift import plan
from nightshift.model import Plan, Section, Severity, Status
from nightshift.plan import codes
from nightshift.templating import template_path

Parse = Callable[[str], Plan]
FULL = "  - Alignment score: 95\n  - Estimated lines: 10\n"
READY = f"{FULL}  - Status: READY\n"


@pytest.mark.row("S3.1", "S3.6")
def test_the_owners_own_plan_is_clean(owner_plan: bytes) -> None:
    assert plan.lint(plan.parse(owner_plan, path="P.md")) == ()


@pytest.mark.row("S3.12")
def test_the_template_is_clean_and_suggests_one_task() -> None:
    found = plan.load(template_path("PROJECT_PLAN.md"))

    assert plan.lint(found) == ()
    assert [(task.section, task.status) for task in found.tasks] == [(Section.PENDING, Status.PENDING)]
    headings = re.findall(r"^### (.*)$", template_path("PROJECT_PLAN.md").read_text(), re.MULTILINE)
    assert [heading.rsplit(" ", 1)[0].casefold() for heading in headings] == [
        Section.READY,
        Section.PENDING,
        Section.NOT_READY,
        Section.COMPLETED,
    ]


@pytest.mark.row("S3.12")
def test_the_templates_task_runs_once_it_is_moved_up_and_filled_in() -> None:
    text = template_path("PROJECT_PLAN.md").read_text(encoding="utf-8")
    task = text[text.index("- **[task_1]**") : text.index("### Not Ready")]
    filled = task.replace("Status: PENDING", "Status: READY").replace(
        "⏳ Needs definition", "Yes (tests/a.py)"
    )
    text = text.replace(task, "").replace("### Pending", f"{filled}### Pending")

    found = plan.parse(text.encode(), path="P.md")

    assert plan.lint(found) == ()
    assert [(task.id, task.refusals) for task in plan.ready(found)] == [("task_1", ())]


@pytest.mark.row("S3.11")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(f"→ **[-rf]** T\n{READY}", ["3:6 NS001 error"], id="malformed id"),
        pytest.param(
            f"→ **[a]** T\n{READY}- **[A]** T\n{READY}",
            ["3:6 NS002 error", "7:6 NS002 error"],
            id="duplicate id",
        ),
        pytest.param(f"→ **[a]**\n{READY}", ["3:10 NS003 error"], id="no title"),
        pytest.param(f"→ **[a]** T\n{FULL}", ["3:1 NS005 warning"], id="no status"),
        pytest.param(f"→ **[a]** T\n{FULL}  - Status: REDY\n", ["6:13 NS006 error"], id="unknown status"),
        pytest.param(f"→ **[a]** T\n{FULL}  - Status:\n", ["6:5 NS006 error"], id="empty status"),
        pytest.param(
            "→ **[a]** T\n  - Alignment score: high\n  - Estimated lines: few\n  - Status: READY\n",
            ["4:22 NS007 error", "5:22 NS007 error"],
            id="unreadable numbers",
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Tests defined: perhaps\n", ["7:20 NS007 error"], id="unreadable tests"
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Priority: urgent\n", ["7:15 NS007 warning"], id="unreadable priority"
        ),
        pytest.param(f"→ **[a]** T\n{READY}  - Files:\n", ["7:5 NS007 error"], id="files left empty"),
        pytest.param(f"→ **[a]** T\n{READY}  - Approved-by:\n", [], id="approval left empty"),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Status: READY\n", ["7:13 NS008 error"], id="status given twice"
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Approved-by: x\n  - Approved-by: y\n",
            ["8:18 NS008 warning"],
            id="approval given twice",
        ),
        pytest.param(
            "→ **[a]** T\n  - Status: READY\n", ["3:1 NS009 error", "3:1 NS010 error"], id="missing numbers"
        ),
        pytest.param(f"→ **[a]** T\n{READY}  - Prioriti: P1\n", ["7:5 NS011 warning"], id="misspelled field"),
        pytest.param(f"→ **[a]** T\n{READY}  - File: a.py\n", ["7:5 NS011 error"], id="misspelled limit"),
        pytest.param(f"→ **[a]** T\n{READY}  - Why: because\n", [], id="a point of its own"),
        pytest.param(f"→ **[a]** T\n{READY}  - Files: a.py\n  - File: b\n", [], id="misspelled and given"),
        pytest.param(
            "→ **[a]** T\n  - Scope:\n    - Status: READY\n",
            ["3:1 NS005 warning", "5:7 NS013 warning"],
            id="nested status",
        ),
        pytest.param(
            f"→ **[a]** T\n{FULL}\nProse.\n\n  Status: READY\n  - Status: READY\n",
            ["3:1 NS005 warning", "10:5 NS013 warning"],
            id="status after the task",
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Scope\n    - Files: a.py\n", ["8:7 NS013 error"], id="nested limit"
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Scope\n    - Notes: x\n", [], id="nested text on which nothing hangs"
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Depends on: b, C\n- **[c]** T\n{READY}",
            ["7:17 NS016 warning", "7:17 NS016 warning"],
            id="unknown dependencies",
        ),
        pytest.param(
            f"→ **[a]** T\n{READY}  - Depends on: c\n- **[c]** T\n{READY}", [], id="known dependency"
        ),
    ],
)
def test_a_task_that_is_about_to_run(ready_plan: Parse, text: str, expected: list[str]) -> None:
    found = plan.lint(ready_plan(text))
    assert [f"{p.place.line}:{p.place.column} {p.code} {p.severity}" for p in found] == expected
    assert all(problem.place.path == "P.md" for problem in found)


@pytest.mark.row("S3.6")
@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize(
    ("heading", "agreeing"),
    [
        ("Ready for Autonomous Execution", {"READY", "DONE", "FAILED", "NEEDS_APPROVAL"}),
        ("Pending Approval", {"PENDING", "NEEDS_APPROVAL"}),
        ("Not Ready", {"PENDING", "FAILED", "NEEDS_APPROVAL"}),
        ("Completed", {"DONE"}),
    ],
)
def test_a_status_agrees_with_its_heading(
    parsed: Parse, heading: str, agreeing: set[str], status: Status
) -> None:
    found = plan.lint(parsed(f"### {heading}\n- **[a]** T\n{FULL}  - Status: {status}\n"))
    expected = [] if status in agreeing else [("NS004", Severity.ERROR, 5, 13)]
    assert [(p.code, p.severity, p.place.line, p.place.column) for p in found] == expected


@pytest.mark.row("S3.10")
def test_a_ready_task_without_a_status_is_a_warning_that_says_so(ready_plan: Parse) -> None:
    (problem,) = plan.lint(ready_plan("→ **[a]** T\n"))
    assert (problem.code, problem.severity) == ("NS005", Severity.WARNING)
    assert "not run" in problem.message


def test_a_ready_task_under_another_heading_is_a_warning(parsed: Parse) -> None:
    found = plan.lint(parsed("### Ready\n- **[a]** T\n  - Status: READY\n- **[b]** T\n  - Status: DONE\n"))
    assert [(p.code, p.severity, p.place.line) for p in found] == [("NS015", Severity.WARNING, 3)]


@pytest.mark.parametrize(
    "text",
    [
        "### Pending Approval\n- **[a]** T\n  - Alignment score: TBD\n  - File: a.py\n",
        "### Not Ready\n- **[a]**\n  - Status: BLOCKED\n  - Files:\n",
        "### Ready for Autonomous Execution\n- **[a]** T\n  - Status: DONE\n  - Estimated lines: ?\n",
        "### Ready for Autonomous Execution\n- **[a]** T\n  - Status: FAILED\n  - Files: a\n  - Files: b\n",
    ],
)
def test_what_does_not_run_gets_warnings(parsed: Parse, text: str) -> None:
    found = plan.lint(parsed(text))
    assert {problem.severity for problem in found} == {Severity.WARNING}


def test_an_unknown_status_below_pending_is_an_error(parsed: Parse) -> None:
    (problem,) = plan.lint(parsed("### Pending Approval\n- **[a]** T\n  - Status: PENDNG\n"))
    assert (problem.severity, problem.hint) == (Severity.ERROR, "did you mean `PENDING`?")


@pytest.mark.row("S3.11")
@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("  - Status: REDY\n", "did you mean `READY`?"),
        ("  - Status: xyzzy\n", "write one of PENDING, READY, DONE, FAILED, NEEDS_APPROVAL"),
        ("  - Status: ~~READY~~\n", "write one of PENDING, READY, DONE, FAILED, NEEDS_APPROVAL"),
        ("  - Estimated line: 1\n", "did you mean `Estimated lines`?"),
        ("  - Score: 1\n", "did you mean `Alignment score`?"),
        ("  - Dependencies: a\n", "did you mean `Depends on`?"),
        ("  - Alignment score: high\n", "write a number from 0 to 100"),
        ("  - Depends on: A\n", "did you mean `a`?"),
    ],
)
def test_a_near_miss_gets_a_suggestion(ready_plan: Parse, text: str, hint: str) -> None:
    hints = [problem.hint for problem in plan.lint(ready_plan(f"→ **[a]** T\n{text}"))]
    assert any(found.startswith(hint) for found in hints)


@pytest.mark.parametrize(
    "line",
    [
        "-> **[a]** T",
        "+ **[a]** T",
        "1. **[a]** T",
        "- [ ] **[a]** T",
        "- ~~**[a]**~~ T",
        "- __[a]__ T",
        "- **[a] T**",
        "**[a]** T",
        "- [task_1] T",
        "# **[a]** T",
        "→ **[a]** T\n---",
        "    → **[a]** T",
        "> quoted\n→ **[a]** T",
        "<div>\n→ **[a]** T\n</div>",
    ],
)
def test_a_line_that_is_almost_a_task_is_named(ready_plan: Parse, line: str) -> None:
    found = ready_plan(f"\n{line}\n")
    assert (found.tasks, [problem.code for problem in plan.lint(found)]) == ((), ["NS012"])


@pytest.mark.parametrize(
    "line",
    [
        "- [ ] something",
        "- [see](link) T",
        "- [see] T",
        "- [1]: T",
        "- **bold** T",
        "- **[link](somewhere)** T",
        "```\n→ **[a]** T\n```",
        "> → **[a]** T",
        "<!-- → **[a]** T -->",
        "→ **[good]** T\n  - Status: DONE\n  - [RFC-1] says so\n  -> **[b]** too",
        "→ **[good]** T\n  - Status: DONE\n\n          → **[a]** code below a field",
    ],
)
def test_what_is_meant_as_it_stands_is_not_named(ready_plan: Parse, line: str) -> None:
    assert plan.lint(ready_plan(f"\n{line}\n")) == ()


def test_what_follows_a_line_that_is_almost_a_task_is_not_the_task_aboves(ready_plan: Parse) -> None:
    found = ready_plan("→ **[a]** T\n-> **[b]** T\n  - Status: READY\n> q\n→ **[c]** T\n  - Status: READY\n")
    assert [(task.id, task.status) for task in found.tasks] == [("a", None)]


@pytest.mark.parametrize(
    ("heading", "hint"),
    [
        ("Ready for Autonomus Execution", "did you mean `ready for autonomous execution`?"),
        ("Ready for Autonomous Execution (3)", "did you mean `ready for autonomous execution`?"),
        ("Complete", "did you mean `completed`?"),
        ("Backlog", None),
        ("Not ready", None),
        ("not ready " * 1000, None),
    ],
)
def test_a_heading_that_is_almost_known_is_named(parsed: Parse, heading: str, hint: str | None) -> None:
    found = plan.lint(parsed(f"## {heading}\n"))
    assert [(problem.code, problem.hint) for problem in found] == ([("NS014", hint)] if hint else [])


def test_findings_come_in_the_order_of_the_lines(ready_plan: Parse) -> None:
    found = plan.lint(ready_plan("→ **[a]** T\n  - Status: READY\n  - Files:\n→ **[-]**\n  - Status: REDY\n"))
    assert [problem.place for problem in found] == sorted(problem.place for problem in found)


@pytest.mark.row("S3.11")
def test_whatever_refuses_a_task_is_an_error_of_the_lint_too(ready_plan: Parse) -> None:
    found = ready_plan(
        f"→ **[-]**\n{READY}  - Files:\n  - Timeout: 1\n  - Timeout: 2\n  - Depends: a\n"
        "→ **[a]** T\n→ **[A]** T\n"
    )
    errors = {problem.place for problem in plan.lint(found) if problem.severity is Severity.ERROR}
    refused = {refusal.place for task in found.tasks for refusal in task.refusals}
    assert len(refused) == 7
    assert refused <= errors


def test_what_the_plan_says_is_shown_short_and_tame(ready_plan: Parse) -> None:
    found = plan.lint(ready_plan(f"→ **[`\x1b[31m\u202e{'x' * 500}]** T\n"))
    shown = f"'[31m{'x' * 55}…"
    assert [problem.message for problem in found] == [
        f"[{shown}] has no status, so it is not run",
        f"the id `{shown}` cannot name a branch",
    ]


def test_every_code_is_in_the_table_once_in_order() -> None:
    assert list(codes.TABLE) == [f"NS{number:03}" for number in range(1, len(codes.TABLE) + 1)]
    assert all(row.code == code and row.explanation.endswith(".") for code, row in codes.TABLE.items())
    named = {name for name, value in vars(codes).items() if isinstance(value, codes.Code)}
    assert len(named) == len(codes.TABLE)
