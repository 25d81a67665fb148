"""The fields of one task, each read once, and what is wrong with them."""

import difflib
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence

from nightshift.model import Place, Section, Severity, Status
from nightshift.plan import codes, values
from nightshift.plan.details import Details, Entry, Named
from nightshift.plan.fields import FIELDS, Field, Shape, nearest_field
from nightshift.plan.findings import Finding, place_at, shown

RULE = "plan.field"

# Near enough for a slip of the finger; `NOT READY` is none.
_NEAR = 0.8


def given(found: Details) -> Mapping[str, Sequence[Entry]]:
    """Group a task's fields by the attribute that they fill."""
    by_attribute: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in found.entries:
        by_attribute[entry.field.attribute].append(entry)
    return by_attribute


def typed(entries: Sequence[Entry]) -> object | None:
    """Read a field; None where it says nothing, cannot be read, or is given twice and means one thing."""
    field = entries[0].field
    if len(entries) > 1 and not _adds_up(field):
        return None
    return field.read("\n".join(entry.value for entry in entries))


def places(fields: Mapping[str, Sequence[Entry]], *, path: str) -> dict[str, Place]:
    """Name the spot of every field."""
    return {name: place_of(entries[0], path=path) for name, entries in fields.items()}


def place_of(entry: Entry, *, path: str) -> Place:
    """Name the spot of a field's value, else that of its name."""
    return place_at(entry.named.row, entry.column, path=path)


def complaints(
    found: Details,
    fields: Mapping[str, Sequence[Entry]],
    *,
    known: Collection[str],
    section: Section,
    path: str,
) -> Iterator[Finding]:
    """Say what is wrong with the fields of a task that are not `known`, and with what is almost one."""
    for name, entries in fields.items():
        if name not in known:
            yield from _of_unknown_value(entries, section=section, path=path)
    for named in found.unknown:
        near = nearest_field(named.name)
        if near is not None and near.attribute not in fields:
            yield _unknown(named, near, path=path)
    for named in found.misplaced:
        if FIELDS[named.name].attribute not in fields:
            yield _misplaced(named, path=path)


def _adds_up(field: Field) -> bool:
    """Tell whether a field may be given twice: free text, on which nothing hangs."""
    return field.shape is Shape.TEXT and not field.matters


def _of_unknown_value(entries: Sequence[Entry], *, section: Section, path: str) -> Iterator[Finding]:
    field = entries[0].field
    if len(entries) > 1 and not _adds_up(field):
        yield _twice(entries, path=path)
    elif field.attribute == "status":
        yield _unknown_status(entries[0], section=section, path=path)
    elif field.shape is not Shape.TEXT:
        yield Finding(
            code=codes.UNREADABLE,
            message=f"{field.name} {_says(entries[0])}",
            place=place_of(entries[0], path=path),
            hint=field.hint,
            rule=_rule(field),
            severity=field.severity,
        )


def _twice(entries: Sequence[Entry], *, path: str) -> Finding:
    field = entries[0].field
    return Finding(
        code=codes.TWICE,
        message=f"{field.name} is given twice, first in line {entries[0].named.row.number + 1}",
        place=place_of(entries[1], path=path),
        hint="keep one of them: as it is, neither counts",
        rule=_rule(field),
        severity=field.severity,
    )


def _rule(field: Field) -> str | None:
    return RULE if field.limits else None


def _says(entry: Entry) -> str:
    return f"cannot be understood: `{shown(entry.value)}`" if entry.value else "says nothing"


def _unknown_status(entry: Entry, *, section: Section, path: str) -> Finding:
    word = values.status_name(values.plain(entry.value[:40]))
    near = difflib.get_close_matches(word, tuple(Status), n=1, cutoff=_NEAR)
    runs = section in {Section.READY, Section.PENDING}
    return Finding(
        code=codes.UNKNOWN_STATUS,
        message=f"Status {_says(entry)}",
        place=place_of(entry, path=path),
        hint=f"did you mean `{near[0]}`?" if near and near[0] != word else entry.field.hint,
        severity=Severity.ERROR if runs else Severity.WARNING,
    )


def _unknown(named: Named, near: Field, *, path: str) -> Finding:
    return Finding(
        code=codes.UNKNOWN_FIELD,
        message=f"there is no field `{named.name}`",
        place=place_at(named.row, named.column, path=path),
        hint=f"did you mean `{near.name}`?",
        rule=_rule(near),
    )


def _misplaced(named: Named, *, path: str) -> Finding:
    field = FIELDS[named.name]
    return Finding(
        code=codes.MISPLACED,
        message=f"{field.name} does not count here",
        place=place_at(named.row, named.column, path=path),
        hint=f"write it as `- {field.name}: …` right below the task, as far in as its other fields",
        rule=_rule(field),
    )
