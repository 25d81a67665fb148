"""The vault's folder: a bare repository whose configuration is ours to the byte."""

import os
from pathlib import Path

from nightshift.workspace.clear import clear
from nightshift.workspace.git import Git


def make(folder: Path, object_format: str, *, home: Path) -> None:
    """Make the folder, or take the one that is there; what stands in it is of our making alone."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for left in (*folder.glob("*.lock"), *folder.glob("refs/**/*.lock")):
        clear(left)
    config = folder / "config"
    if not (folder / "HEAD").exists():
        Git(folder, home=home).run(
            "init", "--quiet", "--bare", "--template=", f"--object-format={object_format}", str(folder)
        )
    if not config.is_file() or config.is_symlink() or config.read_bytes() != configuration(object_format):
        clear(config)
        config.write_bytes(configuration(object_format))
    for planted in ("info", "hooks", "objects/info/alternates", "commondir", "config.worktree"):
        clear(folder / planted)


def format_on_disk(folder: Path) -> str:
    """Read the hash of a vault that is there off its own configuration."""
    try:
        return "sha256" if (folder / "config").read_bytes() == configuration("sha256") else "sha1"
    except OSError:
        return "sha1"


def configuration(object_format: str) -> bytes:
    """Return the whole configuration of a vault: what git would guess of the file system, and no more."""
    lines = ["[core]", "\tfilemode = true", "\tbare = true"]
    if os.uname().sysname == "Darwin":
        lines += ["\tignorecase = true", "\tprecomposeunicode = true"]
    if object_format == "sha1":
        lines.insert(1, "\trepositoryformatversion = 0")
    else:
        lines.insert(1, "\trepositoryformatversion = 1")
        lines += ["[extensions]", f"\tobjectformat = {object_format}"]
    return "\n".join((*lines, "")).encode()
