"""The push: all branches of a night in one call, by address, never with force."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from nightshift.delivery.credentials import last_words
from nightshift.delivery.markdown import one_line
from nightshift.delivery.trouble import PUSH_TROUBLES, understood
from nightshift.errors import DeliveryError
from nightshift.workspace import process
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.owner import Owner
from nightshift.workspace.process import Completed, Ended
from nightshift.workspace.remote import remote_environment

_PREFIX = "nightshift/"
_TIMEOUT_SECONDS = 300.0
_DONE_FLAGS = {" ", "*", "="}


@dataclass(frozen=True, slots=True, kw_only=True)
class PushResult:
    """What the remote now has, and otherwise why not and what to do."""

    pushed: tuple[str, ...] = ()
    error: str | None = None
    hint: str = ""


def push(
    owner: Owner,
    branches: Mapping[str, str],
    *,
    remote: str,
    environ: Mapping[str, str],
    dry_run: bool = False,
    interruption: Interruption | None = None,
    timeout_seconds: float = _TIMEOUT_SECONDS,
) -> PushResult:
    """Push commits to the branches named; with `dry_run` ask the remote, and change nothing."""
    foreign = [name for name in branches if not name.startswith(_PREFIX)]
    if foreign:
        raise DeliveryError(f"only {_PREFIX}* branches are ever pushed, not {one_line(foreign[0])}")
    url = push_url(owner, remote)
    if url is None:
        return PushResult(
            error=f"there is no remote called {remote}",
            hint=f"git remote add {remote} URL, or name another in delivery.remote",
        )
    completed = process.run(
        ["git", *_options(dry_run=dry_run), "--", url, *_refspecs(branches)],
        cwd=owner.root,
        env=remote_environment(owner, environ) | {"GIT_DIR": str(owner.git_dir)},
        timeout_seconds=timeout_seconds,
        interruption=interruption,
    )
    pushed = () if dry_run else _pushed(completed.stdout.decode(errors="replace"), branches)
    return replace(_result(completed, url=url, environ=environ), pushed=pushed)


def push_url(owner: Owner, remote: str) -> str | None:
    """Return the address that a push to this remote goes to."""
    own = owner.git.run("config", "--get", f"remote.{remote}.pushurl", check=False)
    explicit = own.stdout.decode(errors="surrogateescape").strip()
    return explicit or owner.remote_url(remote)


def _options(*, dry_run: bool) -> list[str]:
    return [
        "-c",
        "core.hooksPath=/dev/null",
        "push",
        "--porcelain",
        "--no-progress",
        "--no-follow-tags",
        "--no-signed",
        "--no-verify",
        "--recurse-submodules=no",
        *(["--dry-run"] if dry_run else []),
    ]


def _refspecs(branches: Mapping[str, str]) -> list[str]:
    return [f"{commit}:refs/heads/{name}" for name, commit in branches.items()]


def _result(completed: Completed, *, url: str, environ: Mapping[str, str]) -> PushResult:
    """Say why a push came to nothing, or to less than all."""
    if completed.ok:
        return PushResult()
    match completed.ended:
        case Ended.NOT_STARTED:
            return PushResult(error="git could not be started", hint=one_line(completed.error))
        case Ended.TIMED_OUT:
            error = f"the remote gave no answer within {completed.seconds:.0f} s"
            return PushResult(error=error, hint="check the network, and that nothing asks for a password")
        case Ended.INTERRUPTED:
            return PushResult(error="the push was interrupted")
    return _failed(completed, url=url, environ=environ)


def _failed(completed: Completed, *, url: str, environ: Mapping[str, str]) -> PushResult:
    rows = completed.stdout.decode(errors="replace").splitlines()
    words = "\n".join(
        [*(row for row in rows if row.startswith("!")), completed.stderr.decode(errors="replace")]
    )
    trouble = understood(words, PUSH_TROUBLES)
    if trouble:
        return PushResult(error=trouble.error, hint=trouble.hint)
    said = last_words(words, environ=environ, url=url)
    return PushResult(error=f"git push failed with exit {completed.exit_code}: {said}")


def _pushed(porcelain: str, branches: Iterable[str]) -> tuple[str, ...]:
    """Return those of the branches that the remote now has as we have them."""
    rows = [line.split("\t") for line in porcelain.splitlines() if "\t" in line]
    there = {row[1].partition(":")[2] for row in rows if row[0] in _DONE_FLAGS}
    return tuple(name for name in branches if f"refs/heads/{name}" in there)
