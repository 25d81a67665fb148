"""Who a task is: its id, its title, and whether another one claims to be it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from nightshift.plan import codes
from nightshift.plan.findings import Finding, place_at, shown
from nightshift.plan.marks import is_id
from nightshift.plan.outline import Draft

_LONGEST_ID = 100
_HOW = (
    "letters, digits, `.`, `_` and `-`, a letter or digit first, at most 61; no `..`, no final `.` or `.lock`"
)


def id_of(draft: Draft) -> str:
    """Return a task's id as written; one that is far too long is cut."""
    written = draft.mark["id"]
    return written if len(written) <= _LONGEST_ID else f"{written[:_LONGEST_ID]}…"


def namesakes(drafts: Sequence[Draft]) -> Mapping[int, int]:
    """Tell of each task that shares its id, by place in the plan, which other one it shares it with."""
    by_id: defaultdict[str, list[int]] = defaultdict(list)
    for at, draft in enumerate(drafts):
        by_id[draft.mark["id"].casefold()].append(at)
    shared = [same for same in by_id.values() if len(same) > 1]
    return {at: same[0] if at != same[0] else same[1] for same in shared for at in same}


def complaints(draft: Draft, *, namesake: Draft | None, path: str) -> Iterator[Finding]:
    """Say what is wrong with a task's own line."""
    place = place_at(draft.head, draft.mark.start("id"), path=path)
    written = draft.mark["id"]
    if not is_id(written):
        message = f"the id `{shown(written)}` cannot name a branch"
        yield Finding(code=codes.MALFORMED_ID, message=message, place=place, hint=_HOW, rule="plan.id")
    elif namesake is not None:
        message = f"the id `{written}` is also that of line {namesake.head.number + 1}"
        hint = "give each task an id of its own; neither is run"
        yield Finding(code=codes.DUPLICATE_ID, message=message, place=place, hint=hint, rule="plan.id")
    if not draft.mark["title"].strip():
        place = place_at(draft.head, draft.mark.start("title"), path=path)
        message = "the task has no title"
        hint = "say behind the id what is to be done"
        yield Finding(code=codes.NO_TITLE, message=message, place=place, hint=hint, rule="plan.title")
