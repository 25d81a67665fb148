"""Where a night keeps its things, all in our own state folder."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightshift.errors import StateError
from nightshift.records import list_runs, make_private, state_folder
from nightshift.workspace.clear import clear
from nightshift.workspace.homes import forget_home
from nightshift.workspace.owner import Owner
from nightshift.workspace.process import end_marked
from nightshift.workspace.slot import slot_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The folders of one repository's nights, and of this one; `slot` lies where its path is plain."""

    state: Path
    folder: Path
    slot: Path

    @property
    def vault(self) -> Path:
        """Our bare repository, kept across nights."""
        return self.state / "vault.git"

    @property
    def empty_home(self) -> Path:
        """The HOME of our own git calls: nothing is ever in it."""
        return self.state / "empty"

    @property
    def cache(self) -> Path:
        """What package clients may keep between the setups of two nights."""
        return self.state / "cache"

    @property
    def homes(self) -> Path:
        """The HOMEs of setup, gate and agents, which last as long as the night."""
        return self.folder / "homes"


def forget_homes(homes: Path) -> None:
    """Remove the HOMEs of a night's programs, each with its TMPDIR."""
    for home in homes.iterdir() if homes.is_dir() else ():
        forget_home(home)
    clear(homes)


def _clear_killed(state: Path, run: str) -> None:
    """End what a killed night left running, and remove its slot; a night that ended has none."""
    slot = slot_folder(state, run)
    if slot.exists():
        end_marked(run, home=state / "runs" / run)
        clear(slot)
        forget_homes(state / "runs" / run / "homes")


def _require_outside(state: Path, owner: Owner, environ: Mapping[str, str]) -> None:
    """Refuse records inside the owner's checkout, unless all of HOME is one."""
    if not state.resolve().is_relative_to(owner.root):
        return
    if Path(environ.get("HOME", "/")).resolve().is_relative_to(owner.root):
        return
    raise StateError(
        f"our records would lie in {state}, inside your checkout {owner.root}",
        tip="point NIGHTSHIFT_STATE_DIR at a folder outside of it",
    )


def make_places(owner: Owner, run: str, environ: Mapping[str, str]) -> Places:
    """Make this night's folders, and clear what killed nights left; call it under the lock."""
    state = state_folder(owner.common_dir, environ=environ)
    _require_outside(state, owner, environ)
    make_private(state)
    for old in list_runs(state):
        _clear_killed(state, old)
    places = Places(state=state, folder=state / "runs" / run, slot=slot_folder(state, run))
    for folder in (places.folder, places.empty_home, places.cache, places.homes):
        make_private(folder)
    return places
