#!/usr/bin/env python3
"""Breaks one promised line at a time in a copy of the tree, and sees that its test turns red.

`tests/mutants.toml` lists the lines. A mutant that no test notices, a line that does not stand there once,
and a test that is missing, skipped or red without the mutant are failures.
"""

import argparse
import ast
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import tomllib
import venv
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path
from queue import SimpleQueue

from junit import green_tests, junit_name

WORKERS = 2
BATCH_SECONDS = 600
TAIL_LINES = 15
PYTEST = (
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:pytest_cov",
    "-p",
    "the_copy",
)
TESTS_FAILED = 1

GUARD = """
from pathlib import Path
import nightshift

def pytest_configure(config):
    found = Path(nightshift.__file__).resolve()
    assert found.is_relative_to(config.rootpath.resolve()), f"the tests import {found}, not the copy"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """A line that keeps a promise, and what it looks like broken."""

    keeps: str
    file: str
    line: str
    replacement: str
    test: str

    @property
    def title(self) -> str:
        """Name it in one line."""
        return f"{self.keeps}: {self.file}: {self.line!r} -> {self.replacement!r}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What became of a mutant; no reason means that its test turned red."""

    mutant: Mutant
    reason: str = ""


def load(path: Path) -> tuple[Mutant, ...]:
    """Read the list; a key too many or too few is an error that names the entry."""
    names = {field.name for field in fields(Mutant)}
    listed = tomllib.loads(path.read_text(encoding="utf-8")).get("mutant", [])
    for number, entry in enumerate(listed, start=1):
        if entry.keys() != names:
            raise SystemExit(f"{path}: mutant {number}: wants exactly {', '.join(sorted(names))}")
    return tuple(Mutant(**entry) for entry in listed)


def broken(source: str, mutant: Mutant) -> str:
    """Put the broken line where the whole one stands; ValueError says why it cannot be done."""
    lines = source.splitlines(keepends=True)
    places = [number for number, line in enumerate(lines) if line.strip() == mutant.line.strip()]
    if len(places) != 1:
        raise ValueError(f"the line stands there {len(places)} times, not once")
    whole = lines[places[0]]
    lines[places[0]] = whole.replace(whole.strip(), mutant.replacement.strip())
    text = "".join(lines)
    if text == source:
        raise ValueError("the replacement changes nothing")
    if mutant.file.endswith(".py"):
        _parse(text)
    return text


def _parse(text: str) -> None:
    try:
        ast.parse(text)
    except SyntaxError as error:
        raise ValueError(f"the replacement is no Python: {error}") from error


def copy_tree(root: Path, target: Path) -> None:
    """Copy what git tracks or would track; environments and caches stay behind."""
    listing = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, check=True, capture_output=True, timeout=60).stdout.decode()
    for name in filter(None, names.split("\0")):
        if (root / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, target / name, follow_symlinks=False)


class Workshop:
    """A copy of the tree, and a Python that imports nightshift from it whatever the environment says."""

    def __init__(self, root: Path, folder: Path, *, patience_seconds: float) -> None:
        self._patience_seconds = patience_seconds
        self.tree = folder / "tree"
        self.python = folder / "venv" / "bin" / "python"
        self._youngest = time.time()
        copy_tree(root, self.tree)
        venv.create(folder / "venv", symlinks=True)
        self._show_the_copy_first()

    def _show_the_copy_first(self) -> None:
        prefix = str(self.python.parents[1])
        ours = Path(sysconfig.get_path("purelib", scheme="venv", vars={"base": prefix, "platbase": prefix}))
        theirs = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
        (ours / "the_copy.pth").write_text("\n".join((str(self.tree), *theirs)) + "\n", encoding="utf-8")
        (ours / "the_copy.py").write_text(GUARD, encoding="utf-8")

    def pytest(self, *arguments: str, seconds: float) -> tuple[int | None, str]:
        """Run tests in the copy; no exit code means that they ran out of time."""
        # No mutant's test needs a plug-in, and each start would pay for all of them.
        environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        with tempfile.TemporaryFile() as output:
            child = subprocess.Popen(
                [str(self.python), *PYTEST, *arguments],
                cwd=self.tree,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            code = _wait(child, seconds)
            output.seek(0)
            return code, output.read().decode(errors="replace")

    def write(self, name: str, text: str) -> None:
        """Write a source file, seconds younger than the last: bytecode is told apart by whole seconds."""
        path = self.tree / name
        path.write_text(text, encoding="utf-8", newline="")
        self._youngest += 2
        os.utime(path, (self._youngest, self._youngest))

    def try_out(self, mutant: Mutant, *, took: float) -> Finding:
        """Break the line, run its test, mend the line."""
        path = self.tree / mutant.file
        if not path.is_file():
            return Finding(mutant=mutant, reason="there is no such file")
        source = path.read_bytes().decode()
        try:
            self.write(mutant.file, broken(source, mutant))
        except ValueError as error:
            return Finding(mutant=mutant, reason=str(error))
        code, output = self.pytest("-x", mutant.test, seconds=self._patience_seconds + 4 * took)
        self.write(mutant.file, source)
        return Finding(mutant=mutant, reason=_why_alive(mutant, code, output))


def _wait(child: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return child.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, 9)
        child.wait()
        return None


def _why_alive(mutant: Mutant, code: int | None, output: str) -> str:
    # A test that hangs over the broken line has noticed it, too.
    if code in {TESTS_FAILED, None}:
        return ""
    if code == 0:
        return f"survived: {mutant.test} stays green"
    tail = "\n    ".join(output.splitlines()[-TAIL_LINES:])
    return f"{mutant.test} could not be run (pytest ended with {code}):\n    {tail}"


def run_unbroken(shop: Workshop, mutants: tuple[Mutant, ...]) -> Mapping[str, float]:
    """Run the named tests, each once, with nothing broken."""
    report = shop.tree.parent / "unbroken.xml"
    tests = sorted({mutant.test for mutant in mutants if _is_there(shop.tree, mutant.test)})
    if tests:
        shop.pytest("--junitxml", str(report), *tests, seconds=BATCH_SECONDS)
    return green_tests(report)


def _is_there(tree: Path, test: str) -> bool:
    """Look for a test by its name: pytest runs nothing at all when one of many is unknown to it."""
    file, *names = test.partition("[")[0].split("::")
    if not (tree / file).is_file():
        return False
    body: list[ast.stmt] = ast.parse((tree / file).read_bytes()).body
    for name in names:
        found = next((node for node in body if getattr(node, "name", None) == name), None)
        if found is None:
            return False
        body = getattr(found, "body", [])
    return True


def try_all(
    shops: list[Workshop],
    mutants: tuple[Mutant, ...],
    *,
    green: Mapping[str, float],
    say: Callable[[str], object],
) -> Iterator[Finding]:
    """Try the mutants side by side, one to a workshop."""
    free: SimpleQueue[Workshop] = SimpleQueue()
    for shop in shops:
        free.put(shop)

    def one(mutant: Mutant) -> Finding:
        took = green.get(junit_name(mutant.test))
        if took is None:
            return Finding(
                mutant=mutant, reason=f"{mutant.test} is missing, skipped or red without the mutant"
            )
        shop = free.get()
        began = time.monotonic()
        try:
            return shop.try_out(mutant, took=took)
        finally:
            free.put(shop)
            say(f"{time.monotonic() - began:5.1f} s  {mutant.title}\n")

    with ThreadPoolExecutor(len(shops)) as pool:
        yield from pool.map(one, mutants)


def findings(mutants: tuple[Mutant, ...], asked: argparse.Namespace) -> Iterator[Finding]:
    """Yield what became of every mutant."""
    with tempfile.TemporaryDirectory(prefix="nightshift-mutants-") as folder:
        count = max(1, min(WORKERS, len(mutants)))
        shops = [
            Workshop(asked.root, Path(folder) / str(number), patience_seconds=asked.patience)
            for number in range(count)
        ]
        green = green_tests(asked.passed_in) if asked.passed_in else run_unbroken(shops[0], mutants)
        say = sys.stdout.write if asked.verbose else len
        yield from try_all(shops, mutants, green=green, say=say)


def arguments_of(words: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description="Break one promised line at a time and see its test turn red."
    )
    parser.add_argument(
        "--root", type=Path, default=Path(__file__).resolve().parents[1], help="the tree to copy"
    )
    parser.add_argument(
        "--only", default="", help="the mutants whose row, file, line or test holds this text"
    )
    parser.add_argument(
        "--passed-in", type=Path, help="JUnit XML of a run that has just passed, instead of one of our own"
    )
    parser.add_argument(
        "--patience", type=float, default=15, help="seconds beyond a test's own that it may take"
    )
    parser.add_argument("--verbose", action="store_true", help="say how long each mutant took")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    """Try the listed mutants; 1 if one is left alive."""
    asked = arguments_of(words)
    listed = load(asked.root / "tests" / "mutants.toml")
    mutants = tuple(mutant for mutant in listed if asked.only in f"{mutant.title} {mutant.test}")
    alive = [finding for finding in findings(mutants, asked) if finding.reason]
    sys.stdout.write("".join(f"{finding.mutant.title}\n  {finding.reason}\n" for finding in alive))
    sys.stdout.write(f"mutants: {len(mutants) - len(alive)} killed, {len(alive)} survived\n")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
