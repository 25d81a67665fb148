"""The owner's safety policy: read with places, asked before a task runs and after it changed something."""

from typing import TYPE_CHECKING

from nightshift.doors import opening

if TYPE_CHECKING:
    from nightshift.policy.change_rules import judge_change
    from nightshift.policy.complaints import Code
    from nightshift.policy.layout import allowed_sources, suggest_allowed
    from nightshift.policy.loader import load, parse, problems, read
    from nightshift.policy.path_rules import FILE_NAME
    from nightshift.policy.rulings import SMALLER_MAY_DO, approver
    from nightshift.policy.task_rules import judge_task

__getattr__ = opening(
    __name__,
    {
        "Code": "complaints",
        "FILE_NAME": "path_rules",
        "SMALLER_MAY_DO": "rulings",
        "allowed_sources": "layout",
        "approver": "rulings",
        "judge_change": "change_rules",
        "judge_task": "task_rules",
        "load": "loader",
        "parse": "loader",
        "problems": "loader",
        "read": "loader",
        "suggest_allowed": "layout",
    },
)

__all__ = [
    "FILE_NAME",
    "SMALLER_MAY_DO",
    "Code",
    "allowed_sources",
    "approver",
    "judge_change",
    "judge_task",
    "load",
    "parse",
    "problems",
    "read",
    "suggest_allowed",
]
