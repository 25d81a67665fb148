"""How large a change may be: lines of source, lines, files, bytes."""

import re
from collections.abc import Iterator

from nightshift.model import FileChange, Place, Policy, Violation
from nightshift.policy import rulings
from nightshift.policy.kinds import is_docs, is_test
from nightshift.policy.renames import Sorted
from nightshift.policy.rulings import Ruling, found
from nightshift.policy.words import shown

LINE_WIDTH = 400
"""A longer line counts as several, so that one huge line is no way round a budget."""

_HIDDEN_LINE_ENDS = re.compile("[\r\u2028\u2029]")


def added_lines(file: FileChange) -> int:
    """Count the lines a file gains, with long lines and hidden line ends at their true size."""
    counted = sum(_lines_in(line.text) for line in file.added_lines)
    return counted + max(0, file.added - len(file.added_lines))


def budget_violations(change: Sorted, policy: Policy) -> Iterator[Violation]:
    """Yield a violation for each budget a change exceeds; a pure rename is one file and no line."""
    limits = policy.change
    lines = [(file, added_lines(file)) for file in change.others]
    source = [(file, count) for file, count in lines if not (is_test(file.path) or is_docs(file.path))]
    total = [(file, count + file.deleted) for file, count in lines]
    files = len(change.others) + len(change.renames)
    yield from _over(rulings.SOURCE_LINES, source, limits.max_source_lines, policy, "adds {} lines of source")
    yield from _over(rulings.LINES, total, limits.max_lines, policy, "adds and deletes {} lines")
    if files > limits.max_files:
        message = f"the change touches {files} files; at most {limits.max_files} are allowed"
        yield found(rulings.FILE_COUNT, message, policy=policy, place=None)
    yield from _large_files(change, policy)


def _over(
    ruling: Ruling, counts: list[tuple[FileChange, int]], most: int, policy: Policy, verb: str
) -> Iterator[Violation]:
    total = sum(count for _, count in counts)
    if total > most:
        largest = shown(max(counts, key=lambda one: one[1])[0].path)
        message = f"the change {verb.format(total)}, most of them in {largest}; at most {most} are allowed"
        yield found(ruling, message, policy=policy, place=Place(path=largest))


def _large_files(change: Sorted, policy: Policy) -> Iterator[Violation]:
    most = policy.change.max_file_bytes
    for file in change.others:
        # A file that was too large before is the owner's; only what the change itself makes large counts.
        growth = file.new_size - file.old_size
        if file.new_size > most and (file.old_size <= most or growth > most):
            name = shown(file.path)
            message = f"{name} has {file.new_size} bytes; at most {most} are allowed"
            yield found(rulings.FILE_BYTES, message, policy=policy, place=Place(path=name))


def _lines_in(text: str) -> int:
    parts = _HIDDEN_LINE_ENDS.split(text.removesuffix("\r"))
    return sum(max(1, -(-len(part) // LINE_WIDTH)) for part in parts)
