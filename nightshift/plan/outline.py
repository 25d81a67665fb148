"""The outline of a plan: which lines belong to which task, and what only looks like one."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nightshift.model import Section
from nightshift.plan import codes
from nightshift.plan.blocks import Block, Kind, Row, blocks
from nightshift.plan.codes import Code
from nightshift.plan.headings import nearest_section, section_of
from nightshift.plan.marks import ALMOST_A_TASK, TASK
from nightshift.plan.source import Source

_HIDDEN = {
    Kind.QUOTE: "it belongs to the block quote above it: put a blank line between",
    Kind.HTML: "it stands in a block of HTML: put a blank line before it",
    Kind.INDENTED: "it is indented like code: move it to the left",
    Kind.HEADING: "it is a heading: take away the # before it, or put a blank line before the rule below it",
}
_HOW = "write it as `→ **[id]** title`, or with `-` or `*` for the arrow"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stray:
    """A line that counts for nothing though it looks as if it should."""

    code: Code
    row: Row
    message: str
    hint: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A task's own line, and every line up to what ends it."""

    section: Section
    head: Row
    mark: re.Match[str]
    rows: list[Row] = field(default_factory=list)


def outline(source: Source) -> tuple[tuple[Draft, ...], tuple[Stray, ...]]:
    """Group the lines of a plan by its tasks; CommonMark's own lists would tear a `→` task apart."""
    walk = _Walk()
    for block, rows in blocks(source):
        walk.block(block, rows)
    return tuple(walk.drafts), tuple(walk.strays)


class _Walk:
    """Where a walk down the plan stands."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.strays: list[Stray] = []
        self._section = Section.OTHER
        self._draft: Draft | None = None

    def block(self, block: Block, rows: tuple[Row, ...]) -> None:
        if block.kind is Kind.HEADING:
            self._heading(block, rows)
        elif block.kind is Kind.RULE:
            self._draft = self._draft if block.nested else None
        elif block.kind is Kind.TEXT:
            for row in rows:
                self._line(row)
        else:
            self._hidden(rows)

    def _heading(self, block: Block, rows: tuple[Row, ...]) -> None:
        text = " ".join(row.text for row in rows)
        section = section_of(text)
        # A heading inside a list may close what is open, but never opens what may run.
        if block.nested and section in {Section.READY, Section.OTHER}:
            self._take(rows)
            return
        self._section, self._draft = section, None
        self.strays.extend(_misread_heading(rows, text))

    def _line(self, row: Row) -> None:
        mark = TASK.match(row.text)
        if mark is not None:
            self._draft = Draft(section=self._section, head=row, mark=mark)
            self.drafts.append(self._draft)
        elif self._is_beside(row) and ALMOST_A_TASK.match(row.text):
            self._stray(row, _HOW)
        else:
            self._take((row,))

    def _hidden(self, rows: tuple[Row, ...]) -> None:
        first = next((row for row in rows if _looks_like_a_task(row)), None)
        if first is None or not self._is_beside(first):
            self._take(rows)
        else:
            self._stray(first, _HIDDEN[first.kind])

    def _is_beside(self, row: Row) -> bool:
        """Tell whether a line is no further in than the task above it."""
        return self._draft is None or row.column <= self._draft.head.column

    def _stray(self, row: Row, hint: str) -> None:
        """Remember a line that is almost a task; what follows it is not the task's above."""
        self.strays.append(_almost(row, hint))
        self._draft = None

    def _take(self, rows: tuple[Row, ...]) -> None:
        if self._draft is not None:
            self._draft.rows.extend(rows)


def _looks_like_a_task(row: Row) -> bool:
    """Leave fences alone, and quotes that are marked as such: those are examples."""
    if row.kind is Kind.FENCE or row.text.lstrip().startswith(">"):
        return False
    return TASK.match(row.text) is not None


def _misread_heading(rows: tuple[Row, ...], text: str) -> Iterator[Stray]:
    near = nearest_section(text)
    if near is not None:
        message = "no task below this heading is run: its name is not known"
        yield Stray(
            code=codes.UNKNOWN_HEADING, row=rows[0], message=message, hint=f"did you mean `{near.value}`?"
        )
    for row in rows:
        if ALMOST_A_TASK.match(row.text.lstrip("# \t")):
            yield _almost(row, _HIDDEN[Kind.HEADING])


def _almost(row: Row, hint: str) -> Stray:
    return Stray(
        code=codes.ALMOST_A_TASK, row=row, message="this line looks like a task, but it is none", hint=hint
    )
