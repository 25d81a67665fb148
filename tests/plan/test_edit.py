import pytest

from nightshift import plan
from nightshift.errors import PlanError
from nightshift.model import Status

MIXED = (
    "\ufeff# Plan ✅\r\n"
    "### Ready for Autonomous Execution\r\n"
    "\r\n"
    "| a | Status: READY |\r\n"
    "→ **[a]** A\r\n"
    "\t- **Status:** ✅ *ready* <!-- Status: READY -->  \r\n"
    "- **[b]** B \0\n"
    "  - Status: Needs approval\r"
    "```\n→ **[a]** A\n  - Status: READY\n```\n"
    "* **[c]** C\n"
    "  - Status:READY"
)


@pytest.mark.row("S3.15", "S3.64")
def test_a_status_is_written_and_every_other_byte_stays() -> None:
    written = plan.write_statuses(
        MIXED.encode(), {"a": Status.DONE, "b": Status.FAILED, "c": Status.NEEDS_APPROVAL}
    )
    assert written.decode() == (
        MIXED.replace("*ready*", "*DONE*")
        .replace("Needs approval", "FAILED")
        .replace("Status:READY", "Status:NEEDS_APPROVAL")
    )
    assert plan.differs_only_in_statuses(MIXED.encode(), written)


@pytest.mark.row("S3.64")
def test_a_task_that_landed_is_done_in_the_owners_plan(owner_plan: bytes) -> None:
    written = plan.write_statuses(owner_plan, {"task_3": Status.DONE, "task_5": Status.FAILED})

    found = plan.parse(written, path="P.md")
    assert [task.status for task in found.tasks[:3]] == [Status.DONE, Status.FAILED, Status.PENDING]
    assert plan.lint(found) == ()
    assert written.replace(b"DONE", b"READY").replace(b"FAILED", b"READY") == owner_plan


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("- **[b]** B\n  - Status: READY\n", id="another id"),
        pytest.param("- **[A]** A\n  - Status: READY\n", id="another case"),
        pytest.param("- **[a]** A\n", id="no status"),
        pytest.param("- **[a]** A\n  - Status:\n", id="an empty status"),
        pytest.param("- **[a]** A\n  - Status: READY (soon)\n", id="an unreadable status"),
        pytest.param("- **[a]** A\n  - Status:\n    READY\n", id="a status on the next line"),
        pytest.param("- **[a]** A\n  - Status: READY\n    or not\n", id="a status that goes on"),
        pytest.param("- **[a]** A\n  - Status: READY\n  - Status: READY\n", id="two of them"),
        pytest.param("- **[a]** A\n  - Status: READY\n- **[a]** A\n  - Status: READY\n", id="two tasks"),
        pytest.param("- **[a]** A\n  - Status: done\n", id="the same, dressed otherwise"),
        pytest.param("- **[a]** A\n  - Status: <!-- x --> READY\n", id="a status behind a comment"),
        pytest.param("- **[a]** A\n  b <!--\nx -->   - Status: READY\n", id="a field behind a comment"),
        pytest.param("```\n- **[a]** A\n  - Status: READY\n```\n", id="an example"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.row("S3.15")
def test_what_does_not_stand_there_is_not_written(text: str) -> None:
    assert plan.write_statuses(text.encode(), {"a": Status.DONE}) == text.encode()


def test_what_is_not_utf_8_is_refused_and_not_mended() -> None:
    with pytest.raises(PlanError, match="not UTF-8"):
        plan.write_statuses(b"\xff", {})


def test_nothing_is_written_for_nobody(owner_plan: bytes) -> None:
    assert plan.write_statuses(owner_plan, {}) == owner_plan


LINE = b"- **[a]** A\n  - Status: READY\n"


@pytest.mark.row("S3.15", "promise 2")
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (LINE, LINE),
        (b"", b""),
        (LINE, LINE.replace(b"READY", b"DONE")),
        (b"  - Status: READY", b"  - Status: FAILED"),
        (
            b"\t* **Status:** \xe2\x9c\x85 **ready** <!-- x -->\r\n",
            b"\t* **Status:** \xe2\x9c\x85 **DONE** <!-- x -->\r\n",
        ),
        (b"- Status: needs approval\r", b"- Status: DONE\r"),
    ],
)
def test_a_difference_in_status_words_alone_is_proved(before: bytes, after: bytes) -> None:
    assert plan.differs_only_in_statuses(before, after)


@pytest.mark.row("S3.15", "promise 2")
@pytest.mark.parametrize(
    "after",
    [
        LINE + b"\n",
        LINE[:-1],
        LINE.replace(b"\n", b"\r\n"),
        LINE.replace(b"READY", b"BLOCKED"),
        LINE.replace(b"READY", b""),
        LINE.replace(b"READY", b"DONE "),
        LINE.replace(b"READY", b"DONE DONE"),
        LINE.replace(b"READY", b" DONE"),
        LINE.replace(b"READY", b"DONE\n"),
        LINE.replace(b"READY", b"DONE <!-- x -->"),
        LINE.replace(b"Status: READY", b"status: DONE"),
        LINE.replace(b"Status: READY", b"Notes: DONE"),
        LINE.replace(b"** A", b"** B"),
        LINE.replace(b"[a]", b"[b]"),
        LINE.replace(b"  - Status", b"  - <!-- a --> Status").replace(b"READY", b"DONE"),
        b"",
    ],
)
def test_any_other_difference_is_seen(after: bytes) -> None:
    assert not plan.differs_only_in_statuses(LINE, after)
    assert not plan.differs_only_in_statuses(after, LINE)


def test_a_status_is_written_as_we_spell_it() -> None:
    assert not plan.differs_only_in_statuses(LINE, LINE.replace(b"READY", b"done"))
    assert plan.differs_only_in_statuses(LINE.replace(b"READY", b"done"), LINE)


def test_a_word_that_was_no_status_is_not_ours_to_change() -> None:
    assert not plan.differs_only_in_statuses(b"- Status: BLOCKED", b"- Status: DONE")
    assert not plan.differs_only_in_statuses(b"- Stage: READY", b"- Stage: DONE")
    assert not plan.differs_only_in_statuses(b"- The status: READY", b"- The status: DONE")


@pytest.mark.parametrize("line", [b"<!--" * 1000, b"status:" * 500, b"<!---->" * 500, b"- " * 2000])
def test_no_line_takes_the_proof_long(line: bytes) -> None:
    assert not plan.differs_only_in_statuses(line + b"1", line + b"2")
