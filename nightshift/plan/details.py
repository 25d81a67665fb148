"""The lines of one task, sorted: its fields, and the free text of its description."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from nightshift.plan.blocks import Kind, Row
from nightshift.plan.fields import FIELDS, Field, Shape
from nightshift.plan.marks import FIELD, ITEM, words
from nightshift.plan.outline import Draft

_NESTED = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A line that reads `name: value`, with the columns of both, counted from zero."""

    name: str
    row: Row
    column: int
    value: str
    value_column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A field as written, and the lines of its value."""

    field: Field
    named: Named
    pieces: list[str]

    @property
    def value(self) -> str:
        """The value as one text."""
        return "\n".join(piece for piece in self.pieces if piece)

    @property
    def column(self) -> int:
        """Where its value begins, else its name."""
        return self.named.value_column if self.named.value else self.named.column


@dataclass(slots=True, kw_only=True)
class Details:
    """What a task's lines hold; `rows` are those that are its own."""

    rows: list[Row] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    description: list[Row] = field(default_factory=list)
    unknown: list[Named] = field(default_factory=list)
    misplaced: list[Named] = field(default_factory=list)


def details(draft: Draft) -> Details:
    """Sort the lines of a task up to the first that is no longer its own."""
    sorter = _Sorter(draft.head.column)
    for at, row in enumerate(draft.rows):
        if not sorter.take(row):
            sorter.found.misplaced.extend(_left_over(draft.rows[at:]))
            break
    return sorter.found


def text_of(rows: list[Row]) -> str:
    """Join lines, with an empty one where others were left out between them."""
    lines: list[str] = []
    for before, row in zip([None, *rows], rows, strict=False):
        gap = before is not None and row.number > before.number + 1
        lines += [""] if gap else []
        lines.append(row.text.rstrip())
    return "\n".join(lines)


class _Sorter:
    """Where a walk down the lines of a task stands: the column of its list, and the open item."""

    def __init__(self, head: int) -> None:
        self.found = Details()
        self._head = head
        self._column: int | None = None
        self._item: Entry | None = None
        self._item_column = 0

    def take(self, row: Row) -> bool:
        """Sort one line; False if the task ends above it."""
        item = ITEM.match(row.text) if row.kind is Kind.TEXT else None
        if self._is_outside(row, is_item=item is not None):
            return False
        self.found.rows.append(row)
        if item is None:
            self._line(row)
        elif self._column is None or row.column < self._column + _NESTED:
            self._column = row.column if self._column is None else self._column
            self._open(row, item["text"], item.start("text"))
        else:
            self._nested(row, item["text"], item.start("text"))
        return True

    def _is_outside(self, row: Row, *, is_item: bool) -> bool:
        """Tell whether a line is no further in than the task, once the task's own list has begun."""
        if self._column is None or row.column > self._head:
            return False
        return not is_item or self._column > self._head

    def _open(self, row: Row, text: str, at: int) -> None:
        named = _named(row, text, at)
        if named is None or named.name not in FIELDS:
            self.found.unknown += [named] if named else []
            self._describe(row)
            return
        self._item = Entry(field=FIELDS[named.name], named=named, pieces=[named.value])
        self._item_column = row.column
        self.found.entries.append(self._item)

    def _line(self, row: Row) -> None:
        inside = row.kind is Kind.TEXT and not row.opens and row.column > self._item_column
        if self._item is not None and inside:
            self._item.pieces.append(row.text.strip())
            return
        if row.kind is Kind.TEXT:
            at = len(row.text) - len(row.text.lstrip())
            self.found.misplaced.extend(_known(_named(row, row.text[at:], at)))
        self._describe(row)

    def _nested(self, row: Row, text: str, at: int) -> None:
        self.found.misplaced.extend(_known(_named(row, text, at)))
        if self._item is not None and self._item.field.shape is not Shape.WORD:
            self._item.pieces.append(text.strip())
        else:
            self._describe(row)

    def _describe(self, row: Row) -> None:
        self._item = None
        self.found.description.append(row)


def _named(row: Row, text: str, at: int) -> Named | None:
    match = FIELD.match(text)
    if match is None:
        return None
    return Named(
        name=words(match["name"]),
        row=row,
        column=at + match.start("name"),
        value=match["value"].rstrip(),
        value_column=at + match.start("value"),
    )


def _known(named: Named | None) -> Iterator[Named]:
    """Let through what would have been a field that matters, had it stood elsewhere."""
    if named is not None and named.name in FIELDS and FIELDS[named.name].matters:
        yield named


def _left_over(rows: list[Row]) -> Iterator[Named]:
    for row in rows:
        item = ITEM.match(row.text) if row.kind is Kind.TEXT else None
        if item is not None:
            yield from _known(_named(row, item["text"], item.start("text")))
