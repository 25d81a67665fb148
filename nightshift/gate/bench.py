"""Where setup and gate run: the slot, their home, their environment and their logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightshift.model import GateRules
from nightshift.workspace.environment import built_environment, ceilings
from nightshift.workspace.homes import fresh_home
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.slot import Slot


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a night's setup, gate and agent runs share; `homes`, `logs` and `cache` are folders of ours."""

    slot: Slot
    rules: GateRules
    homes: Path
    logs: Path
    cache: Path
    run: str
    owner_root: Path
    environ: Mapping[str, str]
    interruption: Interruption | None = None

    def environment(self, home: str, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        """Build what a program in the slot sees: an empty HOME, no credential, and carried programs first."""
        fresh = fresh_home(self.homes / home)
        return built_environment(
            home=fresh.folder,
            temporary=fresh.temporary,
            environ=self.environ,
            path_first=self.carried_programs(),
            path_without=self.owner_root,
            extra={"GIT_CEILING_DIRECTORIES": ceilings(self.slot.folder), **(extra or {})},
        )

    def carried_programs(self) -> tuple[Path, ...]:
        """Name the folders of programs that setup made: `.venv/bin`, `node_modules/.bin`."""
        return tuple(
            self.slot.path / name / programs for name in self.rules.carry for programs in ("bin", ".bin")
        )
