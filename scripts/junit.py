#!/usr/bin/env python3
"""Reads JUnit XML: which tests were green and how long they took; run as a program, it counts them."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from xml.etree import ElementTree as ET

VERDICTS = ("failure", "error", "skipped")


def cases(report: Path) -> Iterator[tuple[str, str, float]]:
    """Yield each test's name, its verdict (empty when it passed) and its seconds."""
    if report.is_file():
        for case in ET.parse(report).iter("testcase"):  # noqa: S314 - our own pytest wrote it
            verdict = next((child.tag for child in case if child.tag in VERDICTS), "")
            yield f"{case.get('classname')}.{case.get('name')}", verdict, float(case.get("time", 0))


def green_tests(report: Path) -> Mapping[str, float]:
    """Map the tests that passed to their seconds; without parameters: when all of them passed."""
    seconds: dict[str, float] = {}
    red: set[str] = set()
    for name, verdict, took in cases(report):
        for shown in {name, name.partition("[")[0]}:
            seconds[shown] = seconds.get(shown, 0) + took
            red |= {shown} if verdict else set()
    return {name: took for name, took in seconds.items() if name not in red}


def junit_name(test: str) -> str:
    """Spell a pytest node id the way JUnit XML does."""
    place, bracket, parameters = test.partition("[")
    file, _, name = place.partition("::")
    return f"{file.removesuffix('.py').replace('/', '.')}.{name.replace('::', '.')}{bracket}{parameters}"


def counts(report: Path, broken: list[str]) -> str:
    """Say how many tests passed; a broken step that is no test counts as one more failure."""
    verdicts = [verdict for _, verdict, _ in cases(report)]
    passed, skipped = verdicts.count(""), verdicts.count("skipped")
    red = len(verdicts) - passed - skipped
    steps = len(broken) - ("tests" in broken and red > 0)
    return f"{passed} passed, {red + steps} failed, {skipped} skipped"


if __name__ == "__main__":
    sys.stdout.write(counts(Path(sys.argv[1]), sys.argv[2:]) + "\n")
