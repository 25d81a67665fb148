import re

from hypothesis import given, settings
from hypothesis import strategies as st

from nightshift import plan
from nightshift.errors import PlanError
from nightshift.model import Severity, Status

HEADINGS = ("Ready for Autonomous Execution ✅", "Pending Approval", "Not Ready", "Completed", "Ideas")
PIECES = st.sampled_from(
    [
        *(f"### {heading}\n" for heading in HEADINGS),
        *(f"{mark} **[{name}]** Title\n" for mark in "→-*" for name in ("a", "b", "c_1", "-rf", "")),
        *(
            f"{pad}- Status: {word}\n"
            for pad in ("", "  ", "\t", "    ")
            for word in ("READY", "Done", "✅ **PENDING**", "x")
        ),
        *(
            f"  - {name}: 1\n"
            for name in ("Files", "Depends on", "Timeout", "Alignment score", "Notes", "Filez")
        ),
        "  - Status: READY <!-- x -->\n",
        "  - Status: <!-- Status: x --> NEEDS_APPROVAL\r\n",
        "  - Status:\n    READY\n",
        "```\n",
        "    code\n",
        "<!--",
        "-->",
        "<div>\n",
        "> ",
        "---\n",
        "===\n",
        "\n",
        "\r\n",
        "\r",
        "\t",
        "  ",
        "\0",
        "\ufeff",
        "\u2028",
        "\u202e",
        "é🔥",
        "word ",
        "- ",
        "| a | b |\n",
    ]
)
ASSEMBLED = st.lists(PIECES | st.text(max_size=5), max_size=40).map("".join)
PLANS = st.text(st.characters(exclude_categories=["Cs"])) | ASSEMBLED
STATUSES = st.dictionaries(st.sampled_from(["a", "b", "c_1", "-rf", "nobody"]), st.sampled_from(Status))


@settings(max_examples=120, deadline=None)
@given(text=PLANS)
def test_parse_and_lint_never_raise_and_every_place_lies_in_the_file(text: str) -> None:
    found = plan.parse(text.encode(), path="P.md")

    lines = re.split("\r\n|\r|\n", text.removeprefix("\ufeff"))
    places = [problem.place for problem in plan.lint(found)]
    places += [place for task in found.tasks for place in (task.place, *task.field_places.values())]
    for place in places:
        assert 1 <= (place.line or 0) <= len(lines)
        assert 1 <= (place.column or 0) <= len(lines[(place.line or 0) - 1]) + 1


@settings(max_examples=60, deadline=None)
@given(source=st.binary(max_size=200))
def test_bytes_are_parsed_or_refused(source: bytes) -> None:
    try:
        plan.parse(source, path="P.md")
    except PlanError as error:
        assert "not UTF-8" in error.message  # noqa: PT017 - either way is right
        return
    source.decode()


@settings(max_examples=120, deadline=None)
@given(text=PLANS, statuses=STATUSES)
def test_writing_changes_status_words_alone(text: str, statuses: dict[str, Status]) -> None:
    before = text.encode()

    after = plan.write_statuses(before, statuses)

    assert plan.differs_only_in_statuses(before, after)
    old, new = plan.parse(before, path="P.md"), plan.parse(after, path="P.md")
    ids = [task.id.casefold() for task in old.tasks]
    for was, now in zip(old.tasks, new.tasks, strict=True):
        writable = was.status is not None and ids.count(was.id.casefold()) == 1
        on_its_line = was.place_of("status").line == now.place_of("status").line
        assert on_its_line
        if now.status is not was.status:
            assert writable
            assert now.status is statuses[was.id]
        assert (now.id, now.title, now.section, now.description) == (
            was.id,
            was.title,
            was.section,
            was.description,
        )
    assert plan.write_statuses(after, statuses) == after


@settings(max_examples=60, deadline=None)
@given(text=PLANS)
def test_writing_nothing_keeps_every_byte(text: str) -> None:
    assert plan.write_statuses(text.encode(), {}) == text.encode()
    assert plan.differs_only_in_statuses(text.encode(), text.encode())


@settings(max_examples=60, deadline=None)
@given(text=PLANS, at=st.integers(min_value=0), extra=st.binary(min_size=1, max_size=3))
def test_an_extra_byte_is_always_seen(text: str, at: int, extra: bytes) -> None:
    before = text.encode()
    at %= len(before) + 1
    after = before[:at] + extra + before[at:]
    if plan.differs_only_in_statuses(before, after):
        # Bytes that turn one status word into another are the only ones that may come.
        assert len(before.split()) == len(after.split())
        assert set(after.split()) - set(before.split()) <= {status.encode() for status in Status}


@settings(max_examples=60, deadline=None)
@given(text=ASSEMBLED)
def test_a_task_that_is_refused_has_an_error_to_read(text: str) -> None:
    found = plan.parse(text.encode(), path="P.md")
    errors = {problem.place for problem in plan.lint(found) if problem.severity is Severity.ERROR}
    for task in plan.ready(found):
        assert {refusal.place for refusal in task.refusals} <= errors
