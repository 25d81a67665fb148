"""A tree that cannot be read says nothing."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from nightshift.project.tree import Tree, strings, table, tree_of

Make = Callable[[Mapping[str, str]], Tree]


def test_what_is_not_tracked_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'app'\n")

    tree = tree_of(tmp_path, ())

    assert (tree.has("pyproject.toml"), tree.toml("pyproject.toml")) == (False, {})


def test_what_is_tracked_but_gone_is_empty(tmp_path: Path) -> None:
    assert tree_of(tmp_path, ("gone.txt",)).text("gone.txt") == ""


def test_a_byte_order_mark_and_odd_bytes_are_bearable(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_bytes(b'\xef\xbb\xbf{"a": "\xff"}')

    assert tree_of(tmp_path, ("a.json",)).json("a.json") == {"a": "\ufffd"}


@pytest.mark.parametrize("text", ["[1]", "{", '"x"'])
def test_json_that_is_no_table_is_empty(tree: Make, text: str) -> None:
    assert tree({"package.json": text}).json("package.json") == {}


def test_a_very_large_file_is_read_in_part(tree: Make) -> None:
    assert len(tree({"big.txt": "x" * 1_500_000}).text("big.txt")) == 1_000_000


@pytest.mark.parametrize(
    ("value", "found"),
    [(["a", 1, "b"], ("a", "b")), ("a\n\n b \n", ("a", "b")), (None, ()), (7, ())],
)
def test_strings_are_those_of_a_list_or_lines(value: object, found: tuple[str, ...]) -> None:
    assert strings(value) == found


def test_a_path_through_what_is_no_table_is_empty() -> None:
    assert table({"tool": "x"}, "tool", "ruff") == {}
