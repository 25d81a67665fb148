"""The frozen values that travel between the rooms; this door names them all, and loads what is asked for."""

from typing import TYPE_CHECKING

from nightshift.doors import opening

if TYPE_CHECKING:
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

__getattr__ = opening(
    __name__,
    {
        "AgentRules": "policy",
        "Attempt": "work",
        "Base": "night",
        "Cause": "work",
        "Change": "change",
        "ChangeRules": "policy",
        "DeclaredTests": "plan",
        "Delivered": "night",
        "DeliveryRules": "policy",
        "Ending": "work",
        "Failure": "work",
        "FileChange": "change",
        "GateRules": "policy",
        "GateRun": "work",
        "Identity": "night",
        "Judgement": "findings",
        "Line": "change",
        "Night": "night",
        "NightResult": "night",
        "Outcome": "work",
        "Place": "findings",
        "Plan": "plan",
        "Policy": "policy",
        "Problem": "findings",
        "Record": "records",
        "RecordKind": "records",
        "Remark": "night",
        "Section": "plan",
        "SessionRules": "policy",
        "Severity": "findings",
        "Status": "plan",
        "Task": "plan",
        "TaskResult": "work",
        "TaskRules": "policy",
        "Verdict": "work",
        "Violation": "findings",
    },
)

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
