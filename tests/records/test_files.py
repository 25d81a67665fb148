"""Files that are whole or not there, and the names of runs."""

import os
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from nightshift.errors import StateError
from nightshift.records import is_run_id, list_runs, new_run_id, write_atomically


def test_a_file_is_written_for_the_owner_alone_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    write_atomically(tmp_path / "report.json", b"{}")

    assert [(path.name, path.read_bytes(), path.stat().st_mode & 0o777) for path in tmp_path.iterdir()] == [
        ("report.json", b"{}", 0o600)
    ]


def test_a_file_is_replaced_with_the_mode_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")

    write_atomically(tmp_path / "a", b"x" * 3_000_000, mode=0o644)

    assert ((tmp_path / "a").stat().st_size, (tmp_path / "a").stat().st_mode & 0o777) == (3_000_000, 0o644)


def test_a_link_is_replaced_and_not_followed(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("kept")
    (tmp_path / "a").symlink_to(tmp_path / "elsewhere")

    write_atomically(tmp_path / "a", b"new")

    assert ((tmp_path / "elsewhere").read_text(), (tmp_path / "a").is_symlink()) == ("kept", False)


@pytest.mark.parametrize("place", ["none/a", "file/a", "folder"])
def test_what_cannot_be_written_is_named_and_nothing_is_left(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()

    with pytest.raises(StateError, match="cannot be written: ") as caught:
        write_atomically(tmp_path / place, b"x")

    assert caught.value.tip
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder"]


def test_a_write_that_breaks_off_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(StateError, match="No space left on device"):
        write_atomically(tmp_path / "a", b"new")

    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_a_run_is_named_by_its_start_in_utc() -> None:
    west = timezone(timedelta(hours=-8))

    start = datetime(2026, 11, 21, 22, 5, 9, tzinfo=UTC)

    assert new_run_id(now=start, randomness=lambda _: b"\x0a\xbc") == "20261121-220509-0abc"
    assert new_run_id(now=datetime(2026, 11, 21, 22, tzinfo=west), randomness=bytes) == "20261122-060000-0000"


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("20261121-220509-0abc", True),
        ("20261121-220509-0ABC", False),
        ("20261121-220509-0abc\n", False),
        ("20261121-220509-0abcd", False),
        ("x20261121-220509-0abc", False),
        ("\uff120261121-220509-0abc", False),
        ("../20261121-220509-0abc", False),
        ("", False),
    ],
)
def test_a_runs_name_is_told_from_any_other_text(text: str, is_one: bool) -> None:
    assert is_run_id(text) is is_one


def test_runs_are_listed_oldest_first(tmp_path: Path) -> None:
    for name in ("20261121-220509-0abc", "20251121-220509-ffff", "notes", ".DS_Store"):
        (tmp_path / "runs" / name).mkdir(parents=True)

    assert list_runs(tmp_path) == ("20251121-220509-ffff", "20261121-220509-0abc")


def test_where_nothing_ran_there_are_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "none") == ()


def test_a_state_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "runs").touch()

    with pytest.raises(StateError, match="cannot be read"):
        list_runs(tmp_path)
