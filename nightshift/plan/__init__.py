"""The owner's plan: Markdown to a Plan and back. Pure but for one `load`; this door names what others use."""

from nightshift.plan.edit import differs_only_in_statuses, write_statuses
from nightshift.plan.files import CANDIDATES, find, load
from nightshift.plan.lint import lint
from nightshift.plan.parse import parse, ready

__all__ = [
    "CANDIDATES",
    "differs_only_in_statuses",
    "find",
    "lint",
    "load",
    "parse",
    "ready",
    "write_statuses",
]
