"""A small reader of `diff -U0`: how many lines went, and which came."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nightshift.model import Line

_HUNK = re.compile(rb"@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@")
_ENDS = re.compile(rb"\r\n|\n|\r")
_LONE = re.compile(rb"\r(?!\n|$)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The lines added to a file and how many were deleted; a lone carriage return ends a line as well."""

    added: tuple[Line, ...] = ()
    deleted: int = 0


def count_patches(patch: bytes) -> Iterator[Counted]:
    """Count each file of a patch, in its order; file names are not read, they may be anything."""
    added: list[Line] = []
    deleted = 0
    number = 0
    started = False
    in_hunk = False
    for line in patch.split(b"\n"):
        if line.startswith(b"diff --git "):
            if started:
                yield Counted(added=tuple(added), deleted=deleted)
            added, deleted, started, in_hunk = [], 0, True, False
        elif hunk := _HUNK.match(line):
            number, in_hunk = int(hunk[1]), True
        elif in_hunk and line.startswith(b"+"):
            added += (Line(number=number, text=text) for text in _pieces(line))
            number += 1
        elif in_hunk and line.startswith(b"-"):
            deleted += len(_pieces(line))
    if started:
        yield Counted(added=tuple(added), deleted=deleted)


def split_lines(data: bytes) -> list[str]:
    """Split what a file holds into its lines, without their ends."""
    lines = _ENDS.split(data)
    if lines and not lines[-1]:
        lines.pop()
    return [_text(line) for line in lines]


def _pieces(line: bytes) -> list[str]:
    return [_text(piece) for piece in _LONE.split(line[1:].removesuffix(b"\r"))]


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace")
