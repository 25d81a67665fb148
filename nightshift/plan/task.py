"""One task, typed."""

import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from nightshift.model import Place, Problem, Section, Status, Task
from nightshift.plan import entries, identity
from nightshift.plan.details import Details, details, text_of
from nightshift.plan.findings import Finding, place_at
from nightshift.plan.outline import Draft


@dataclass(frozen=True, slots=True, kw_only=True)
class Parsed:
    """A task, and what the owner should be told about it."""

    task: Task
    problems: tuple[Problem, ...]


def read_task(draft: Draft, *, namesake: Draft | None, path: str) -> Parsed:
    """Type every field of a task once; what cannot be read is None and a problem."""
    found = details(draft)
    fields = entries.given(found)
    known: dict[str, Any] = {
        name: value for name, given in fields.items() if (value := entries.typed(given)) is not None
    }
    findings = (
        *identity.complaints(draft, namesake=namesake, path=path),
        *entries.complaints(found, fields, known=known, section=draft.section, path=path),
    )
    task = Task(
        id=identity.id_of(draft),
        title=draft.mark["title"].rstrip(),
        section=draft.section,
        place=place_at(draft.head, draft.mark.start("mark"), path=path),
        description=textwrap.dedent(text_of(found.description)).strip(),
        text=text_of([draft.head, *found.rows]).rstrip(),
        refusals=tuple(refusal for one in findings if (refusal := one.refusal()) is not None),
        field_places=MappingProxyType(
            _own_places(draft, found, path=path) | entries.places(fields, path=path)
        ),
        **known,
    )
    return Parsed(task=task, problems=_problems(task, findings))


def _own_places(draft: Draft, found: Details, *, path: str) -> dict[str, Place]:
    """Name the spots of what is no field: the id, the title, the description."""
    places = {
        "id": place_at(draft.head, draft.mark.start("id"), path=path),
        "title": place_at(draft.head, draft.mark.start("title"), path=path),
    }
    if found.description:
        first = found.description[0]
        indent = len(first.text) - len(first.text.lstrip())
        places["description"] = place_at(first, indent, path=path)
    return places


def _problems(task: Task, findings: Iterable[Finding]) -> tuple[Problem, ...]:
    about_to_run = task.section is Section.READY and task.status in {None, Status.READY}
    return tuple(finding.problem(about_to_run=about_to_run) for finding in findings)
