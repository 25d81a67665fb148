#!/usr/bin/env python3
"""Holds the floors of branch coverage: 95 % of everything, all of the rooms that decide."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

OVERALL_PERCENT = 95.0
SHOWN = 12
WHOLE = ("nightshift/plan/", "nightshift/policy/", "nightshift/model/", "nightshift/night/stop.py")


def complaints(report: Mapping[str, Any]) -> Iterator[str]:
    """Say which floors a coverage report (coverage json) falls through."""
    if not report["meta"]["branch_coverage"]:
        yield "branches were not measured"
    percent = report["totals"]["percent_covered"]
    if percent < OVERALL_PERCENT:
        yield f"coverage is {percent:.2f} %, below {OVERALL_PERCENT:g} %"
    for place in WHOLE:
        files = {path: found for path, found in report["files"].items() if path.startswith(place)}
        if not files:
            yield f"{place}: nothing was measured"
        for path, found in files.items():
            yield from _gaps(path, found)


def _gaps(path: str, found: Mapping[str, Any]) -> Iterator[str]:
    lines = [str(line) for line in found["missing_lines"]]
    branches = [f"{start}->{end if end > 0 else 'exit'}" for start, end in found.get("missing_branches", ())]
    gaps = lines + branches
    if gaps:
        more = f" and {len(gaps) - SHOWN} more" if len(gaps) > SHOWN else ""
        yield f"{path}: must be covered whole, but not run: {', '.join(gaps[:SHOWN])}{more}"


def main(arguments: list[str]) -> int:
    """Read the report named on the command line."""
    report = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    found = list(complaints(report))
    sys.stdout.write("".join(f"{line}\n" for line in found))
    sys.stdout.write(f"coverage: {report['totals']['percent_covered']:.2f} % with branches\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
