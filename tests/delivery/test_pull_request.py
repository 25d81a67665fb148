import dataclasses
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightshift.delivery import pull_request_body, pull_request_title
from nightshift.model import Remark, Verdict

GOLDEN = Path(__file__).parent / "golden"
LIMIT = 65_536
RELAXED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None
)


@pytest.mark.row("S3.72", "S3.80", "promise 9")
@pytest.mark.parametrize("shape", ["good", "mixed"])
def test_the_body_says_what_was_measured(shapes: Any, shape: str) -> None:
    from os import environ

    text = pull_request_body(dataclasses.replace(shapes.named(shape), delivered=None))

    path = GOLDEN / f"{shape}.pull_request.md"
    if environ.get("NIGHTSHIFT_TESTS_WRITE_GOLDEN"):
        path.write_text(text)
    assert text == path.read_text()


@pytest.mark.row("S3.72", "users 25")
def test_the_body_tells_per_task_what_a_reviewer_needs(shapes: Any) -> None:
    text = pull_request_body(shapes.mixed())

    assert "| `task_3` | " + "f" * 40 + " | 2 files, +21 -3 | exit 0, 3.2 s | 1 |" in text
    assert "`git revert " + "f" * 40 + "`" in text
    assert "- Why: the change breaks the policy: the change touches .env" in text
    assert "- `task_1` refused before it started: the plan scores 60, the policy wants 80" in text
    assert "- Box: `none`" in text
    assert "attempt 1: it landed; agent 41.0 s; gate exit 0 after 3.2 s; 7 turns, 0.21 USD" in text
    assert text.endswith(f"\n<!-- nightshift-run: {shapes.run} -->\n")


@pytest.mark.row("S3.72", "users 1", "promise 9")
def test_the_body_holds_no_word_of_the_agents(shapes: Any) -> None:
    text = pull_request_body(shapes.mixed())

    assert "86/86" not in text
    assert "I added the model" not in text
    assert not re.search(r"tests? (all )?pass", text, re.IGNORECASE)


def test_the_body_names_no_path_of_the_owners_machine(shapes: Any) -> None:
    assert "/home/olive" not in pull_request_body(shapes.mixed())


@pytest.mark.row("S3.72", "users 36")
def test_a_title_mentions_closes_and_links_nothing(shapes: Any) -> None:
    text = pull_request_body(shapes.good())

    outside = re.sub(r"```text\n.*?```", "", text, flags=re.DOTALL)
    assert not re.search(r"@olive|#12", outside)
    assert "Write the \\*docs\\* for @\u200bolive, fixes #\u200b12" in outside


@pytest.mark.parametrize(
    ("ids", "title"),
    [
        pytest.param(["task_3"], "task_3: Add User model", id="one task"),
        pytest.param(["a", "b"], "Nightshift: 2 tasks landed: a, b", id="two"),
        pytest.param(
            ["a", "b", "c", "d", "e", "f"], "Nightshift: 6 tasks landed: a, b, c, d and 2 more", id="many"
        ),
    ],
)
def test_the_title_is_one_line(shapes: Any, ids: list[str], title: str) -> None:
    result = shapes.result(*(shapes.landed(shapes.task(task_id)) for task_id in ids))

    assert pull_request_title(result) == title


def test_a_hostile_title_becomes_an_ordinary_one(shapes: Any) -> None:
    task = shapes.task("t1", "Fixes #12\n\x1b[31m`--draft` @olive " + "x" * 300)

    title = pull_request_title(shapes.result(shapes.landed(task)))

    assert title.startswith("t1: Fixes 12 --draft olive xxx")
    assert len(title) == 100


def test_a_night_without_a_status_commit_names_none(shapes: Any) -> None:
    result = shapes.undelivered()

    assert "The last commit" not in pull_request_body(result)
    assert "The last commit" in pull_request_body(shapes.good())


@pytest.mark.row("S3.72", "users 25")
@pytest.mark.parametrize(
    ("tasks", "tail"),
    [
        pytest.param(30, "x" * 20_000, id="long outputs"),
        pytest.param(200, "x" * 5_000, id="many tasks"),
        pytest.param(9, "@😀" * 40_000, id="wide characters"),
        pytest.param(1000, "", id="a thousand"),
    ],
)
def test_the_body_always_fits_and_says_what_is_missing(shapes: Any, tasks: int, tail: str) -> None:
    attempt = shapes.attempt(gate=shapes.gate(tail=tail))
    failed = [
        shapes.not_landed(Verdict.FAILED, "r" * 5000, shapes.task(f"f{n}", "😀" * 900), attempts=(attempt,))
        for n in range(tasks // 10)
    ]
    refused = [shapes.not_landed(Verdict.REFUSED, "no", shapes.task(f"r{n}")) for n in range(tasks)]
    landed = [shapes.landed(shapes.task(f"t{n}", "word " * 200), attempt) for n in range(tasks)]

    text = pull_request_body(shapes.result(*landed, *failed, *refused))

    assert len(text.encode()) <= LIMIT
    assert "This text was shortened to fit" in text
    assert text.endswith(f"<!-- nightshift-run: {shapes.run} -->\n")
    assert text.count("```text\n") * 2 == text.count("```")


def test_five_lines_are_left_when_nothing_else_fits(shapes: Any) -> None:
    monsters = tuple(Remark(text="😀@" * 600) for _ in range(500))
    base = dataclasses.replace(shapes.night().base, source="s", branch="b")
    huge = dataclasses.replace(
        shapes.result(*(shapes.landed(shapes.task("@" * 900)),) * 30), remarks=monsters
    )
    huge = dataclasses.replace(huge, night=dataclasses.replace(huge.night, base=base, remarks=monsters))

    text = pull_request_body(huge)

    assert len(text.encode()) <= LIMIT
    assert "- **Landed:**" in text
    assert text.endswith(f"<!-- nightshift-run: {shapes.run} -->\n")


@pytest.mark.row("S3.72", "users 25")
@RELAXED
@given(
    tail=st.text(max_size=300),
    times=st.integers(min_value=1, max_value=400),
    count=st.integers(min_value=1, max_value=40),
)
def test_no_output_makes_the_body_too_long(shapes: Any, tail: str, times: int, count: int) -> None:
    attempt = shapes.attempt(gate=shapes.gate(tail=tail * times))

    text = pull_request_body(
        shapes.result(*(shapes.landed(shapes.task(f"t{n}"), attempt) for n in range(count)))
    )

    assert len(text.encode()) <= LIMIT
