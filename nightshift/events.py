"""What a night says while it runs; a listener is any callable that takes an Event."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What kind of line it is; how it looks is the console's business."""

    NIGHT = "night"
    REMARK = "remark"
    WARNING = "warning"
    TASK = "task"
    STEP = "step"
    LANDED = "landed"
    FAILED = "failed"
    SKIPPED = "skipped"
    DELIVERED = "delivered"
    ALARM = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, in one English line; `task` is the id it concerns."""

    kind: Kind
    text: str
    task: str | None = None


Listener = Callable[[Event], None]


def nobody(event: Event) -> None:
    """Listen to nothing."""
