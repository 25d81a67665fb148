"""Complaints about a policy, collected so that the owner reads them all at once."""

import difflib
from collections.abc import Iterable
from enum import StrEnum

from nightshift.model import Place, Problem, Severity


class Code(StrEnum):
    """What kind of complaint it is; the codes are documented and stay."""

    UNREADABLE = "PC001"
    NO_YAML = "PC002"
    STRUCTURE = "PC003"
    UNKNOWN_KEY = "PC004"
    LATER = "PC005"
    DUPLICATE = "PC006"
    MAGIC = "PC007"
    TYPE = "PC008"
    RANGE = "PC009"
    CHOICE = "PC010"
    TEXT = "PC011"
    VERSION = "PC012"


class Complaints:
    """A growing list of problems."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []

    def add(self, code: Code, message: str, place: Place, *, hint: str = "") -> None:
        """Add one complaint."""
        problem = Problem(code=code, severity=Severity.ERROR, message=message, place=place, hint=hint)
        self._problems.append(problem)

    def sorted(self) -> tuple[Problem, ...]:
        """Return all complaints in the order of the file."""
        return tuple(sorted(self._problems, key=lambda one: (one.place.line or 0, one.place.column or 0)))


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """Return `did you mean …?` for the nearest known word, empty where none is near."""
    near = difflib.get_close_matches(wrong.casefold(), list(known), n=1)
    return f"did you mean `{near[0]}`?" if near else ""


def line_of(problem: Problem) -> str:
    """Write a problem on one line: where, what, and what was probably meant."""
    return f"{problem.place}: {problem.message}" + (f" ({problem.hint})" if problem.hint else "")
