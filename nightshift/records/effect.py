"""A step that reaches outside: written down before it is taken, and again when it is known how it went."""

from types import TracebackType
from typing import Self

from nightshift.model import RecordKind
from nightshift.records.journal import Journal


class Effect:
    """The record of one step; it counts as failed until it is confirmed."""

    def __init__(self, journal: Journal, key: str) -> None:
        self._journal = journal
        self._key = key
        self._outcome = "failed"
        self._facts: dict[str, object] = {}

    def confirm(self, **facts: object) -> None:
        """Note that the step was taken, and what came of it."""
        self._outcome = "done"
        self._facts = facts

    def fail(self, **facts: object) -> None:
        """Note that the step was refused, and why."""
        self._outcome = "failed"
        self._facts = facts

    def __enter__(self) -> Self:
        self._journal.append(RecordKind.EFFECT_STARTED, key=self._key)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self.fail(error=f"{kind.__name__}: {error}")
        self._journal.append(
            RecordKind.EFFECT_FINISHED, key=self._key, outcome=self._outcome, facts=self._facts
        )


def effect(journal: Journal, key: str) -> Effect:
    """Wrap one step that reaches outside; confirm it inside the `with` block."""
    return Effect(journal, key)
