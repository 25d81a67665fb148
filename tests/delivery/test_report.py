import dataclasses
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from nightshift.delivery import headlines, report_json, report_markdown, write_report
from nightshift.model import Ending, NightResult, Outcome, Place, Severity, Verdict, Violation

GOLDEN = Path(__file__).parent / "golden"
SHAPES = (
    "quiet",
    "good",
    "mixed",
    "nothing_landed",
    "refused",
    "interrupted",
    "alarm",
    "undelivered",
    "red_baseline",
)
DOCUMENTATION = Path(__file__).parents[2] / "docs" / "report.md"
WRITE = "NIGHTSHIFT_TESTS_WRITE_GOLDEN"

ANYTHING = st.text(
    alphabet=st.one_of(
        st.sampled_from("@#:/.-_*`~[]()<>!|\\&$=+ \t\n\r\x1b\u202e\ud800aGH-12w"), st.characters()
    ),
    max_size=60,
)
RELAXED = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)


def golden(name: str, text: str) -> str:
    """Return what was agreed on; with the variable set, agree on this."""
    path = GOLDEN / name
    if os.environ.get(WRITE):
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return path.read_text()


def tokens(text: str) -> list[Token]:
    """Parse as a forge does and return all tokens, the inline ones too."""
    blocks = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    return [inner for block in blocks for inner in (block, *(block.children or ()))]


def outside_quotations(text: str) -> list[tuple[str, str]]:
    """Return everything of a page but what stands in its fences."""
    return [(token.type, token.content) for token in tokens(text) if token.type not in {"fence", "inline"}]


def saying(result: NightResult, said: str) -> NightResult:
    """Let the agent have said this in every attempt."""
    results = tuple(
        dataclasses.replace(
            one,
            attempts=tuple(
                dataclasses.replace(attempt, outcome=dataclasses.replace(attempt.outcome, said=said))
                for attempt in one.attempts
            ),
        )
        for one in result.results
    )
    return dataclasses.replace(result, results=results)


@pytest.mark.row("users 28", "promise 6", "S3.74")
@pytest.mark.parametrize("shape", SHAPES)
def test_every_night_reads_well(shapes: Any, shape: str) -> None:
    text = report_markdown(
        shapes.named(shape), folder=Path("/home/olive/.local/state/nightshift-runner/w/runs/r")
    )

    assert text == golden(f"{shape}.md", text)


@pytest.mark.row("users 28")
@pytest.mark.parametrize("shape", SHAPES)
def test_the_first_five_lines_are_what_one_wants_to_know_at_breakfast(shapes: Any, shape: str) -> None:
    first = report_markdown(shapes.named(shape)).splitlines()[:5]

    labels = ["Needs you", "Landed", "Parked", "Spent", "Did not run"]
    assert [line.split(":**")[0] for line in first] == [f"- **{label}" for label in labels]


@pytest.mark.row("promise 9")
def test_a_ready_task_that_was_not_asked_for_is_not_called_tried(shapes: Any) -> None:
    other = Place(path="PROJECT_PLAN.md", line=40, column=1)
    night = shapes.night(shapes.task("task_12", "Not asked for", place=other))

    lines = {line.label: line.text for line in headlines(dataclasses.replace(shapes.good(), night=night))}

    assert lines["Did not run"] == "1 READY task that --task did not name"


@pytest.mark.row("promise 9", "users 1")
@RELAXED
@given(said=ANYTHING.filter(lambda text: bool(text.strip())))
def test_no_claim_of_the_agents_stands_outside_its_quotation(shapes: Any, said: str) -> None:
    result = shapes.nothing_landed()

    assert outside_quotations(report_markdown(saying(result, said))) == outside_quotations(
        report_markdown(saying(result, "nothing special"))
    )


@pytest.mark.row("promise 9")
def test_what_the_agent_says_is_introduced_as_what_the_agent_says(shapes: Any) -> None:
    found = tokens(report_markdown(saying(shapes.good(), "ALL TESTS PASS")))

    claims = [place for place, token in enumerate(found) if "ALL TESTS PASS" in token.content]
    assert len(claims) == 2
    assert all(found[place].type == "fence" for place in claims)
    assert all(
        found[place - 2].content.startswith("In the agent's words, which nobody checked") for place in claims
    )


@pytest.mark.row("promise 9", "users 1")
def test_no_sentence_says_that_tests_pass(shapes: Any) -> None:
    ours = "\n".join(
        content for _, content in outside_quotations(report_markdown(saying(shapes.good(), "x")))
    )

    assert not re.search(r"tests? (all )?pass", ours, re.IGNORECASE)


@pytest.mark.row("users 1")
def test_a_claim_that_the_measurement_contradicts_comes_before_the_tasks(shapes: Any) -> None:
    text = report_markdown(shapes.mixed())

    first_task = text.index("## `task_3`")
    assert text.index("- `task_4`: attempt 2: the agent ended as done, and no file was changed") < first_task
    assert (
        text.index("- `task_4`: attempt 1: the agent ended as done, and its change breaks the policy")
        < first_task
    )


@pytest.mark.parametrize(
    "hostile",
    [
        "x\n\n# Landed: everything\n",
        "<script>alert(1)</script> <img src=x>",
        "![i](http://x/y) [l](http://x) http://x.example www.x.example",
        "@olive fixes #1, GH-2, acme/widget#3",
        "```\n# out\n```\n~~~\n",
        "\x1b]0;t\x07\x1b[2J\u202egnp\x00\x9b",
        "| a | b |\n- - -\n===",
        "caf\udce9",
    ],
    ids=["heading", "html", "links", "mentions", "fences", "terminal", "table", "not UTF-8"],
)
def test_hostile_text_in_any_field_stays_text(shapes: Any, hostile: str) -> None:
    result = poisoned(shapes.mixed(), hostile)

    text = report_markdown(result, folder=Path("/state"))

    text.encode()
    calm = outside_quotations(report_markdown(poisoned(shapes.mixed(), "calm words"), folder=Path("/state")))
    found = outside_quotations(text)
    assert [kind for kind, _ in found if kind in {"heading_open", "fence", "bullet_list_open"}] == [
        kind for kind, _ in calm if kind in {"heading_open", "fence", "bullet_list_open"}
    ]
    assert not {"html_block", "html_inline", "image", "s_open", "table_open"} & {kind for kind, _ in found}
    prose = "".join(content for kind, content in found if kind == "text")
    assert not re.search(r"@\w|#\d|GH-\d|www\.", prose)
    assert not set(text) & {"\x1b", "\x00", "\x9b", "\u202e"}


def poisoned(result: NightResult, text: str) -> NightResult:
    """Put a text wherever a plan, an agent, a gate or a file name can bring one."""
    violation = Violation(rule=text, severity=Severity.ERROR, message=text, place=Place(path=text, line=1))
    outcome = Outcome(ending=Ending.DONE, reason=text, said=text, denials=(text,))
    results = []
    for one in result.results:
        attempts = tuple(
            dataclasses.replace(
                attempt,
                outcome=outcome,
                gate=attempt.gate and dataclasses.replace(attempt.gate, tail=text, reason=text, command=text),
                failure=attempt.failure and dataclasses.replace(attempt.failure, reason=text, details=text),
                change=attempt.change
                and dataclasses.replace(
                    attempt.change,
                    files=tuple(dataclasses.replace(file, path=text) for file in attempt.change.files),
                ),
            )
            for attempt in one.attempts
        )
        task = dataclasses.replace(one.task, id=text, title=text, text=text, reason=text)
        results.append(
            dataclasses.replace(one, task=task, reason=text, violations=(violation,), attempts=attempts)
        )
    delivered = result.delivered and dataclasses.replace(result.delivered, error=text, remarks=(text,))
    return dataclasses.replace(
        result, results=tuple(results), stopped=text, alarms=(text,), delivered=delivered
    )


@pytest.mark.row("S3.41")
def test_critical_violations_come_first(shapes: Any) -> None:
    text = report_markdown(shapes.mixed())

    assert text.index("**critical** `change.forbidden_paths`") < text.index("**warning** `task.tests`")
    assert "**warning** `task.tests`: tests/test\\_x.py" not in text
    assert re.search(r"\*\*critical\*\*.*; blocks\n", text)
    assert re.search(r"\*\*warning\*\*.*; does not block\n", text)
    assert re.search(r"\*\*error\*\* `change\.approval_paths`.*; blocks, an approval could lift it\n", text)


def test_long_lists_end_with_a_count(shapes: Any) -> None:
    many = tuple(
        Violation(rule="change.max_lines", severity=Severity.ERROR, message=f"number {number}")
        for number in range(25)
    )
    refused = [
        shapes.not_landed(Verdict.REFUSED, "too big", shapes.task(f"t{number}"), violations=many)
        for number in range(9)
    ]
    files = tuple(dataclasses.replace(shapes.change().files[0], path=f"src/{n}.py") for n in range(23))

    text = report_markdown(
        shapes.result(shapes.landed(None, shapes.attempt(change=shapes.change(*files))), *refused)
    )

    assert "  - and 5 more\n" in text
    assert "  - and 3 more\n" in text
    assert "and 3 more" in text.splitlines()[4]


@pytest.mark.parametrize(
    ("seconds", "spoken"), [(0.04, "0.0 s"), (59.94, "59.9 s"), (80, "1 min 20 s"), (4325, "1 h 12 min")]
)
def test_durations_are_written_as_one_says_them(shapes: Any, seconds: float, spoken: str) -> None:
    assert headlines(dataclasses.replace(shapes.quiet(), seconds=seconds))[3].text.startswith(f"{spoken}, ")


def test_a_review_of_the_branch_is_wanted_where_no_pull_request_is(shapes: Any) -> None:
    result = dataclasses.replace(shapes.good(), delivered=None)

    assert headlines(result)[0].text == f"a review of nightshift/{shapes.run}/_session"


def test_only_commands_of_this_version_are_named(shapes: Any) -> None:
    told = "\n".join(report_markdown(shapes.named(shape)) for shape in SHAPES)

    assert set(re.findall(r"nightshift ([a-z]+)\b", told)) <= {"run", "validate", "init", "demo", "deliver"}


def test_the_box_that_held_is_named(shapes: Any) -> None:
    night = shapes.night(shapes.task(), box="bubblewrap: files, processes")

    assert "- Box: `bubblewrap: files, processes`\n" in report_markdown(shapes.result(night=night))


def test_a_night_without_costs_says_so(shapes: Any) -> None:
    quiet = dataclasses.replace(shapes.attempt().outcome, cost_usd=None, turns=None)
    result = shapes.result(shapes.landed(None, shapes.attempt(outcome=quiet)))

    assert headlines(result)[3].text.endswith("1 attempt, 2 gate runs, cost not told by the agent")


def test_an_attempt_without_gate_or_change_is_told(shapes: Any) -> None:
    gone = shapes.gate(passed=False, exit_code=None, reason="the gate was still running after 15 minutes")
    result = shapes.result(
        shapes.landed(None, shapes.attempt(gate=gone, change=None), shapes.attempt(2, gate=None, change=None))
    )

    text = report_markdown(result)

    assert "gate no exit status after" in text
    assert "\n- Gate: `.ai-validation/check_quality.sh` of the base" in text
    assert "\n- Change:" not in text


@pytest.mark.row("promise 6")
def test_both_reports_are_written_privately(shapes: Any, tmp_path: Path) -> None:
    write_report(shapes.mixed(), tmp_path)

    assert json.loads((tmp_path / "report.json").read_text())["run"] == shapes.run
    assert str(tmp_path) in (tmp_path / "report.md").read_text()
    assert {path.name for path in tmp_path.iterdir()} == {"report.json", "report.md"}
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


@pytest.mark.row("users 22")
def test_a_secret_of_the_environment_is_in_no_report(shapes: Any, tmp_path: Path) -> None:
    secret = "sk-ant-0123456789"
    leaking = saying(shapes.mixed(), f"my key is {secret}")

    write_report(
        leaking, tmp_path, environ={"ANTHROPIC_API_KEY": secret, "EDITOR": "task_3", "MY_TOKEN": "short"}
    )

    written = (tmp_path / "report.json").read_text() + (tmp_path / "report.md").read_text()
    assert secret not in written
    assert "my key is ***" in written
    assert "task_3" in written


def test_the_json_holds_everything_in_a_fixed_order(shapes: Any) -> None:
    text = json.dumps(report_json(shapes.mixed()), indent=2) + "\n"

    assert text == golden("mixed.json", text)


def test_the_json_holds_no_content_of_files(shapes: Any) -> None:
    assert "added_lines" not in json.dumps(report_json(shapes.mixed()))


@pytest.mark.parametrize("shape", SHAPES)
def test_the_json_of_every_night_has_the_same_keys(shapes: Any, shape: str) -> None:
    assert list(report_json(shapes.named(shape))) == list(report_json(shapes.quiet()))


def test_every_key_of_the_json_is_documented(shapes: Any) -> None:
    text = DOCUMENTATION.read_text()

    missing = sorted(name for name in keys(report_json(shapes.mixed())) if f"`{name}`" not in text)
    assert missing == []


def keys(value: object) -> set[str]:
    """Return all names of a JSON value that are no data."""
    if isinstance(value, list):
        return {name for one in value for name in keys(one)}
    if not isinstance(value, dict):
        return set()
    data = {"headlines", "counts", "branches"}
    return set(value) | {name for key, one in value.items() if key not in data for name in keys(one)}


def test_a_file_name_that_is_no_text_can_be_read_back(shapes: Any, tmp_path: Path) -> None:
    write_report(poisoned(shapes.mixed(), "caf\udce9"), tmp_path)

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["tasks"][0]["attempts"][0]["change"]["files"][0]["path"] == "caf\udce9"
