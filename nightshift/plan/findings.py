"""What is wrong with a task, before it is a Problem for the owner and a refusal for the night."""

from dataclasses import dataclass

from nightshift.model import Place, Problem, Severity, Violation
from nightshift.plan.blocks import Row
from nightshift.plan.codes import Code
from nightshift.text import without_controls

_SHOWN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One complaint about a task; one with a `rule` keeps the task from running."""

    code: Code
    message: str
    place: Place
    hint: str = ""
    rule: str | None = None
    severity: Severity | None = None

    def problem(self, *, about_to_run: bool) -> Problem:
        """Say it to the owner: milder where nothing would have run anyway."""
        return Problem(
            code=self.code.code,
            severity=self.severity or self._severity(about_to_run=about_to_run),
            message=self.message,
            place=self.place,
            hint=self.hint,
        )

    def _severity(self, *, about_to_run: bool) -> Severity:
        if about_to_run and self.rule is not None:
            return Severity.ERROR
        return Severity.WARNING if self.code.eases and not about_to_run else self.code.severity

    def refusal(self) -> Violation | None:
        """Say it to the night, if it refuses the task."""
        if self.rule is None:
            return None
        hint = f"; {self.hint}" if self.hint else ""
        message = f"{self.message}{hint}"
        return Violation(rule=self.rule, severity=Severity.ERROR, message=message, place=self.place)


def place_at(row: Row, column: int, *, path: str) -> Place:
    """Name a spot of the plan; rows and columns count from zero, places from one."""
    return Place(path=path, line=row.number + 1, column=column + 1)


def shown(text: str) -> str:
    """Return the plan's own words, short and on one line, fit to stand between backticks."""
    seen = without_controls(" ".join(text[: 2 * _SHOWN].split())).replace("`", "'")
    return seen if len(seen) <= _SHOWN and len(text) <= 2 * _SHOWN else f"{seen[:_SHOWN]}…"
