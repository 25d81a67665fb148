"""Plans to test with."""

from collections.abc import Callable
from pathlib import Path

import pytest

from nightshift import plan
from nightshift.model import Plan, Task

OWNER_PLAN = Path(__file__).parent / "owner-plan.md"
READY = "### Ready for Autonomous Execution\n\n"

Parse = Callable[[str], Plan]


@pytest.fixture
def parsed() -> Parse:
    """Parse a plan's text."""
    return lambda text: plan.parse(text.encode(), path="P.md")


@pytest.fixture
def ready_plan() -> Parse:
    """Parse what stands below the Ready heading."""
    return lambda text: plan.parse(f"{READY}{text}".encode(), path="P.md")


@pytest.fixture
def a_task(ready_plan: Parse) -> Callable[..., Task]:
    """Parse one task of these lines, each of them a field's."""

    def build(*fields: str) -> Task:
        lines = "".join(f"  - {field}\n" for field in fields)
        return ready_plan(f"→ **[t]** Title\n{lines}").tasks[0]

    return build


@pytest.fixture
def owner_plan() -> bytes:
    """Return the owner's own plan."""
    return OWNER_PLAN.read_bytes()
