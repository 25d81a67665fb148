"""The lines of `--output-format stream-json`, read as they come; only what a result says is kept."""

import json
import math
from dataclasses import dataclass
from typing import Any

from nightshift.agent.quote import calm, one_line

_LONGEST = 1024 * 1024
_DENIALS_KEPT = 20
_WORDS = (b'"result"', b'"api_retry"')
_TELLING = ("command", "file_path", "notebook_path", "url", "pattern", "path", "query")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One result line; what it says about itself is untrusted, what it lacks is None."""

    subtype: str
    is_error: bool
    text: str = ""
    turns: int | None = None
    cost_usd: float | None = None


class Stream:
    """Remembers the last result line that can be read, and every denial of all of them.

    `trouble` is what the API last refused with, in words, while claude went on asking.
    """

    def __init__(self) -> None:
        self.answer: Answer | None = None
        self.trouble = ""
        self._denials: dict[str, None] = {}

    @property
    def denials(self) -> tuple[str, ...]:
        """What the agent was not allowed to do: the tool, and what it wanted with it."""
        return tuple(self._denials)

    def take(self, line: bytes) -> None:
        """Read a line; whatever is no result is skipped, a line past a megabyte too."""
        if len(line) > _LONGEST or not any(word in line for word in _WORDS):
            return
        try:
            read = json.loads(line)
        except (ValueError, RecursionError):
            return
        match read:
            case {"type": "result"}:
                self._result(read)
            case {"type": "system", "subtype": "api_retry"}:
                self._retry(read)

    def _retry(self, read: dict[str, Any]) -> None:
        status, error = read.get("error_status"), read.get("error")
        number = str(status) if _whole(status) is not None else "no answer"
        words = f" ({one_line(error, limit=60)})" if isinstance(error, str) and error else ""
        self.trouble = f"the API's last answer was {number}{words}"

    def _result(self, read: dict[str, Any]) -> None:
        subtype, is_error = read.get("subtype"), read.get("is_error")
        if not isinstance(subtype, str) or not isinstance(is_error, bool):
            return
        self.answer = Answer(
            subtype=one_line(subtype, limit=60),
            is_error=is_error,
            text=_text(read),
            turns=_whole(read.get("num_turns")),
            cost_usd=_amount(read.get("total_cost_usd")),
        )
        refused = read.get("permission_denials")
        for one in refused if isinstance(refused, list) else [] if refused is None else [refused]:
            if len(self._denials) < _DENIALS_KEPT:
                self._denials[_denial(one)] = None


def _text(read: dict[str, Any]) -> str:
    """Return what the agent said last; on an error there is a list instead."""
    result, errors = read.get("result"), read.get("errors")
    if isinstance(result, str):
        return calm(result)
    listed = errors if isinstance(errors, list) else []
    return calm("\n".join(one for one in listed if isinstance(one, str)))


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _amount(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        amount = float(value)
    except OverflowError:
        return None
    return amount if math.isfinite(amount) and amount >= 0 else None


def _denial(one: object) -> str:
    """Name the tool and the telling part of its input."""
    if not isinstance(one, dict) or not isinstance(one.get("tool_name"), str):
        return "a tool without a name"
    name, given = one_line(one["tool_name"], limit=60), one.get("tool_input")
    wanted = given if isinstance(given, dict) else {}
    told = next((wanted[key] for key in _TELLING if isinstance(wanted.get(key), str)), "")
    return f"{name}: {one_line(told, limit=120)}" if told else name
