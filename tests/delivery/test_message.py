import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nightshift.delivery.message import commit_message, status_message, subject, without_markup
from nightshift.model import Status

TITLES = st.text(
    alphabet=st.one_of(st.sampled_from("@#:/-_*`~[]()<>! \n\r\x1bNightshift-Task: x"), st.characters()),
    max_size=120,
)


def trailers(message: str, tmp_path: Path) -> list[str]:
    """Ask git itself what the trailers of a message are."""
    parsed = subprocess.run(
        ["git", "interpret-trailers", "--parse", "--no-divider"],
        input=message.encode(errors="replace"),
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    return parsed.stdout.decode().splitlines()


@pytest.mark.row("S3.61")
def test_a_commit_says_what_was_asked_and_which_gate_it_passed(shapes: Any) -> None:
    task = shapes.task(
        title="Add **User** model with `email` and password fields",
        description="The model lives in src/models.py.\nSee [the note](docs/n.md).",
    )

    message = commit_message(shapes.night(), task, 2, shapes.gate())

    assert message == (
        "task_3: Add User model with email and password fields\n"
        "\n"
        f"Asked for in {task.place}:\n"
        "\n"
        "    Add User model with email and password fields\n"
        "    The model lives in src/models.py.\n"
        "    See the note.\n"
        "\n"
        "Nightshift-Run: 20261121-020000-ab12\n"
        "Nightshift-Task: task_3\n"
        "Nightshift-Attempt: 2\n"
        "Nightshift-Gate: 0123456789ab exit 0\n"
    )


@pytest.mark.row("S3.61")
@pytest.mark.parametrize(
    ("title", "clean"),
    [
        pytest.param("Fix the *very* **bad** ***bug***", "Fix the very bad bug", id="emphasis"),
        pytest.param("Use `x` and ``y``", "Use x and y", id="code"),
        pytest.param("_Really_ __fix__ snake_case_name", "Really fix snake_case_name", id="underscores"),
        pytest.param("~~Old~~ new", "Old new", id="struck out"),
        pytest.param("See [docs](http://x/y) ![i](z)", "See docs i", id="links and images"),
        pytest.param("<b>Bold</b> <!-- hidden -->", "Bold", id="HTML"),
        pytest.param("<<b>script>alert", "alert", id="HTML that removing HTML makes"),
        pytest.param("# Title", "Title", id="heading"),
        pytest.param("Fixes #12, acme/widget#3, GH-4", "Fixes 12, acme/widget 3, GH 4", id="issues"),
        pytest.param("Thank @olive", "Thank olive", id="mention"),
        pytest.param(
            "closes https://github.com/o/r/issues/1", "closes github.com/o/r/issues/1", id="address"
        ),
        pytest.param(
            "Compute 2 * 3 with *args, if a < b", "Compute 2 * 3 with *args, if a < b", id="no markup"
        ),
        pytest.param("a\x1b[31mb\u202ec\n d", "abc d", id="control characters"),
    ],
)
def test_a_title_loses_its_markup_and_keeps_its_words(title: str, clean: str) -> None:
    assert without_markup(title) == clean


@pytest.mark.parametrize(
    ("title", "before", "expected"),
    [
        pytest.param("word " * 30, "t1: ", "t1: " + "word " * 12 + "word …", id="cut between words"),
        pytest.param("x" * 100, "t1: ", "t1: " + "x" * 67 + "…", id="cut inside a long word"),
        pytest.param("", "t1: ", "t1", id="empty title"),
        pytest.param("Title", "i" * 61 + ": ", "i" * 61 + ": Title", id="long id"),
    ],
)
def test_a_subject_fits_its_line(title: str, before: str, expected: str) -> None:
    made = subject(title, before=before)

    assert made == expected
    assert len(made) <= 72


def test_a_long_description_is_cut(shapes: Any) -> None:
    task = shapes.task(description="\n".join(f"line {number}" for number in range(50)))

    message = commit_message(shapes.night(), task, 1, shapes.gate())

    assert "    line 7\n    …\n\nNightshift-Run" in message


@pytest.mark.parametrize(
    "forged",
    [
        "Fix\n\nNightshift-Task: other",
        "Nightshift-Gate: 000 exit 0",
        "Fix\r\n\r\nSigned-off-by: Olive <o@example.invalid>",
        "Fix\u2028\u2028Nightshift-Attempt: 9",
    ],
)
@pytest.mark.row("S3.61")
def test_a_title_or_description_forges_no_trailer(shapes: Any, tmp_path: Path, forged: str) -> None:
    task = shapes.task(title=forged, description=f"words\n\n{forged}\n")

    assert trailers(commit_message(shapes.night(), task, 1, shapes.gate()), tmp_path) == [
        "Nightshift-Run: 20261121-020000-ab12",
        "Nightshift-Task: task_3",
        "Nightshift-Attempt: 1",
        "Nightshift-Gate: 0123456789ab exit 0",
    ]


@given(TITLES, TITLES)
def test_only_the_last_paragraph_can_be_read_as_trailers(title: str, description: str) -> None:
    from nightshift.model import GateRun, Place, Section, Task

    task = Task(
        id="t1", title=title, section=Section.READY, place=Place(path="P.md", line=1), description=description
    )
    gate = GateRun(tree="a" * 40, command="gate", passed=True, reason="", exit_code=0)

    class Known:
        run, gate_digest = "20261121-020000-ab12", "0" * 64

    message = commit_message(Known(), task, 1, gate)  # type: ignore[arg-type]  # all that is read of a night

    first, blank, where, *rest = message.split("\n")
    assert len(first) <= 72
    assert (blank, where) == ("", "Asked for in P.md:1:")
    assert all(
        not line or line.startswith("    ") for line in rest[: rest.index("Nightshift-Run: " + Known.run)]
    )
    assert rest[-5:] == [
        "Nightshift-Run: 20261121-020000-ab12",
        "Nightshift-Task: t1",
        "Nightshift-Attempt: 1",
        "Nightshift-Gate: 000000000000 exit 0",
        "",
    ]


@pytest.mark.row("S3.64")
def test_the_commit_that_marks_the_plan_says_what_it_marks(shapes: Any) -> None:
    statuses = {"task_5": Status.FAILED, "task_3": Status.DONE, "task_4": Status.DONE}

    assert status_message(shapes.night(), statuses) == (
        "Mark 3 tasks in PROJECT_PLAN.md\n"
        "\n"
        "Nothing but status words of the plan changes:\n"
        "\n"
        "    DONE: task_3, task_4\n"
        "    FAILED: task_5\n"
        "\n"
        "Nightshift-Run: 20261121-020000-ab12\n"
    )
    assert status_message(shapes.night(), {"t": Status.DONE}).startswith("Mark 1 task in")
