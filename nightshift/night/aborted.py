"""The report of a night that could not begin."""

import json
from pathlib import Path

from nightshift import records
from nightshift.delivery.report_json import SCHEMA_VERSION
from nightshift.errors import NightshiftError


def write_aborted(folder: Path, *, run: str, error: NightshiftError, repository: Path) -> None:
    """Write report.json and report.md that say why nothing ran and what to do next."""
    facts = {
        "schema_version": SCHEMA_VERSION,
        "run": run,
        "repository": str(repository),
        "exit_code": int(error.exit_code),
        "error": error.message,
        "tip": error.tip,
        "tasks": [],
    }
    records.write_atomically(folder / "report.json", json.dumps(facts, indent=2).encode() + b"\n")
    text = f"# Night {run}\n\nNothing ran.\n\n{_quoted(error.message)}\n"
    if error.tip:
        text += f"\nWhat to do next:\n\n{_quoted(error.tip)}\n"
    records.write_atomically(folder / "report.md", text.encode("utf-8", "replace"))


def _quoted(text: str) -> str:
    """Indent a text as a Markdown code block: it may quote what a program printed."""
    return "\n".join(f"    {line}" for line in text.splitlines())
