"""What a snapshot changed, as measured."""

from dataclasses import dataclass

from nightshift.model.findings import Violation


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """An added line of a file, without its line ending."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """One path that differs between two trees; modes are git's octal strings, None where absent.

    `path` is decoded as UTF-8 with surrogateescape; `added` and `deleted` count lines, as does
    `added_lines`, which is empty for a binary file; sizes are bytes.
    """

    path: str
    old_mode: str | None = None
    new_mode: str | None = None
    old_blob: str | None = None
    new_blob: str | None = None
    old_size: int = 0
    new_size: int = 0
    binary: bool = False
    added: int = 0
    deleted: int = 0
    added_lines: tuple[Line, ...] = ()

    @property
    def is_added(self) -> bool:
        """The path is new."""
        return self.old_mode is None

    @property
    def is_deleted(self) -> bool:
        """The path is gone."""
        return self.new_mode is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a snapshot changed, measured by git between two trees, never what was claimed."""

    old_tree: str
    new_tree: str
    files: tuple[FileChange, ...] = ()
    unreadable: tuple[Violation, ...] = ()
    """What could not be put into a tree at all: a nested repository, an unreadable file."""

    @property
    def is_empty(self) -> bool:
        """Nothing was changed, and nothing hidden."""
        return not self.files and not self.unreadable

    @property
    def added(self) -> int:
        """Lines added in all files."""
        return sum(file.added for file in self.files)

    @property
    def deleted(self) -> int:
        """Lines deleted in all files."""
        return sum(file.deleted for file in self.files)
