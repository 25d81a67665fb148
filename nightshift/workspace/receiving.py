"""Objects on their way: the base into the vault, and refs of ours into the owner's repository."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from nightshift.errors import RepositoryError
from nightshift.workspace import process
from nightshift.workspace.base import FoundBase
from nightshift.workspace.git import Git, GitError, failed, program
from nightshift.workspace.owner import Owner
from nightshift.workspace.process import Ended
from nightshift.workspace.remote import remote_environment, transport_settings, why

_FETCH_SECONDS = 1800
_BASE = "refs/base/"
_QUIETLY = (
    "--quiet",
    "--no-write-fetch-head",
    "--no-auto-maintenance",
    "--no-recurse-submodules",
    "--refmap=",
    "--no-prune",
)
_OLD_SINS = (
    "badDate",
    "badDateOverflow",
    "badEmail",
    "badTimezone",
    "missingEmail",
    "missingNameBeforeEmail",
    "missingSpaceBeforeDate",
    "missingSpaceBeforeEmail",
    "zeroPaddedDate",
    "zeroPaddedFilemode",
)
"""What old commits of honest repositories break, and what harms nobody."""
_EVERYTHING = ("-c", "fetch.negotiationAlgorithm=noop")
"""A partial clone says it has what it has not, and the check would miss it."""
_CHECKED = tuple(
    word
    for setting in ("fetch.fsckObjects=true", *(f"fetch.fsck.{sin}=ignore" for sin in _OLD_SINS))
    for word in ("-c", setting)
)


class _Store(Protocol):
    """What is needed of the vault."""

    folder: Path
    home: Path

    @property
    def git(self) -> Git: ...


def bring_base(vault: _Store, owner: Owner, found: FoundBase, environ: Mapping[str, str]) -> tuple[str, str]:
    """Fetch the base and the tags that point into it; return whom it came from, and the commit."""
    _forget_tags(vault.git)
    ref = _BASE + found.branch.replace("%", "%25").replace("/", "%2F")  # a and a/b cannot both be refs
    if found.url is None:
        _fetch_locally(vault, owner, found.commit, ref)
        return found.source, found.commit
    if found.known and _saves_a_download(vault, owner, ref):
        with suppress(RepositoryError):
            _fetch_locally(vault, owner, found.known, ref, tags=False)
    trouble = _fetch_remotely(vault, owner, found, ref, environ)
    if trouble is None:
        return found.source, vault.git.line("rev-parse", f"{ref}^{{commit}}")
    _see_whole(vault.git)
    return _instead(vault, owner, found, ref, trouble)


def _saves_a_download(vault: _Store, owner: Owner, ref: str) -> bool:
    """Tell whether the owner's copy is whole, and the vault has none yet."""
    known = vault.git.succeeds("rev-parse", "--verify", "--quiet", ref)
    return not known and not owner.is_shallow and not owner.is_partial


def receive(owner: Owner, vault: Path, refs: Mapping[str, str]) -> None:
    """Fetch commits of the vault into the owner's repository under these names, all of them or none."""
    owner.git.run(
        *_CHECKED,
        *(_EVERYTHING if owner.is_partial else ()),
        "fetch",
        *_QUIETLY,
        "--no-tags",
        "--atomic",
        "--",
        str(vault),
        *(f"{commit}:{ref}" for ref, commit in refs.items()),
        timeout_seconds=_FETCH_SECONDS,
    )


def _forget_tags(git: Git) -> None:
    """Drop all tags, for those of the base to come anew: some may have moved, some be gone."""
    names = git.bytes("for-each-ref", "--format=delete %(refname)", "refs/tags")
    if names:
        git.run("update-ref", "--stdin", stdin=names)


def _fetch_locally(vault: _Store, owner: Owner, commit: str, ref: str, *, tags: bool = True) -> None:
    """Fetch a commit from the owner's own store, which git is told to trust."""
    trust = vault.folder / "trust.config"
    trust.write_text("[safe]\n\tdirectory = *\n")
    try:
        vault.git.run(
            "fetch",
            *_QUIETLY,
            *_depth(vault.git, shallow_source=owner.is_shallow),
            *(() if tags else ("--no-tags",)),
            "--",
            str(owner.common_dir),
            f"+{commit}:{ref}",
            timeout_seconds=_FETCH_SECONDS,
            env={"GIT_CONFIG_GLOBAL": str(trust)},
        )
    except GitError as error:
        if error.tip:
            raise
        raise RepositoryError(
            f"{commit[:10]} cannot be copied out of {owner.root}: {error.message}",
            tip="run git fsck there; a partial clone needs its remote",
        ) from error


def _fetch_remotely(
    vault: _Store, owner: Owner, found: FoundBase, ref: str, environ: Mapping[str, str]
) -> str | None:
    """Fetch with the owner's credentials and configuration; return what went wrong."""
    env = remote_environment(owner, environ)
    completed = process.run(
        [
            program(),
            *("-c", "core.hooksPath=/dev/null", "-c", "gc.auto=0"),
            *("-c", "http.lowSpeedLimit=1000", "-c", "http.lowSpeedTime=60"),
            "fetch",
            *_QUIETLY,
            *_depth(vault.git, shallow_source=False),
            "--",
            str(found.url),
            f"+refs/heads/{found.branch}:{ref}",
        ],
        cwd=vault.folder,
        env=env | transport_settings(owner, env) | {"GIT_DIR": str(vault.folder)},
        timeout_seconds=_FETCH_SECONDS,
        interruption=vault.git.interruption,
    )
    return None if completed.ok else why(completed)


def _depth(git: Git, *, shallow_source: bool) -> tuple[str, ...]:
    """Take what a shallow repository has; make up for it as soon as a whole one is asked."""
    if shallow_source:
        return ("--update-shallow",)
    return ("--unshallow",) if (git.git_dir / "shallow").exists() else ()


def _see_whole(git: Git) -> None:
    """See that it was not the vault that made a fetch fail; GitError when its history has holes."""
    args = ("fsck", "--connectivity-only", "--no-dangling", "--no-progress")
    completed = git.run(*args, timeout_seconds=_FETCH_SECONDS, check=False)
    if completed.ended is Ended.EXITED and not completed.ok:
        raise failed(completed, args)


def _instead(vault: _Store, owner: Owner, found: FoundBase, ref: str, trouble: str) -> tuple[str, str]:
    """Take the commit from the owner's repository when the remote named it but did not give it."""
    commit = found.commit if found.known == found.commit else owner.refs().get(f"refs/heads/{found.branch}")
    if commit is None:
        raise RepositoryError(
            f"{found.branch} could not be fetched, and is not here either: {trouble}",
            tip=f"git fetch in {owner.root}, then try again",
        )
    _fetch_locally(vault, owner, commit, ref)
    if commit == found.commit:
        return f"the owner's copy of what the remote has; fetching failed: {trouble}", commit
    return f"the local branch; fetching failed: {trouble}", commit
