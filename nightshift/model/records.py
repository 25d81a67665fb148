"""The lines of the journal."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class RecordKind(StrEnum):
    """What a line of the journal confirms."""

    NIGHT_STARTED = "night_started"
    SETUP_FINISHED = "setup_finished"
    BASELINE_FINISHED = "baseline_finished"
    TASK_SKIPPED = "task_skipped"
    TASK_STARTED = "task_started"
    ATTEMPT_STARTED = "attempt_started"
    AGENT_FINISHED = "agent_finished"
    SNAPSHOT_TAKEN = "snapshot_taken"
    CHANGE_JUDGED = "change_judged"
    GATE_FINISHED = "gate_finished"
    TASK_COMMITTED = "task_committed"
    ROLLED_BACK = "rolled_back"
    TASK_FINISHED = "task_finished"
    EFFECT_STARTED = "effect_started"
    EFFECT_FINISHED = "effect_finished"
    NIGHT_FINISHED = "night_finished"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One line of the journal; `facts` are JSON values, `time` is UTC, ISO 8601."""

    seq: int
    time: str
    kind: RecordKind
    facts: Mapping[str, object]
