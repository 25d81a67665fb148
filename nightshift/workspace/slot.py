"""The slot: one absolute path where setup, agent and gate all see their tree."""

import os
import re
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path

from nightshift.errors import StateError
from nightshift.workspace.carry import Store, checked
from nightshift.workspace.checkout import Checkout
from nightshift.workspace.clear import clear
from nightshift.workspace.dotgit import DotGit
from nightshift.workspace.snapshot import Snapshot, take_snapshot
from nightshift.workspace.vault import Vault

_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


class Role(StrEnum):
    """Whose folder it is."""

    GATE = "gate"
    AGENT = "agent"


def slot_folder(state: Path, run: str) -> Path:
    """Say where a run's slot lies: at a path of plain characters, since builds choke on others."""
    folder = (state / "runs" / run / "slot").resolve()
    if _PLAIN.fullmatch(str(folder)):
        return folder
    temporary = Path(tempfile.gettempdir()).resolve()
    if not _PLAIN.fullmatch(str(temporary)):
        temporary = Path("/tmp").resolve()  # noqa: S108 - made with 0700 and refused when it is another's
    return temporary / f"nightshift-{os.getuid()}-{run}"


class Slot:
    """Two folders, the gate's and the agent's, of which one at a time stands at `path`.

    Each is checked out once a night and then brought along by difference. `carry` names what setup
    makes and both need; it is part of no snapshot.
    """

    def __init__(self, folder: Path, *, vault: Vault, carry: Sequence[str] = ()) -> None:
        self.folder = folder
        self.path = folder / "tree"
        self._vault = vault
        self._carry = checked(tuple(carry))
        self._store = Store(folder / "pristine", names=self._carry)
        self._checkouts = {
            role: Checkout(folder / role, index=folder / f"{role}.index", vault=vault) for role in Role
        }
        self._shown: Role | None = None
        self._is_open = False

    def show_gate(self, tree: str, *, head: str) -> None:
        """Show the gate's folder: exactly `tree`, HEAD at `head`, what is carried as setup made it."""
        self._show(Role.GATE, tree, head=head)

    def show_agent(self, *, head: str, tree: str | None = None) -> None:
        """Show the agent's folder at `tree`, else at the tree of `head`, with its own .git and copies."""
        self._show(Role.AGENT, tree or self._vault.git.line("rev-parse", f"{head}^{{tree}}"), head=head)

    def keep_carried(self) -> tuple[str, ...]:
        """Move what setup made out of the gate's folder into the store; return the names it did not make."""
        with self._writing():
            return self._store.keep(self._checkouts[Role.GATE].folder)

    def droppings(self) -> tuple[str, ...]:
        """List what setup left in the gate's folder, ignored or not, beside what is carried."""
        return self._checkouts[Role.GATE].foreign(left_alone=(".git", *self._carry))

    def snapshot(self) -> Snapshot:
        """Read the agent's folder into a tree, with our git directory and our index."""
        with self._writing():
            return take_snapshot(
                self._checkouts[Role.AGENT], carry=self._carry, scratch=self.folder / "snapshot.index"
            )

    def close(self) -> None:
        """Remove the whole slot, whatever was left in it."""
        clear(self.folder)
        self._is_open = False
        self._shown = None

    def _show(self, role: Role, tree: str, *, head: str) -> None:
        with self._writing():
            self._open()
            self._turn_to(role)
            checkout = self._checkouts[role]
            checkout.bring_to(tree, left_alone=self._store.kept)
            self._store.restore(checkout.folder, copy=role)
            DotGit(head=head, index=checkout.index, quiet=self._carry).write(checkout.folder, self._vault)

    def _turn_to(self, role: Role) -> None:
        """Swap the folders by rename, so that whoever is shown is seen at the one path."""
        if self._shown is not None and self._shown is not role:
            aside = self._checkouts[self._shown]
            _rename(self.path, self.folder / self._shown)
            aside.folder = self.folder / self._shown
        if self._shown is not role:
            _rename(self.folder / role, self.path)
            self._checkouts[role].folder = self.path
            self._shown = role

    def _open(self) -> None:
        """Make the slot's folder, private, in place of what a killed night may have left."""
        if self._is_open:
            return
        clear(self.folder)
        self.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.mkdir(mode=0o700)
        (self.folder / "pristine").mkdir()
        self._is_open = True

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise StateError(
                f"the slot {self.folder} cannot be used: {error.strerror or error} ({error.filename})",
                tip="see that the disk is not full and that nothing else works in that folder",
            ) from error


def _rename(source: Path, target: Path) -> None:
    """Move a folder of the slot; one that is not there, or is none, is made anew by its checkout."""
    clear(target)
    try:
        found = source.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(found.st_mode):
        clear(source)
        return
    source.rename(target)
