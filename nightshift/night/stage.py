"""Everything that the tasks of one night share."""

from dataclasses import dataclass
from pathlib import Path

from nightshift.agent import Agent
from nightshift.delivery import masked
from nightshift.events import Event, Kind
from nightshift.gate import Bench
from nightshift.model import Night, Policy, RecordKind
from nightshift.night.request import World
from nightshift.records import Journal
from nightshift.workspace.slot import Slot
from nightshift.workspace.vault import Vault


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a task plays: our repository, the slot, the gate's bench, the agent and the journal.

    `protected` are the paths no change may touch whatever the policy says; `ends_at` is the
    night's deadline on the world's clock.
    """

    night: Night
    world: World
    vault: Vault
    slot: Slot
    bench: Bench
    agent: Agent
    journal: Journal
    folder: Path
    protected: tuple[str, ...]
    standards: tuple[str, ...]
    ends_at: float

    @property
    def policy(self) -> Policy:
        """The policy of the night."""
        return self.night.policy

    def say(self, kind: Kind, text: str, *, task: str | None = None) -> None:
        """Tell whoever listens; what a program said in it may hold a secret of the owner's."""
        self.world.listen(Event(kind=kind, text=self.masked(text), task=task))

    def record(self, kind: RecordKind, **facts: object) -> None:
        """Append to the journal, without secrets."""
        clean = {name: self.masked(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        self.journal.append(kind, **clean)

    def masked(self, text: str) -> str:
        """Hide the secrets of the environment."""
        return masked(text, environ=self.world.environ)

    def left_seconds(self) -> float:
        """Return what is left of the night."""
        return self.ends_at - self.world.clock()
