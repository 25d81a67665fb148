"""The night as JSON: every recorded fact, in a fixed order."""

import dataclasses
from enum import Enum

from nightshift.delivery.facts import remarks
from nightshift.delivery.headlines import headlines
from nightshift.delivery.pull_request import pull_request_title
from nightshift.model import NightResult, Task, Verdict

SCHEMA_VERSION = 1
_DECIMALS = 3
# Places are for messages of `validate`; the added lines themselves may hold what nobody should log.
_LEFT_OUT = {"key_places", "field_places", "added_lines"}


def report_json(result: NightResult) -> dict[str, object]:
    """Return the night as JSON values; docs/report.md says what each key means."""
    night = result.night
    return {
        "schema_version": SCHEMA_VERSION,
        "run": night.run,
        "exit_code": int(result.exit_code),
        "started": night.started,
        "finished": result.finished,
        "seconds": round(result.seconds, _DECIMALS),
        "stopped": result.stopped,
        "headlines": {line.label: line.text for line in headlines(result)},
        "counts": {verdict.value: len(result.having(verdict)) for verdict in Verdict},
        "repository": str(night.repository),
        "base": _json(night.base),
        "tip": result.tip,
        "session_branch": night.session_branch if result.having(Verdict.LANDED) else None,
        "branches": branches(result),
        "title": pull_request_title(result) if result.having(Verdict.LANDED) else None,
        "agent": night.agent,
        "box": night.box,
        "identity": _json(night.identity),
        "gate_digest": night.gate_digest,
        "plan": {
            "path": night.plan.path,
            "digest": night.plan.digest,
            "problems": _json(night.plan.problems),
        },
        "policy": _json(night.policy),
        "tasks": _json(result.results),
        "left_alone": _json(left_alone(result)),
        "baseline": _json(result.baseline),
        "alarms": _json(result.alarms),
        "remarks": _json(remarks(result)),
        "delivered": _json(result.delivered),
    }


def branches(result: NightResult) -> dict[str, str]:
    """Return the night's branches and their commits, in the order they were made; empty if nothing landed."""
    landed = result.having(Verdict.LANDED)
    found = {
        one.branch or result.night.task_branch(one.task.id): one.commit
        for one in landed
        if one.commit is not None
    }
    return found | {result.night.session_branch: result.tip} if found and result.tip else found


def left_alone(result: NightResult) -> tuple[Task, ...]:
    """Return the plan's tasks that were not for this night."""
    told = {one.task.place for one in result.results}
    return tuple(task for task in result.night.plan.tasks if task.place not in told)


def _json(value: object) -> object:
    """Turn a frozen value into JSON's own, its fields in the order in which they are declared."""
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if field.name not in _LEFT_OUT]
        return {name: _json(getattr(value, name)) for name in names}
    match value:
        case Enum():
            return value.value
        case float():
            return round(value, _DECIMALS)
        case tuple():
            return [_json(one) for one in value]
        case _:
            return value
