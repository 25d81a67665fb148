"""The blocks of a plan: what markdown-it-py makes of its lines, without their inline markup."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache
from typing import TYPE_CHECKING

from nightshift.plan.source import Source

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token


class Kind(Enum):
    """What a block is; tasks and fields stand in TEXT alone."""

    TEXT = auto()
    HEADING = auto()
    RULE = auto()
    FENCE = auto()
    INDENTED = auto()
    HTML = auto()
    QUOTE = auto()


_KINDS = {
    "inline": Kind.TEXT,
    "heading_open": Kind.HEADING,
    "hr": Kind.RULE,
    "fence": Kind.FENCE,
    "code_block": Kind.INDENTED,
    "html_block": Kind.HTML,
    "blockquote_open": Kind.QUOTE,
}
_CODE = frozenset({Kind.FENCE, Kind.INDENTED})
_OPENS_COMMENT, _CLOSES_COMMENT = "<!--", "-->"
_TAB = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A run of lines of one kind, counted from zero, `end` excluded; `nested` in a list."""

    kind: Kind
    first: int
    end: int
    nested: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a block with its HTML comments blanked out, unless nothing is left; `opens` its block.

    `column` is its indentation with tabs expanded, that of the whole block where lines are not looked at.
    """

    number: int
    text: str
    kind: Kind
    column: int
    opens: bool


def blocks(source: Source) -> Iterator[tuple[Block, tuple[Row, ...]]]:
    """Yield the blocks of a plan in their order; what Markdown does not show is in none of them."""
    for block in _blocks(_markdown().parse("\n".join(source.lines))):
        yield block, tuple(_rows(block, source.lines))


def column_of(text: str) -> int:
    """Measure the indentation of a line."""
    return len(text[: len(text) - len(text.lstrip(" \t"))].expandtabs(_TAB))


@cache
def _markdown() -> "MarkdownIt":
    from markdown_it import MarkdownIt

    markdown = MarkdownIt("commonmark")
    markdown.core.ruler.enableOnly(["normalize", "block"])
    return markdown


def _blocks(tokens: Iterable["Token"]) -> Iterator[Block]:
    remaining = iter(tokens)
    for token in remaining:
        kind = _KINDS.get(token.type)
        if kind is None or token.map is None:
            continue
        first, end = token.map
        yield Block(kind=kind, first=first, end=end, nested=token.level > 0)
        if kind in {Kind.QUOTE, Kind.HEADING}:
            _pass_by(remaining, level=token.level)


def _pass_by(tokens: Iterator["Token"], *, level: int) -> None:
    """Leave out what a block that was just opened holds."""
    next(token for token in tokens if token.nesting < 0 and token.level == level)


def _rows(block: Block, lines: Sequence[str]) -> Iterator[Row]:
    texts: Sequence[str] = lines[block.first : block.end]
    if block.kind not in _CODE:
        texts = _without_comments(texts, to_the_end=block.kind is Kind.HTML)
    whole = None if block.kind is Kind.TEXT else column_of(lines[block.first])
    for offset, text in enumerate(texts):
        if not text.strip() and block.kind not in _CODE:
            continue
        column = column_of(text) if whole is None else whole
        yield Row(number=block.first + offset, text=text, kind=block.kind, column=column, opens=offset == 0)


def _without_comments(texts: Sequence[str], *, to_the_end: bool) -> Sequence[str]:
    """Blank out HTML comments, character for character; an unclosed one only where Markdown hides it."""
    text = "\n".join(texts)
    at = text.find(_OPENS_COMMENT)
    if at < 0:
        return texts
    pieces, kept = [], 0
    while at >= 0:
        # `<!-->` is a whole comment, so its dashes may be shared.
        close = text.find(_CLOSES_COMMENT, at + 2)
        if close < 0 and not to_the_end:
            break
        end = len(text) if close < 0 else close + len(_CLOSES_COMMENT)
        pieces += [text[kept:at], "".join("\n" if char == "\n" else " " for char in text[at:end])]
        at, kept = text.find(_OPENS_COMMENT, end), end
    return ("".join(pieces) + text[kept:]).split("\n")
