"""The throw-away .git of a folder in the slot: HEAD, index and tags as a build expects them, no remote."""

import shutil
from dataclasses import dataclass
from pathlib import Path

from nightshift.workspace.clear import clear
from nightshift.workspace.vault import COMMITTER, Vault

_BRANCH = "refs/heads/nightshift"


@dataclass(frozen=True, slots=True, kw_only=True)
class DotGit:
    """What a throw-away .git shows: a commit as HEAD, an index, and what git status keeps quiet about."""

    head: str
    index: Path
    quiet: tuple[str, ...] = ()

    def write(self, work_tree: Path, vault: Vault) -> None:
        """Write it into a folder, in place of whatever stands there as .git."""
        folder = work_tree / ".git"
        clear(folder)
        for name in ("objects/info", "objects/pack", "refs/heads", "refs/tags", "info"):
            (folder / name).mkdir(parents=True)
        (folder / "HEAD").write_text(f"ref: {_BRANCH}\n")
        (folder / "config").write_text(_config(vault.object_format))
        (folder / "packed-refs").write_bytes(_packed_refs(vault.packed_tags(self.head)))
        (folder / _BRANCH).write_text(f"{self.head}\n")
        (folder / "objects" / "info" / "alternates").write_text(f"{vault.folder / 'objects'}\n")
        (folder / "info" / "exclude").write_text("".join(f"/{line}\n" for line in map(escaped, self.quiet)))
        if (vault.folder / "shallow").exists():
            shutil.copyfile(vault.folder / "shallow", folder / "shallow")
        shutil.copy2(self.index, folder / "index")


def escaped(path: str) -> str:
    """Spell a path as a gitignore pattern that matches it alone."""
    return "".join(f"\\{char}" if char in "\\*?[]#! " else char for char in path)


def _config(object_format: str) -> str:
    version = 0 if object_format == "sha1" else 1
    lines = [
        "[core]",
        f"\trepositoryformatversion = {version}",
        "\tfilemode = true",
        "\tbare = false",
        "[user]",
        f"\tname = {COMMITTER.name}",
        f"\temail = {COMMITTER.email}",
        "[gc]",
        "\tauto = 0",
    ]
    if object_format != "sha1":
        lines += ["[extensions]", f"\tobjectformat = {object_format}"]
    return "\n".join((*lines, ""))


def _packed_refs(tags: bytes) -> bytes:
    return b"# pack-refs with: peeled fully-peeled sorted \n" + tags
