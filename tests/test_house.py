"""The house style, as far as a machine can read it."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("nightshift", "tests", "scripts")

SILENCERS = re.compile(
    r"#\s*(noqa|type:\s*ignore|pragma:\s*no\s+(?:cover|branch)|fmt:\s*(?:off|skip))(.*)", re.IGNORECASE
)
REASON = r"\s*[#(-]\s*\w+\W+\w+"
REASONED = {
    "noqa": re.compile(r":\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*" + REASON),
    "type": re.compile(r"\[[a-z-]+(?:,\s*[a-z-]+)*\]" + REASON),
    "pragma": re.compile(REASON),
    "fmt": re.compile(REASON),
}
LONGEST_SLEEP_SECONDS = 1


def sources(*folders: str) -> Iterator[Path]:
    """Walk the Python files of these folders."""
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def unreasoned(text: str) -> Iterator[int]:
    """Name the lines that silence a tool without its code and a reason."""
    for number, line in enumerate(text.splitlines(), start=1):
        found = SILENCERS.search(line)
        if found and not _has_reason(found[1].lower(), found[2]):
            yield number


def _has_reason(kind: str, rest: str) -> bool:
    return bool(REASONED[re.split(r"\W", kind)[0]].match(rest))


def naps(tree: ast.Module, *, longest: float) -> Iterator[int]:
    """Name the lines that sleep for a fixed time longer than this."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(
                func=ast.Attribute(attr="sleep") | ast.Name(id="sleep"),
                args=[ast.Constant(value=int() | float() as seconds)],
            ) if seconds > longest:
                yield node.lineno


def test_whoever_silences_a_tool_names_the_code_and_the_reason() -> None:
    silent = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sources(*FOLDERS)
        if path != Path(__file__)
        for number in unreasoned(path.read_text(encoding="utf-8"))
    ]
    assert silent == []


def test_every_rule_that_ruff_is_told_to_ignore_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lint = tomllib.loads(text)["tool"]["ruff"]["lint"]
    codes = {*lint["ignore"], *(code for rules in lint["per-file-ignores"].values() for code in rules)}
    reasoned = set(re.findall(r'^\s*"([A-Z]+\d+)",\s*#\s*\S+\s+\S+', text, re.MULTILINE))
    assert codes - reasoned == set()


def test_nothing_sleeps_for_a_fixed_time() -> None:
    found = {
        f"{path.relative_to(ROOT)}:{number}"
        for folder, longest in (("nightshift", 0), ("tests", LONGEST_SLEEP_SECONDS))
        for path in sources(folder)
        for number in naps(ast.parse(path.read_bytes()), longest=longest)
    }
    assert found == set()


@pytest.mark.parametrize(
    "line",
    [
        "import x  # noqa",
        "import x  # noqa: S404",
        "import x  # noqa: S404 - yes",
        "x = y  # type: ignore",
        "x = y  # type: ignore[arg-type]",
        "if x:  # pragma: no cover",
        "x = [  # fmt: skip",
    ],
)
def test_the_fence_sees(line: str) -> None:
    assert list(unreasoned(line)) == [1]


@pytest.mark.parametrize(
    "line",
    [
        "import x  # noqa: S404 - this room starts programs",
        "import x  # noqa: S404, PLC0415  # this room starts programs",
        "x = y  # type: ignore[arg-type]  # the stub is wrong",
        "if x:  # pragma: no cover - only on macOS",
        "x = 'noqa'",
    ],
)
def test_the_fence_lets_through(line: str) -> None:
    assert list(unreasoned(line)) == []
