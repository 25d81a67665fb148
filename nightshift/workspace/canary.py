"""The canary: what the owner's repository and configuration mean, before and after."""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nightshift.workspace import process
from nightshift.workspace.environment import scrub_git
from nightshift.workspace.git import LIMIT_BYTES, program, search_path
from nightshift.workspace.owner import Owner

_OURS = ("refs/heads/nightshift/", "refs/nightshift/")
_GUARDED = ("refs/heads/", "refs/tags/", "refs/stash")
_SHOWN = 10
_MOST_FILES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """What changed: alarms end in exit 7 and nothing is pushed, remarks are told."""

    alarms: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """One look at the owner's repository: every ref, and digests by name of what git reads there.

    `guarded` are config, hooks, info and stash, of submodules too, and the owner's git and gh configuration;
    `others` is what owners and their editors change all day: HEAD, index, FETCH_HEAD.
    """

    refs: Mapping[str, str] = field(default_factory=dict)
    guarded: Mapping[str, str] = field(default_factory=dict)
    others: Mapping[str, str] = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    """What git could not be asked for: refs, configuration, stash, HEAD, index."""

    @classmethod
    def take(cls, owner: Owner, environ: Mapping[str, str]) -> "Canary":
        """Look without writing anything; nothing in it takes longer with a larger checkout."""
        settings = _settings(owner, environ)
        asked = {
            "refs": _asked(owner, "for-each-ref", "--format=%(refname) %(objectname)%(symref)"),
            "stash": _stash(owner),
            "HEAD": _asked(owner, "worktree", "list", "--porcelain"),
            "index": _asked(owner, "ls-files", "--stage", "-z"),
        }
        files = dict.fromkeys(
            (
                *_configurations(owner, environ, settings or []),
                *_below(owner.common_dir / "hooks"),
                *_below(owner.common_dir / "info"),
                *_below(owner.git_dir / "info"),
                owner.common_dir / "objects" / "info" / "alternates",
                *_of_submodules(owner.common_dir / "modules"),
                *(
                    path
                    for folder in _hook_folders(owner, environ, settings or [])
                    for path in _below(folder)
                ),
            )
        )
        guarded = {str(path): _digest(path) for path in files}
        others = {"FETCH_HEAD": _digest(owner.git_dir / "FETCH_HEAD")}
        return cls(
            refs=_pairs(asked["refs"] or b""),
            guarded=guarded | {"stash": _sum(asked["stash"] or b"")},
            others=others | {name: _sum(asked[name] or b"") for name in ("HEAD", "index")},
            unread=tuple(
                name for name, answer in (asked | {"configuration": settings}).items() if answer is None
            ),
        )


def compare(before: Canary, after: Canary, *, written: Collection[str], boxed: bool) -> Findings:
    """Tell what changed between two looks; `written` are the refs that nightshift wrote itself.

    An alarm is a ref under our names that we did not write, and outside the box whatever else an
    agent gains by changing: config, hooks, info, branches, tags, stash.
    """
    alarms: list[str] = []
    remarks: list[str] = []
    blind = {*before.unread, *after.unread}
    if blind - set(before.unread):
        what = ", ".join(after.unread)
        (remarks if boxed else alarms).append(f"git cannot read your repository any more ({what})")
    for name, sentence in () if "refs" in blind else _moved(before.refs, after.refs, say=_of_ref):
        if name.startswith(_OURS):
            if name not in written:
                (alarms if name in after.refs else remarks).append(f"{sentence}, which nightshift did not do")
        else:
            (alarms if not boxed and name.startswith(_GUARDED) else remarks).append(sentence)
    (remarks if boxed else alarms).extend(
        line
        for name, line in _moved(before.guarded, _looked_after(before, after), say=_of_file)
        if name not in blind
    )
    remarks.extend(
        line for name, line in _moved(before.others, after.others, say=_of_other) if name not in blind
    )
    return Findings(alarms=_short(alarms), remarks=_short(remarks))


def _looked_after(before: Canary, after: Canary) -> dict[str, str]:
    """Return the later digests, with those of files that git does not name a second time."""
    return {name: _digest(Path(name)) for name in before.guarded} | dict(after.guarded)


def _moved(
    before: Mapping[str, str], after: Mapping[str, str], *, say: Callable[[str, str, str], str]
) -> Iterator[tuple[str, str]]:
    for name in sorted({*before, *after}):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            yield name, say(name, old, new)


def _of_ref(name: str, old: str, new: str) -> str:
    if not old:
        return f"{name} was created at {new[:10]}"
    return f"{name} moved from {old[:10]} to {new[:10]}" if new else f"{name} at {old[:10]} was deleted"


def _of_file(name: str, old: str, new: str) -> str:
    return f"{name} was {'changed' if old and new else 'created' if new else 'removed'}"


def _of_other(name: str, old: str, new: str) -> str:
    return f"{name} of your checkout changed during the night" if old and new else f"{name} came or went"


def _short(lines: list[str]) -> tuple[str, ...]:
    left = len(lines) - _SHOWN
    return (*lines[:_SHOWN], *([f"and {left} more"] if left > 0 else []))


def _pairs(lines: bytes) -> dict[str, str]:
    rows = lines.decode("utf-8", "surrogateescape").splitlines()
    return dict(row.split(" ", 1) for row in rows if " " in row)


def _stash(owner: Owner) -> bytes | None:
    """Return every stash, not only the topmost, which the ref is."""
    topmost = _asked(owner, "for-each-ref", "refs/stash")
    return _asked(owner, "rev-list", "--walk-reflogs", "refs/stash", "--") if topmost else topmost


def _asked(owner: Owner, *args: str) -> bytes | None:
    """Return what git prints, None when it cannot: a broken repository is not the end of the look."""
    completed = owner.git.run(*args, check=False, keep_bytes=LIMIT_BYTES)
    return completed.stdout if completed.ok else None


def _settings(owner: Owner, environ: Mapping[str, str]) -> list[tuple[str, str]] | None:
    """List what git reads in the owner's repository as (origin, setting), None when it cannot."""
    own = dict(environ)
    scrub_git(own)
    completed = process.run(
        [program(), "config", "--list", "-z", "--show-origin", "--includes"],
        cwd=owner.root,
        env=own | {"GIT_DIR": str(owner.git_dir), "PATH": search_path(environ)},
        timeout_seconds=30,
        keep_bytes=4 * 1024 * 1024,
    )
    if not completed.ok:
        return None
    words = completed.stdout.decode("utf-8", "surrogateescape").split("\0")
    return list(zip(words[::2], words[1::2], strict=False))


def _configurations(
    owner: Owner, environ: Mapping[str, str], settings: list[tuple[str, str]]
) -> Iterator[Path]:
    """Name every configuration file that git or gh reads, or would read if it were there."""
    yield from (
        owner.common_dir / "config",
        owner.common_dir / "config.worktree",
        owner.git_dir / "config.worktree",
    )
    yield from sorted((owner.common_dir / "worktrees").glob("*/config.worktree"))
    if home := environ.get("HOME"):
        mine = Path(environ.get("XDG_CONFIG_HOME") or f"{home}/.config")
        gh = Path(environ.get("GH_CONFIG_DIR") or mine / "gh")
        yield from (Path(home) / ".gitconfig", mine / "git" / "config", mine / "git" / "attributes")
        yield from (mine / "git" / "ignore", gh / "hosts.yml", gh / "config.yml")
    for origin, setting in settings:
        file = owner.root / origin.removeprefix("file:")
        key, _, value = setting.partition("\n")
        if origin.startswith("file:"):
            yield Path(os.path.normpath(file))
        if key.lower().startswith("include") and key.lower().endswith(".path"):
            yield Path(os.path.normpath(file.parent / _at_home(value, environ)))


def _hook_folders(
    owner: Owner, environ: Mapping[str, str], settings: list[tuple[str, str]]
) -> Iterator[Path]:
    for _, setting in settings:
        key, _, value = setting.partition("\n")
        if key.lower() == "core.hookspath" and value:
            yield owner.root / _at_home(value, environ)


def _at_home(path: str, environ: Mapping[str, str]) -> str:
    """Spell out the owner's home as git does."""
    return f"{environ.get('HOME', '')}{path[1:]}" if path.startswith("~/") else path


def _of_submodules(modules: Path) -> Iterator[Path]:
    """Name what git runs and reads in the submodules, whose git directories lie within the owner's."""
    for top, folders, files in os.walk(modules):
        folders.sort()
        if "HEAD" in files:
            module = Path(top)
            yield from (module / "config", *_below(module / "hooks"), *_below(module / "info"))
            folders[:] = [name for name in folders if name == "modules"]


def _below(folder: Path) -> Iterator[Path]:
    """Name the files below a folder, so many at most; info/refs is what `git gc` writes."""
    count = 0
    for top, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            count += 1
            if count > _MOST_FILES:
                return
            if (Path(top).name, name) != ("info", "refs"):
                yield Path(top) / name


def _digest(path: Path) -> str:
    """Return what stands for a file's mode and contents, empty where there is none."""
    try:
        mode = path.stat().st_mode
        target = path.readlink() if path.is_symlink() else ""
        return _sum(f"{mode:o} {target} ".encode("utf-8", "surrogateescape") + path.read_bytes())
    except OSError:
        return ""


def _sum(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
