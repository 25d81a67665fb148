"""What differs between two trees, from git's objects alone: no work tree, no attributes, no renames."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from nightshift.model import Change, FileChange, Line, Violation
from nightshift.workspace.git import Git
from nightshift.workspace.hunks import Counted, count_patches, split_lines

_ABSENT = "000000"
_GITLINK = "160000"
_LONGEST_FILE = 2 * 1024 * 1024
_MOST_TEXT = 32 * 1024 * 1024
_DIFF_SECONDS = 600
_DIFF = (
    *("-c", "core.bigFileThreshold=2m"),
    *("diff-tree", "-r", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--full-index"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """One line of a raw diff; modes and blobs are None where the path is absent."""

    path: str
    old_mode: str | None
    new_mode: str | None
    old_blob: str | None
    new_blob: str | None
    status: str

    @property
    def blobs(self) -> tuple[str, ...]:
        """The blobs of both sides; a submodule's commit is none."""
        sides = ((self.old_mode, self.old_blob), (self.new_mode, self.new_blob))
        return tuple(blob for mode, blob in sides if blob is not None and mode != _GITLINK)


def measure(git: Git, *, old_tree: str, new_tree: str, unreadable: tuple[Violation, ...] = ()) -> Change:
    """Measure what changed between two trees; a file past 2 MiB, or text past 32 MiB in all, is binary."""
    pairs = tuple(_pairs(git, old_tree, new_tree))
    sizes = _sizes(git, {blob for pair in pairs for blob in pair.blobs})
    texts = _texts(git, pairs, sizes)
    patches = _patches(git, old_tree, new_tree, pairs)
    files = tuple(_file(pair, sizes, texts, patches.get(pair.path)) for pair in pairs)
    return Change(old_tree=old_tree, new_tree=new_tree, files=files, unreadable=unreadable)


def _pairs(git: Git, old_tree: str, new_tree: str) -> Iterator[_Pair]:
    listed = git.bytes(*_DIFF, "-z", "--raw", old_tree, new_tree, timeout_seconds=_DIFF_SECONDS)
    words = listed.decode("utf-8", "surrogateescape").split("\0")
    for meta, path in zip(words[::2], words[1::2], strict=False):
        old_mode, new_mode, old_blob, new_blob, status = meta.removeprefix(":").split(" ")
        yield _Pair(
            path=path,
            old_mode=None if old_mode == _ABSENT else old_mode,
            new_mode=None if new_mode == _ABSENT else new_mode,
            old_blob=None if old_mode == _ABSENT else old_blob,
            new_blob=None if new_mode == _ABSENT else new_blob,
            status=status,
        )


def _sizes(git: Git, blobs: Iterable[str]) -> dict[str, int]:
    """Ask for the size of blobs without reading them."""
    asked = "".join(f"{blob}\n" for blob in sorted(blobs)).encode()
    if not asked:
        return {}
    answers = (
        git.bytes("cat-file", "--batch-check=%(objectname) %(objectsize)", stdin=asked).decode().splitlines()
    )
    return {blob: int(size) for blob, size in (answer.split(" ") for answer in answers)}


def _texts(git: Git, pairs: Iterable[_Pair], sizes: Mapping[str, int]) -> dict[str, bytes]:
    """Read the blobs that are small enough, in the order of paths, while they are so all together."""
    wanted: list[str] = []
    left = _MOST_TEXT
    for blob in dict.fromkeys(blob for pair in pairs for blob in pair.blobs):
        if sizes[blob] <= min(_LONGEST_FILE, left):
            left -= sizes[blob]
            wanted.append(blob)
    return _contents(git, wanted)


def _contents(git: Git, blobs: Sequence[str]) -> dict[str, bytes]:
    if not blobs:
        return {}
    answer = git.bytes("cat-file", "--batch", stdin="".join(f"{blob}\n" for blob in blobs).encode())
    found: dict[str, bytes] = {}
    start = 0
    for blob in blobs:
        header_end = answer.index(b"\n", start)
        size = int(answer[start:header_end].rsplit(b" ", 1)[1])
        found[blob] = answer[header_end + 1 : header_end + 1 + size]
        start = header_end + 1 + size + 1
    return found


def _patches(git: Git, old_tree: str, new_tree: str, pairs: Sequence[_Pair]) -> dict[str, Counted]:
    """Count the lines of the files that both trees have; patches come in the order of the raw diff."""
    modified = [pair.path for pair in pairs if pair.status == "M"]
    if not modified:
        return {}
    patch = git.bytes(
        *_DIFF,
        "-p",
        "-U0",
        "--diff-filter=M",
        "--submodule=short",
        old_tree,
        new_tree,
        timeout_seconds=_DIFF_SECONDS,
    )
    return dict(zip(modified, count_patches(patch), strict=True))


def _file(
    pair: _Pair, sizes: Mapping[str, int], texts: Mapping[str, bytes], patch: Counted | None
) -> FileChange:
    missing = [blob for blob in pair.blobs if blob not in texts]
    binary = bool(missing) or any(b"\0" in texts[blob] for blob in pair.blobs)
    counted = Counted() if binary else _counted(pair, texts, patch)
    return FileChange(
        path=pair.path,
        old_mode=pair.old_mode,
        new_mode=pair.new_mode,
        old_blob=pair.old_blob,
        new_blob=pair.new_blob,
        old_size=sizes.get(pair.old_blob or "", 0),
        new_size=sizes.get(pair.new_blob or "", 0),
        binary=binary,
        added=len(counted.added),
        deleted=counted.deleted,
        added_lines=counted.added,
    )


def _counted(pair: _Pair, texts: Mapping[str, bytes], patch: Counted | None) -> Counted:
    """Count a file's lines; what git shows no patch for is counted as written anew."""
    if pair.old_blob == pair.new_blob or not pair.blobs:
        return Counted()
    if patch is not None and patch != Counted():
        return patch
    old, new = (split_lines(texts.get(blob or "", b"")) for blob in (pair.old_blob, pair.new_blob))
    lines = tuple(Line(number=number, text=text) for number, text in enumerate(new, start=1))
    return Counted(added=lines, deleted=len(old))
