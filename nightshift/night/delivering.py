"""Finishing what a night left: its refs into the owner's repository, its push, its pull request."""

from pathlib import Path

from nightshift.delivery import deliver, load_delivery, note_delivery
from nightshift.errors import UsageError
from nightshift.model import Delivered
from nightshift.night.request import World
from nightshift.records import Journal, Lock, effect, is_run_id, list_runs, state_folder
from nightshift.workspace.owner import Owner, open_owner
from nightshift.workspace.vault import Vault


def deliver_run(folder: Path, run: str, world: World) -> Delivered:
    """Hand over a finished night; what is there already is found, not repeated."""
    owner = open_owner(folder)
    state = state_folder(owner.common_dir, environ=world.environ)
    known = list_runs(state)
    if not is_run_id(run) or run not in known:
        latest = f"the latest is {known[-1]}" if known else "there was no night here yet"
        raise UsageError(f"no night called {run} is known for {owner.root}", tip=latest)
    with Lock(owner.common_dir, environ=world.environ, run=run):
        place = state / "runs" / run
        parcel = load_delivery(place)
        journal = Journal.open(place / "journal.jsonl", clock=world.now)
        _bring_refs(state, owner, run, journal)
        delivered = deliver(
            parcel,
            owner=owner,
            environ=world.environ,
            journal=journal,
            pull_request=parcel.wants_pull_request,
            again=True,
            interruption=world.interruption,
        )
        note_delivery(place, delivered, time=world.now().isoformat(timespec="seconds"))
        return delivered


def _bring_refs(state: Path, owner: Owner, run: str, journal: Journal) -> None:
    """Fetch the night's refs that the owner's repository lacks, as after an alarm."""
    vault = Vault(state / "vault.git", home=state / "empty")
    vault.open()
    ours = vault.refs(f"refs/heads/nightshift/{run}/*") | vault.refs(f"refs/nightshift/{run}/**")
    theirs = owner.refs()
    missing = {ref: commit for ref, commit in ours.items() if theirs.get(ref) != commit}
    if missing:
        with effect(journal, f"fetch:{run}") as step:
            handed = vault.hand_to(owner, missing, bundles=state / "runs" / run / "bundles")
            step.confirm(refs=sorted(handed.written))
