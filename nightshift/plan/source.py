"""The text of a plan, and its lines as Markdown counts them."""

import re
from dataclasses import dataclass

from nightshift.errors import PlanError

LIMIT_BYTES = 5_000_000

# The breaks of CommonMark: str.splitlines knows more of them, and then no line number would agree.
_LINE_BREAK = re.compile(r"\r\n?|\n")
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A plan's text, its lines without their endings, and where in the text each of them starts."""

    text: str
    lines: tuple[str, ...]
    starts: tuple[int, ...]


def read(source: bytes, *, path: str) -> Source:
    """Decode a plan and cut it into lines; PlanError names the first byte that is not UTF-8."""
    if len(source) > LIMIT_BYTES:
        raise too_large(path)
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len(_LINE_BREAK.findall(source[: error.start].decode("utf-8"))) + 1
        raise PlanError(
            f"{path}:{line}: the plan is not UTF-8: byte {source[error.start]:#04x} at offset {error.start}",
            tip="save it as UTF-8; iconv converts files of another encoding",
        ) from error
    breaks = list(_LINE_BREAK.finditer(text))
    starts = [int(text.startswith(_BYTE_ORDER_MARK)), *(found.end() for found in breaks)]
    ends = [*(found.start() for found in breaks), len(text)]
    # As Markdown does; one character for one, so that every column stays.
    shown = text.replace("\0", "\ufffd")
    lines = tuple(shown[start:end] for start, end in zip(starts, ends, strict=True))
    return Source(text=text, lines=lines, starts=tuple(starts))


def too_large(path: str) -> PlanError:
    """Return the refusal of a plan beyond the limit."""
    return PlanError(
        f"{path}: the plan is larger than {LIMIT_BYTES // 1_000_000} MB",
        tip="move what is done to another file",
    )
