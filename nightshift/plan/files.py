"""Where a plan lies, and its bytes: the room's only input."""

from pathlib import Path

from nightshift.errors import PlanError
from nightshift.model import Plan
from nightshift.plan import source
from nightshift.plan.parse import parse

CANDIDATES = ("PROJECT_PLAN.md", "docs/PROJECT_PLAN.md", "docs/notes/PROJECT_PLAN.md")


def find(root: Path) -> Path | None:
    """Return the first plan below a repository's root."""
    return next((root / name for name in CANDIDATES if (root / name).is_file()), None)


def load(path: Path, *, shown_as: str | None = None) -> Plan:
    """Read and parse a plan; PlanError says why it cannot be read."""
    shown = shown_as or str(path)
    return parse(_bytes_of(path, shown=shown), path=shown)


def _bytes_of(path: Path, *, shown: str) -> bytes:
    if not path.exists():
        raise PlanError(f"{shown}: there is no such plan", tip="nightshift init writes one, or name another")
    if not path.is_file():
        raise PlanError(f"{shown}: the plan is no regular file", tip="name another")
    try:
        with path.open("rb") as opened:
            found = opened.read(source.LIMIT_BYTES + 1)
    except OSError as error:
        raise PlanError(
            f"{shown}: the plan cannot be read: {error.strerror}", tip="look at its permissions"
        ) from error
    if len(found) > source.LIMIT_BYTES:
        raise source.too_large(shown)
    return found
