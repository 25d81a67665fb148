"""Where a night starts: the branch, its commit, and whom that was heard from."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fnmatch import fnmatchcase

from nightshift.errors import RepositoryError
from nightshift.model import Remark
from nightshift.workspace.owner import Owner
from nightshift.workspace.remote import Answer, ask_remote

_HEADS = "refs/heads/"
_USUAL = ("main", "master", "trunk", "develop")


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundBase:
    """The base as found; `url` is where it is to be fetched from, None for the owner's own repository.

    `known` is a commit of that branch which the owner's repository holds already.
    """

    branch: str
    commit: str
    url: str | None
    source: str
    remarks: tuple[Remark, ...] = ()
    known: str | None = None


def find_base(
    owner: Owner,
    *,
    wanted: str | None,
    policy_base: str | None,
    remote: str,
    environ: Mapping[str, str],
    offline: bool,
    local: bool,
) -> FoundBase:
    """Find the branch and commit that a night starts from; RepositoryError when there is none.

    The branch: `wanted`, else the policy's, else the remote's default one, else the current one.
    The commit: the remote's, asked for unless `offline`; with `local`, without a remote or without
    an answer that of the local branch.
    """
    name = wanted or policy_base
    name = name.removeprefix(_HEADS) if name else None
    url = owner.remote_url(remote)
    if url is None:
        return _local(owner, name, source=f"the local branch: there is no remote called {remote}")
    if offline or (local and name):
        return _remembered(owner, name, remote=remote, url=url, local=local)
    answer = ask_remote(owner, url, environ=environ)
    if answer.error is not None:
        return _unreachable(owner, name, remote=remote, why=answer.error)
    chosen = name or _default(owner, answer)
    if local:
        return _local(owner, chosen, source="the local branch, as asked for")
    commit = answer.branches.get(f"{_HEADS}{chosen}") if chosen else None
    if commit is None:
        return _not_there(owner, chosen, remote=remote, answer=answer)
    return _from_remote(owner, str(chosen), commit, remote=remote, url=url)


def remote_branches(
    owner: Owner, *, remote: str, pattern: str, environ: Mapping[str, str]
) -> dict[str, str] | None:
    """Map the remote's branches of matching full names to their commits; None without an answer."""
    url = owner.remote_url(remote)
    answer = ask_remote(owner, url, environ=environ, pattern=pattern) if url else Answer(error="no remote")
    if answer.error is not None:
        return None
    return {name: at for name, at in answer.branches.items() if fnmatchcase(name, pattern)}


def _default(owner: Owner, answer: Answer) -> str | None:
    """Choose the remote's default branch; where its HEAD names none that exists, the likeliest one."""
    current = owner.branch
    names = [name.removeprefix(_HEADS) for name in answer.branches]
    only = names[0] if len(names) == 1 else None
    likely = (answer.default, current, only, *_USUAL)
    return next((name for name in likely if name in names), current)


def _from_remote(owner: Owner, name: str, commit: str, *, remote: str, url: str) -> FoundBase:
    here = owner.commit_of(commit)
    known = here or owner.refs().get(f"refs/remotes/{remote}/{name}")
    return FoundBase(
        branch=name,
        commit=commit,
        url=url,
        source=f"fetched from {remote}",
        remarks=_left_out(owner, name, remote=remote, there=here),
        known=known,
    )


def _left_out(owner: Owner, name: str, *, remote: str, there: str | None) -> tuple[Remark, ...]:
    """Count the owner's commits on the branch that the remote does not have."""
    mine = owner.refs().get(f"{_HEADS}{name}")
    if mine is None or mine == there:
        return ()
    known = [there] if there else [f"--remotes={remote}"]
    count = int(owner.git.line("rev-list", "--count", mine, "--not", *known))
    if count == 0:
        return ()
    commits = "1 commit" if count == 1 else f"{count} commits"
    verb = "is" if count == 1 else "are"
    text = f"{commits} of your local {name} {verb} not on {remote} and not part of this night"
    return (Remark(text=f"{text} (--base-local includes them)", loud=True),)


def _not_there(owner: Owner, name: str | None, *, remote: str, answer: Answer) -> FoundBase:
    """Fall back on a branch that only the owner has."""
    found = _local(owner, name, source=f"the local branch: {remote} does not have it", others=answer)
    what = f"{remote} has no branch {found.branch}" if answer.branches else f"{remote} is empty"
    return replace(found, remarks=(Remark(text=f"{what}: the night starts from the local one", loud=True),))


def _unreachable(owner: Owner, name: str | None, *, remote: str, why: str) -> FoundBase:
    chosen = name or _remembered_default(owner, remote) or owner.branch
    found = _local(owner, chosen, source=f"the local branch: {remote} could not be reached", remote=remote)
    text = f"{remote} could not be reached, so the night starts from what is here: {why}"
    return replace(found, remarks=(Remark(text=text, loud=True),))


def _remembered(owner: Owner, name: str | None, *, remote: str, url: str, local: bool) -> FoundBase:
    """Say what is known without asking: where the remote's branch stood when it was last fetched."""
    chosen = name or _remembered_default(owner, remote) or owner.branch
    commit = None if local else owner.refs().get(f"refs/remotes/{remote}/{chosen}")
    if commit is None:
        return _local(owner, chosen, source="the local branch; the remote was not asked")
    return FoundBase(
        branch=str(chosen),
        commit=commit,
        url=url,
        source=f"{remote}/{chosen} as last fetched; the remote was not asked",
        remarks=_left_out(owner, str(chosen), remote=remote, there=commit),
        known=commit,
    )


def _remembered_default(owner: Owner, remote: str) -> str | None:
    completed = owner.git.run("symbolic-ref", "--quiet", f"refs/remotes/{remote}/HEAD", check=False)
    ref = completed.stdout.decode("utf-8", "surrogateescape").strip("\n")
    return ref.removeprefix(f"refs/remotes/{remote}/") if completed.ok else None


def _local(
    owner: Owner, name: str | None, *, source: str, remote: str | None = None, others: Answer | None = None
) -> FoundBase:
    """Take the owner's own branch; with `remote` what was last fetched of it will do as well."""
    name = name or owner.branch
    if name is None:
        raise RepositoryError(
            "HEAD is detached and no other branch is known, so there is nothing to start from",
            tip="name a branch with --base BRANCH",
        )
    refs = owner.refs()
    commit = refs.get(f"{_HEADS}{name}") or (refs.get(f"refs/remotes/{remote}/{name}") if remote else None)
    if commit is None:
        raise _no_branch(owner, name, others)
    return FoundBase(branch=name, commit=commit, url=None, source=source, known=commit)


def _no_branch(owner: Owner, name: str, others: Answer | None) -> RepositoryError:
    known = {ref.removeprefix(_HEADS) for ref in (*owner.branches(), *(others.branches if others else ()))}
    near = get_close_matches(name, sorted(known), n=3)
    tip = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(sorted(known)[:10])}"
    return RepositoryError(f"there is no branch {name}", tip=tip if known else "name one with --base BRANCH")
