"""What stands in commits and trees, read without a checkout."""

from dataclasses import dataclass

from nightshift.workspace.git import Git


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One path of a tree; `mode` is git's octal string."""

    mode: str
    blob: str


class Objects:
    """Reads commits and trees of one git directory; `tree` may be a commit as well."""

    def __init__(self, git: Git) -> None:
        self._git = git

    def entry(self, tree: str, path: str) -> Entry | None:
        """Return what stands at `path`, None when nothing does."""
        for line in self._git.bytes("ls-tree", "-z", "--full-tree", tree, "--", path).split(b"\0"):
            meta, _, name = line.partition(b"\t")
            if name == path.encode("utf-8", "surrogateescape"):
                mode, _, blob = meta.decode("ascii").split(" ")
                return Entry(mode=mode, blob=blob)
        return None

    def read(self, tree: str, path: str) -> bytes | None:
        """Return the contents of a file, None where there is none."""
        entry = self.entry(tree, path)
        if entry is None or not entry.mode.startswith("100"):
            return None
        return self._git.bytes("cat-file", "blob", entry.blob)

    def paths(self, tree: str) -> tuple[str, ...]:
        """List every file of a tree."""
        listed = self._git.bytes("ls-tree", "-r", "-z", "--name-only", "--full-tree", tree)
        return tuple(path.decode("utf-8", "surrogateescape") for path in listed.split(b"\0") if path)

    def contains(self, ancestor: str, descendant: str) -> bool:
        """Tell whether `ancestor` is reachable from `descendant`; what is not known here is not."""
        return self._git.succeeds("cat-file", "-e", f"{ancestor}^{{commit}}") and self._git.succeeds(
            "merge-base", "--is-ancestor", ancestor, descendant
        )
