from collections.abc import Callable

import pytest

from nightshift import plan
from nightshift.model import DeclaredTests, Place, Plan, Section, Status, Task

Parse = Callable[[str], Plan]


@pytest.mark.row("S3.1", "S3.2", "S3.3", "S3.4", "S3.5", "S3.7")
def test_the_owners_own_plan_is_read_whole(owner_plan: bytes) -> None:
    found = plan.parse(owner_plan, path="PROJECT_PLAN.md")

    first = found.tasks[0]
    assert [task.id for task in found.tasks] == ["task_3", "task_5", "task_4", "task_6", "task_7"]
    assert (first.title, first.section, first.place) == (
        "Add User model with email and password fields",
        Section.READY,
        Place(path="PROJECT_PLAN.md", line=8, column=1),
    )
    assert (first.alignment, first.estimated_lines, first.status) == (95, 10, Status.READY)
    assert first.tests == DeclaredTests(defined=True, paths=("tests/unit/test_models.py",))
    assert first.safety_check == "✅ No dependencies, no DB changes"
    assert first.auto_approved == "2025-10-29 10:00"
    assert first.description == ""
    assert [task.id for task in plan.ready(found)] == ["task_3", "task_5"]


@pytest.mark.row("S3.8", "S3.9")
def test_pending_and_not_ready_tasks_are_read_and_never_run(owner_plan: bytes) -> None:
    found = plan.parse(owner_plan, path="P.md")

    pending, not_ready = found.find("task_4"), found.find("task_7")
    assert pending is not None
    assert (pending.section, pending.status, pending.alignment) == (Section.PENDING, Status.PENDING, 88)
    assert pending.tests == DeclaredTests(defined=False)
    assert not_ready is not None
    assert (not_ready.section, not_ready.status) == (Section.NOT_READY, None)
    assert not_ready.reason == "Requires external credentials"
    assert not_ready.use == "Manual implementation with user supervision"


def test_the_digest_is_that_of_the_bytes() -> None:
    assert plan.parse(b"", path="P.md") == Plan(
        path="P.md", digest="e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )


@pytest.mark.row("S3.1")
@pytest.mark.parametrize(
    "line",
    [
        "→ **[t]** Title",
        "- **[t]** Title",
        "* **[t]** Title",
        "→**[t]** Title",
        "- → **[t]** Title",
        "→ ✅ **[t]** Title",
        "  - 🔥⚠️ **[t]** Title",
        "→ **[t]**: Title",
        "→ **[t]** - Title",
        "→ **[t]** \u2014 Title",
        "→ **[t]**Title  ",
    ],
)
def test_a_task_is_marked_by(ready_plan: Parse, line: str) -> None:
    found = ready_plan(f"{line}\n  - Status: READY\n")
    assert [(task.id, task.title) for task in plan.ready(found)] == [("t", "Title")]


@pytest.mark.row("S3.1", "S3.8", "S3.9")
@pytest.mark.parametrize(
    ("heading", "section"),
    [
        ("### Ready for Autonomous Execution ✅", Section.READY),
        ("# READY FOR AUTONOMOUS EXECUTION", Section.READY),
        ("### ✅ **Ready** for autonomous_execution!", Section.READY),
        ("Ready for\nAutonomous Execution\n===", Section.READY),
        ("### Ready for Autonomous Execution <!-- tonight -->", Section.READY),
        ("### Ready for Auto\u200bnomous Execution", Section.READY),
        ("### Pending Approval ⏳", Section.PENDING),
        ("### Not Ready ❌", Section.NOT_READY),
        ("### Completed", Section.COMPLETED),
        ("### Ready", Section.OTHER),
        ("### Ready for Autonomous Execution (3)", Section.OTHER),
        ("### Not Ready for Autonomous Execution", Section.OTHER),
        ("Ready for Autonomous Execution", Section.OTHER),
        ("> ### Ready for Autonomous Execution", Section.OTHER),
        ("- ### Ready for Autonomous Execution", Section.OTHER),
        ("    ### Ready for Autonomous Execution", Section.OTHER),
        ("### Ready for Autonomous Execution\n#### Backend", Section.OTHER),
        ("### Ready for Autonomous Execution\n- a\n  ### Not ready", Section.NOT_READY),
        ("### Ready for Autonomous Execution\n- a\n  ### Details", Section.READY),
    ],
)
def test_a_heading_is_matched_whole(parsed: Parse, heading: str, section: Section) -> None:
    assert parsed(f"{heading}\n\n- **[t]** Title\n").tasks[0].section is section


@pytest.mark.row("S3.16")
@pytest.mark.parametrize(
    "text",
    [
        "```\n→ **[t]** T\n```\n",
        "~~~~ md\n- **[t]** T\n~~~\n- **[u]** U\n~~~~\n",
        "```\n→ **[t]** T\n",
        "- example:\n  ```\n  - **[t]** T\n  ```\n",
        "    → **[t]** T\n",
        "\t- **[t]** T\n",
        "> → **[t]** T\n",
        "> quoted\n→ **[t]** T\n",
        "> - **[t]** T\n>   - Status: READY\n",
        "<!-- → **[t]** T -->\n",
        "<!--\n\n→ **[t]** T\n\n-->\n",
        "<!--\n\n→ **[t]** T\n",
        "words <!--\n→ **[t]** T\n-->\n",
        "<div>\n→ **[t]** T\n</div>\n",
        "→ **[t](link)** T\n",
        "words → **[t]** T\n",
        "1. - **[t]** T\n",
        "# → **[t]** T\n",
        "→ **[t]** T\n---\n",
        "| → **[t]** T |\n",
        "[x]: → **[t]**\n",
    ],
)
def test_an_example_is_never_a_task(ready_plan: Parse, text: str) -> None:
    assert ready_plan(text).tasks == ()


def test_what_is_nested_too_deep_for_markdown_is_never_a_task(ready_plan: Parse) -> None:
    deep = "".join(f"{'  ' * depth}- a\n" for depth in range(30))
    assert ready_plan(f"{deep}{'  ' * 30}- **[t]** T\n").tasks == ()


def test_an_unclosed_comment_inside_a_paragraph_hides_nothing(ready_plan: Parse) -> None:
    assert [task.id for task in ready_plan("words <!-- open\n→ **[t]** T\n").tasks] == ["t"]


@pytest.mark.row("S3.1")
def test_the_details_of_an_arrow_do_not_merge_with_the_task_below(ready_plan: Parse) -> None:
    found = ready_plan(
        "→ **[a]** A\n  - Status: READY\n  - Priority: P0\n\n"
        "- **[b]** B\n  - Status: PENDING\n  - Priority: P1\n"
        "→ **[c]** C\n→ **[d]** D\n  - Status: DONE\n* **[e]** E\n"
    )
    assert [(task.id, task.status, task.priority) for task in found.tasks] == [
        ("a", Status.READY, 0),
        ("b", Status.PENDING, 1),
        ("c", None, None),
        ("d", Status.DONE, None),
        ("e", None, None),
    ]


@pytest.mark.parametrize(
    "details",
    [
        "  - Status: READY\n  - Priority: 7\n",
        "- Status: READY\n- Priority: 7\n",
        "    - Status: READY\n    - Priority: 7\n",
        "\t- Status: READY\n\t- Priority: 7\n",
        "   - Status: READY\n  - Priority: 7\n",
        "\n  - Status: READY\n\n  - Priority: 7\n",
        "  * Status: READY\n  + Priority: 7\n",
        "  1. Status: READY\n  2. Priority: 7\n",
        "  • Status: READY\n  • Priority: 7\n",
        "  - **Status:** READY\n  - **Priority**: 7\n",
        "  - `Status`: `READY`\n  - _Priority:_ 7\n",
        "  - 🚦 STATUS :READY\n  - priority:   7  \n",
        "\nAbout it.\n\n  - Status: READY\n  - Priority: 7\n",
        "  About it.\n  - Status: READY <!-- was PENDING -->\n  - Priority: <!-- 3 --> 7\n",
        "  - Status: READY\n  - Priority: 7\n\n---\n\n  - Priority: 8\n",
        "  - Status: READY\n  - Priority: 7\n\nAll tasks:\n\n- Status: PENDING\n",
        "  - Status: READY\n  - Priority: 7\n- something else\n  - Status: PENDING\n",
        "  - Status: READY\n  - Priority: 7\n  - Steps\n    - ***\n    - Priority: 8\n",
        "  - Status: READY\n  - Priority: 7\n  ```\n  - Status: PENDING\n  ```\n",
        "  - Status: READY\n  - Priority: 7\n```\n- Status: PENDING\n```\n",
        "  - Status: READY\n  - Priority: 7\n-> **[b]** B\n  - Status: PENDING\n",
        "  - Status: READY\n    - Status: PENDING\n  - Priority: 7\n",
        "  - Status: READY\n<!-- checked\n\nby me -->\n  - Priority: 7\n",
        "  - Status: READY <!-- checked\n\tby me -->\n  - Priority: 7\n",
    ],
)
@pytest.mark.parametrize("marker", ["→", "-"])
def test_fields_are_found_however_they_are_laid_out(ready_plan: Parse, marker: str, details: str) -> None:
    task = ready_plan(f"{marker} **[t]** Title\n{details}").tasks[0]
    assert (task.status, task.priority) == (Status.READY, 7)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("mark", ["", "\ufeff"], ids=["plain", "byte-order mark"])
def test_line_endings_and_byte_order_mark_change_nothing(owner_plan: bytes, ending: str, mark: str) -> None:
    as_written = plan.parse(owner_plan, path="P.md")
    other = (mark + owner_plan.decode().rstrip("\n").replace("\n", ending)).encode()

    found = plan.parse(other, path="P.md")

    assert found.tasks == as_written.tasks
    assert [task.field_places for task in found.tasks] == [task.field_places for task in as_written.tasks]


def test_a_byte_order_mark_before_the_first_heading_does_not_hide_it(parsed: Parse) -> None:
    (task,) = parsed("\ufeff### Completed\n- **[t]** T\n").tasks
    (first,) = parsed("\ufeff- **[t]** T\n").tasks
    assert (task.section, first.field_places["id"].column) == (Section.COMPLETED, 6)


@pytest.mark.parametrize("odd", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029", "\0"])
def test_only_what_markdown_breaks_at_is_a_line_break(parsed: Parse, odd: str) -> None:
    found = parsed(f"a{odd}b\n### Ready for Autonomous Execution\n- **[t]** a{odd}b\n  - Status: READY\n")
    assert [(task.place.line, task.status) for task in found.tasks] == [(3, Status.READY)]


def test_every_field_has_its_line_and_column(ready_plan: Parse) -> None:
    task = ready_plan(
        "→ 🔥 **[t]** Title\n"
        "\t- Alignment score: 95\n"
        "\t- **Estimated lines:** 10\n"
        "\t- Tests defined: ✅ Yes\n"
        "\t- Safety check: none\n"
        "\t- Status: ✅ READY\n"
        "\t- Priority: P1\n"
        "\t- Depends on: a\n"
        "\t- Files:\n"
        "\t  - src/a.py\n"
        "\t- Timeout: 20m\n"
        "\t- Approved-by: Olive\n"
        "\t- Auto-approved: today\n"
        "\t- Notes: one\n"
        "\t- Reason: two\n"
        "\t- Use: three\n"
        "\tFree text.\n"
    ).tasks[0]
    assert {name: (place.line, place.column) for name, place in task.field_places.items()} == {
        "id": (3, 8),
        "title": (3, 13),
        "alignment": (4, 21),
        "estimated_lines": (5, 25),
        "tests": (6, 19),
        "safety_check": (7, 18),
        "status": (8, 12),
        "priority": (9, 14),
        "depends_on": (10, 16),
        "files": (11, 4),
        "timeout_seconds": (13, 13),
        "approved_by": (14, 17),
        "auto_approved": (15, 19),
        "notes": (16, 11),
        "reason": (17, 12),
        "use": (18, 9),
        "description": (19, 2),
    }
    assert task.place_of("nothing") == task.place == Place(path="P.md", line=3, column=1)
    assert task.files == ("src/a.py",)


def test_free_text_is_the_description_and_comments_are_nobodys(ready_plan: Parse) -> None:
    task = ready_plan(
        "→ **[t]** Title <!-- payment -->\n"
        "  and more of it.\n"
        "  - Status: READY\n"
        "    - not this one\n"
        "  - Keep: it small\n"
        "    - and simple\n"
        "  - Notes: first\n"
        "    second\n"
        "    - third\n"
        "\n"
        "    A paragraph <!-- hidden --> of it.\n"
        "\n"
        "    ```sql\n"
        "    DROP TABLE <!-- kept -->\n"
        "    ```\n"
        "    <!-- payment -->\n"
        "  > quoted\n"
        "\n"
        "Not the task's.\n"
    ).tasks[0]
    assert task.title == "Title"
    assert task.notes == "first second third"
    assert task.description == (
        "and more of it.\n\n"
        "  - not this one\n"
        "- Keep: it small\n"
        "  - and simple\n\n"
        "  A paragraph                 of it.\n\n"
        "  ```sql\n"
        "  DROP TABLE <!-- kept -->\n"
        "  ```\n\n"
        "> quoted"
    )
    assert "payment" not in task.text
    assert task.text.startswith("→ **[t]** Title\n  and more of it.\n  - Status: READY\n")
    assert task.text.endswith("  > quoted")


def test_text_that_is_given_twice_adds_up(a_task: Callable[..., Task]) -> None:
    task = a_task("Notes: one", "Notes: two", "Reason:")
    assert (task.notes, task.reason) == ("one two", None)


def test_a_line_below_a_field_that_is_no_further_in_is_not_its_value(ready_plan: Parse) -> None:
    task = ready_plan("→ **[t]** T\n  - Status: READY\n  Free text.\n").tasks[0]
    assert (task.status, task.description) == (Status.READY, "Free text.")


@pytest.mark.row("S3.10")
def test_a_task_without_a_status_is_not_run(ready_plan: Parse) -> None:
    assert plan.ready(ready_plan("→ **[t]** T\n  - Alignment score: 95\n")) == ()


@pytest.mark.row("S3.8", "S3.9")
@pytest.mark.parametrize("heading", ["Pending Approval", "Not Ready", "Completed", "Ideas", ""])
def test_ready_alone_runs_nothing(parsed: Parse, heading: str) -> None:
    found = parsed(f"### {heading}\n\n→ **[t]** T\n  - Status: READY\n")
    assert (len(found.tasks), plan.ready(found)) == (1, ())


@pytest.mark.row("S3.11")
@pytest.mark.parametrize(
    "task_id",
    [
        "../../x",
        "-rf",
        "",
        " a ",
        "a b",
        "a..b",
        "a.",
        "a.lock",
        ".a",
        "a/b",
        "ä",
        "a\u202eb",
        "a\0b",
        "a" * 62,
        "a" * 5000,
        "[a",
    ],
)
def test_a_malformed_id_is_refused_and_not_dropped(ready_plan: Parse, task_id: str) -> None:
    found = ready_plan(f"→ **[{task_id}]** T\n  - Status: READY\n→ **[good]** T\n  - Status: READY\n")

    assert [[one.rule for one in task.refusals] for task in plan.ready(found)] == [["plan.id"], []]
    assert [(problem.code, problem.place.line, problem.place.column) for problem in found.problems] == [
        ("NS001", 3, 6)
    ]
    assert len(found.tasks[0].id) <= 101


@pytest.mark.parametrize("task_id", ["a", "A", "7", "task_1", "a.b-c_d", "a" * 61, "lock", "a.locks"])
def test_a_well_formed_id_is_not_refused(ready_plan: Parse, task_id: str) -> None:
    task = ready_plan(f"→ **[{task_id}]** T\n").tasks[0]
    assert (task.id, task.refusals) == (task_id, ())


@pytest.mark.row("S3.11")
def test_all_of_several_tasks_with_one_id_are_refused(parsed: Parse) -> None:
    found = parsed(
        "### Ready for Autonomous Execution\n→ **[a]** A\n→ **[b]** B\n→ **[A]** A\n"
        "### Completed\n→ **[a]** A\n"
    )
    assert [[one.rule for one in task.refusals] for task in found.tasks] == [
        ["plan.id"],
        [],
        ["plan.id"],
        ["plan.id"],
    ]
    assert [(problem.code, problem.place.line) for problem in found.problems] == [
        ("NS002", 2),
        ("NS002", 4),
        ("NS002", 6),
    ]
    assert "line 4" in found.problems[0].message
    assert "line 2" in found.problems[1].message
