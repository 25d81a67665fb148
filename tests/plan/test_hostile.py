import subprocess
import sys
import time

import pytest

from nightshift import plan
from nightshift.model import Status

TASK = "### Ready for Autonomous Execution\n→ **[a]** T\n"
SIZE = 60_000
TASKS = 1_000
FAST_SECONDS = 10


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("→" * SIZE, id="arrows"),
        pytest.param("- " * SIZE, id="dashes"),
        pytest.param("* " * SIZE, id="stars"),
        pytest.param("→ " + "✅ " * SIZE, id="emoji"),
        pytest.param("<!--" * SIZE, id="comments that never end"),
        pytest.param("x <!--" * SIZE, id="comments inside a paragraph"),
        pytest.param("x " + "<!---->" * SIZE, id="comments that end at once"),
        pytest.param("> " * SIZE, id="quotes"),
        pytest.param("`" * SIZE, id="backticks"),
        pytest.param("[" * SIZE, id="brackets"),
        pytest.param("**[" * SIZE, id="ids that never end"),
        pytest.param("\0" * SIZE, id="NUL"),
        pytest.param("\u202e" * SIZE, id="bidi"),
        pytest.param("\r" * SIZE, id="CR"),
        pytest.param("\t" * SIZE + "x", id="tabs"),
        pytest.param("".join("  " * depth + "- a\n" for depth in range(250)), id="nesting"),
        pytest.param("→ **[" + "a" * SIZE + "]** T", id="id"),
        pytest.param(f"→ **[a]** {'x' * SIZE}", id="title"),
        pytest.param("# not ready " * SIZE, id="heading"),
        pytest.param(f"{TASK}  - Files: {' (' * SIZE}", id="parentheses"),
        pytest.param(f"{TASK}  - Files: {'a,' * SIZE}", id="files"),
        pytest.param(f"{TASK}  - Files: {'`' * SIZE}", id="quoted files"),
        pytest.param(f"{TASK}  - Tests defined: {'a' * SIZE}", id="tests"),
        pytest.param(f"{TASK}  - Tests defined: Yes {'a.' * SIZE}", id="dots"),
        pytest.param(f"{TASK}  - Depends on: {'a ' * SIZE}", id="dependencies"),
        pytest.param(f"{TASK}  - Alignment score: {'9' * SIZE}", id="score"),
        pytest.param(f"{TASK}  - Estimated lines: {'9-' * SIZE}", id="estimate"),
        pytest.param(f"{TASK}  - Timeout: {'1h ' * SIZE}", id="timeout"),
        pytest.param(f"{TASK}  - Status: {'READY ' * SIZE}", id="status"),
        pytest.param(f"{TASK}  - Status: {'*' * SIZE}", id="emphasis"),
        pytest.param(f"{TASK}  - {'_' * SIZE}:", id="underscores"),
        pytest.param(f"{TASK}  - {'a ' * SIZE}: x", id="a long name"),
    ],
)
def test_no_line_is_long_enough_to_hold_us_up(text: str) -> None:
    source = text.encode()
    started = time.process_time()

    found = plan.parse(source, path="P.md")
    plan.lint(found)
    plan.write_statuses(source, {"a": Status.DONE})

    assert time.process_time() - started < FAST_SECONDS


@pytest.mark.row("S3.1")
def test_a_thousand_tasks_are_read_linted_and_written_in_seconds(owner_plan: bytes) -> None:
    text = owner_plan.decode()
    task = text[text.index("→ **[task_3]") : text.index("→ **[task_5]")]
    source = (
        "### Ready for Autonomous Execution\n\n"
        + "".join(task.replace("task_3", f"task_{number}") for number in range(TASKS))
    ).encode()
    started = time.process_time()

    found = plan.parse(source, path="P.md")
    problems = plan.lint(found)
    written = plan.write_statuses(source, {task.id: Status.DONE for task in found.tasks})

    assert (len(plan.ready(found)), problems) == (TASKS, ())
    assert written.count(b"Status: DONE") == TASKS
    assert plan.differs_only_in_statuses(source, written)
    assert time.process_time() - started < FAST_SECONDS


def test_a_thousand_tasks_of_one_id_are_all_refused_in_seconds() -> None:
    source = ("### Ready for Autonomous Execution\n" + "- **[a]** T\n" * TASKS).encode()
    started = time.process_time()

    found = plan.parse(source, path="P.md")

    assert all(task.refusals for task in found.tasks)
    assert max(len(problem.message) for problem in found.problems) < 100
    assert time.process_time() - started < FAST_SECONDS


def test_the_door_costs_no_markdown_until_a_plan_is_parsed() -> None:
    asked = "import sys, nightshift.plan; print('markdown_it' in sys.modules)"
    done = subprocess.run([sys.executable, "-I", "-c", asked], capture_output=True, check=True, timeout=60)
    assert done.stdout.strip() == b"False"
