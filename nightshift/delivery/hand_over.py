"""Handing a night over: the push and the pull request, each at most once."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from nightshift.delivery.credentials import without_secrets
from nightshift.delivery.github import open_pull_request
from nightshift.delivery.parcel import Parcel, pack
from nightshift.delivery.pull_request import pull_request_body
from nightshift.delivery.push import PushResult, push, push_url
from nightshift.delivery.report import write_report
from nightshift.model import Delivered, NightResult, Policy
from nightshift.records import Journal, effect, write_atomically
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.owner import Owner


def hand_over(
    result: NightResult,
    *,
    owner: Owner,
    folder: Path,
    environ: Mapping[str, str],
    journal: Journal,
    pull_request: bool,
    interruption: Interruption | None = None,
) -> Delivered:
    """Write report and body into the run's folder, push the night's branches, open the pull request."""
    # Before anything goes out, so that `deliver` can finish a night that dies on the way.
    parcel = lay_ready(result, folder, environ=environ)
    if not parcel.branches:
        return Delivered()
    if parcel.alarms:
        return Delivered(
            error="containment alarm: nothing is handed over before you had a look", command=parcel.command
        )
    return deliver(
        parcel,
        owner=owner,
        environ=environ,
        journal=journal,
        pull_request=pull_request and parcel.wants_pull_request,
        interruption=interruption,
    )


def lay_ready(result: NightResult, folder: Path, *, environ: Mapping[str, str]) -> Parcel:
    """Write what `nightshift deliver` needs to finish this night: the report, and the pull request's body."""
    clean = without_secrets(result, environ=environ)
    parcel = pack(clean, folder)
    write_report(clean, folder)
    if parcel.branches:
        write_atomically(parcel.body_file, pull_request_body(clean).encode())
    return parcel


def deliver(
    parcel: Parcel,
    *,
    owner: Owner,
    environ: Mapping[str, str],
    journal: Journal,
    pull_request: bool,
    again: bool = False,
    interruption: Interruption | None = None,
) -> Delivered:
    """Push and open what is not there yet; `again` says that an earlier try may have come through."""
    if (settled := _settled(parcel, owner, pull_request=pull_request, again=again)) is not None:
        return settled
    pushed = _push(parcel, owner, environ, journal, interruption)
    if pushed.error:
        why = f"{pushed.error} ({pushed.hint})" if pushed.hint else pushed.error
        return _unfinished(Delivered(pushed=pushed.pushed, error=why), parcel, wanted=pull_request)
    if not pull_request:
        return Delivered(pushed=pushed.pushed)
    opened = replace(_open(parcel, owner, environ, journal, again=again), pushed=pushed.pushed)
    return opened if opened.error is None else _unfinished(opened, parcel, wanted=True)


def _settled(parcel: Parcel, owner: Owner, *, pull_request: bool, again: bool) -> Delivered | None:
    """Return how it ends where nothing has to go out."""
    if not parcel.branches:
        return Delivered(remarks=("nothing landed in this night, there is nothing to hand over",))
    if again and parcel.earlier and _is_done(parcel, parcel.earlier, pull_request=pull_request):
        return replace(parcel.earlier, remarks=("it was handed over already",))
    if not pull_request and push_url(owner, parcel.rules.remote) is None:
        return Delivered(
            remarks=(f"there is no remote called {parcel.rules.remote}: the branches stay here",)
        )
    return None


def _is_done(parcel: Parcel, earlier: Delivered, *, pull_request: bool) -> bool:
    """Tell whether an earlier try handed over all that is wanted now."""
    if earlier.error is not None or set(parcel.branches) - set(earlier.pushed):
        return False
    return earlier.url is not None or not pull_request


def _unfinished(delivered: Delivered, parcel: Parcel, *, wanted: bool) -> Delivered:
    """Add the command that finishes it, and where the body lies if a pull request is wanted."""
    body = (f"the text of the pull request lies in {parcel.body_file}",) if wanted else ()
    return replace(delivered, command=parcel.command, remarks=(*delivered.remarks, *body))


def _push(
    parcel: Parcel,
    owner: Owner,
    environ: Mapping[str, str],
    journal: Journal,
    interruption: Interruption | None,
) -> PushResult:
    with effect(journal, "push") as pushing:
        pushed = push(
            owner, parcel.branches, remote=parcel.rules.remote, environ=environ, interruption=interruption
        )
        note = pushing.fail if pushed.error else pushing.confirm
        note(pushed=list(pushed.pushed), error=pushed.error)
    return pushed


def _open(
    parcel: Parcel,
    owner: Owner,
    environ: Mapping[str, str],
    journal: Journal,
    *,
    again: bool,
) -> Delivered:
    with effect(journal, "pull_request") as opening:
        opened = open_pull_request(
            owner,
            head=parcel.head,
            base=parcel.base,
            title=parcel.title,
            body_file=parcel.body_file,
            policy=Policy(delivery=parcel.rules),
            environ=environ,
            log=parcel.body_file.with_name("gh.log"),
            look_first=again,
        )
        note = opening.fail if opened.error else opening.confirm
        note(url=opened.url, error=opened.error)
    return opened
