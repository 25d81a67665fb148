"""A bench of a real project: its base in our vault, and a slot where setup and gate run."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from nightshift.gate import Bench
from nightshift.model import Base, GateRules
from nightshift.testing.project import Project, build_project
from nightshift.workspace.base import find_base
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.objects import Objects
from nightshift.workspace.owner import open_owner
from nightshift.workspace.slot import Slot
from nightshift.workspace.vault import Vault

GATE = ".ai-validation/check_quality.sh"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """A base, and the bench on which it is judged."""

    project: Project
    vault: Vault
    base: Base
    bench: Bench

    @property
    def objects(self) -> Objects:
        return Objects(self.vault.git)

    def log(self, name: str) -> str:
        return (self.bench.logs / name).read_text(errors="replace")


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    return build_project(tmp_path, home=home)


@pytest.fixture
def open_shop(project: Project, tmp_path: Path) -> Iterator[Callable[..., Shop]]:
    """Return a function that fetches what is committed and makes a bench of it."""
    with ExitStack() as stack:

        def opening(
            *,
            environ: dict[str, str] | None = None,
            interruption: Interruption | None = None,
            **rules: object,
        ) -> Shop:
            owner = open_owner(project.root)
            vault = Vault(tmp_path / "vault.git", home=tmp_path / "empty")
            vault.open()
            found = find_base(
                owner,
                wanted=None,
                policy_base=None,
                remote="origin",
                environ=project.environ,
                offline=False,
                local=False,
            )
            slot = Slot(tmp_path / "slot", vault=vault, carry=rules.get("carry", ()))  # type: ignore[arg-type]  # data of a test
            stack.callback(slot.close)
            for name in ("logs", "cache"):
                (tmp_path / name).mkdir(parents=True)
            bench = Bench(
                slot=slot,
                rules=GateRules(**rules),  # type: ignore[arg-type]  # data of a test
                homes=tmp_path / "homes",
                logs=tmp_path / "logs",
                cache=tmp_path / "cache",
                run="20260102-030405-abcd",
                owner_root=project.root,
                environ=environ or {"PATH": os.environ["PATH"], "USER": "olive"},
                interruption=interruption,
            )
            base = vault.fetch_base(owner, found, project.environ)
            return Shop(project=project, vault=vault, base=base, bench=bench)

        yield opening


@pytest.fixture
def gated(project: Project, open_shop: Callable[..., Shop]) -> Callable[..., Shop]:
    """Return a function that commits this gate and opens the shop."""

    def opening(gate: str | bytes, **rules: object) -> Shop:
        project.write(GATE, gate, executable=True)
        project.commit("Change the gate")
        return open_shop(**rules)

    return opening


@pytest.fixture
def interrupted() -> Interruption:
    """Return an interruption that was asked for already."""
    asked = Interruption()
    asked.request(15)
    return asked
