"""The frozen values that travel between the rooms; this door names them all."""

from nightshift.model.change import Change, FileChange, Line
from nightshift.model.findings import Judgement, Place, Problem, Severity, Violation
from nightshift.model.night import Base, Delivered, Identity, Night, NightResult, Remark
from nightshift.model.plan import DeclaredTests, Plan, Section, Status, Task
from nightshift.model.policy import (
    AgentRules,
    ChangeRules,
    DeliveryRules,
    GateRules,
    Policy,
    SessionRules,
    TaskRules,
)
from nightshift.model.records import Record, RecordKind
from nightshift.model.work import Attempt, Cause, Ending, Failure, GateRun, Outcome, TaskResult, Verdict

__all__ = [
    "AgentRules",
    "Attempt",
    "Base",
    "Cause",
    "Change",
    "ChangeRules",
    "DeclaredTests",
    "Delivered",
    "DeliveryRules",
    "Ending",
    "Failure",
    "FileChange",
    "GateRules",
    "GateRun",
    "Identity",
    "Judgement",
    "Line",
    "Night",
    "NightResult",
    "Outcome",
    "Place",
    "Plan",
    "Policy",
    "Problem",
    "Record",
    "RecordKind",
    "Remark",
    "Section",
    "SessionRules",
    "Severity",
    "Status",
    "Task",
    "TaskResult",
    "TaskRules",
    "Verdict",
    "Violation",
]
