"""A committed project for each test of the night."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.testing.project import Project, build_project


@pytest.fixture
def project(tmp_path: Path, home: Path) -> Project:
    return build_project(tmp_path, home=home)


@pytest.fixture
def working(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Any], object]], None]:
    """Return a way to let the scripted agent do something else as well, with the owner's rights."""
    from nightshift.agent.scripted import Scripted

    work = Scripted.work

    def also(act: Callable[[Any], object]) -> None:
        def both(self: Any, job: Any) -> Any:
            outcome = work(self, job)
            act(job)
            return outcome

        monkeypatch.setattr(Scripted, "work", both)

    return also
