import os
from pathlib import Path

import pytest

from nightshift import plan
from nightshift.errors import ExitCode, PlanError
from nightshift.plan import source


@pytest.mark.row("S3.13")
@pytest.mark.parametrize("there", range(4))
def test_the_first_of_the_known_places_is_taken(tmp_path: Path, there: int) -> None:
    places = ("PROJECT_PLAN.md", "docs/PROJECT_PLAN.md", "docs/notes/PROJECT_PLAN.md")
    for name in places[there:]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert plan.find(tmp_path) == (tmp_path / places[there] if there < 3 else None)


def test_a_folder_of_that_name_is_no_plan(tmp_path: Path) -> None:
    (tmp_path / "PROJECT_PLAN.md").mkdir()
    assert plan.find(tmp_path) is None


@pytest.mark.row("S3.13")
def test_a_plan_is_loaded_under_the_name_it_is_shown_by(tmp_path: Path, owner_plan: bytes) -> None:
    path = tmp_path / "any.md"
    path.write_bytes(owner_plan)
    assert plan.load(path, shown_as="docs/any.md") == plan.parse(owner_plan, path="docs/any.md")
    assert plan.load(path).path == str(path)


def test_an_empty_plan_has_no_tasks(tmp_path: Path) -> None:
    (tmp_path / "P.md").write_bytes(b"")
    assert plan.load(tmp_path / "P.md").tasks == ()


def test_a_plan_that_is_missing_a_folder_or_a_pipe_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name, said in (
        ("none.md", "there is no such plan"),
        (".", "no regular file"),
        ("pipe", "no regular file"),
    ):
        with pytest.raises(PlanError, match=said) as caught:
            plan.load(tmp_path / name, shown_as=name)
        assert caught.value.message.startswith(f"{name}: ")
        assert (caught.value.exit_code, caught.value.tip != "") == (ExitCode.UNUSABLE, True)


def test_a_plan_that_may_not_be_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "P.md").write_text("")

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PlanError, match=r"P\.md: the plan cannot be read: Permission denied"):
        plan.load(tmp_path / "P.md", shown_as="P.md")


def test_a_plan_that_is_not_utf_8_is_refused_with_the_byte(tmp_path: Path) -> None:
    (tmp_path / "P.md").write_bytes("Größe\r\nMaß\n".encode() + b"Ma\xdf\n")
    with pytest.raises(PlanError, match=r"^P\.md:3: the plan is not UTF-8: byte 0xdf at offset 16$"):
        plan.load(tmp_path / "P.md", shown_as="P.md")


def test_a_plan_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    with (tmp_path / "P.md").open("wb") as opened:
        opened.truncate(10_000_000)
    with pytest.raises(PlanError, match=r"^P\.md: the plan is larger than 5 MB$"):
        plan.load(tmp_path / "P.md", shown_as="P.md")


def test_bytes_beyond_the_limit_are_refused_wherever_they_come_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "LIMIT_BYTES", 10)
    with pytest.raises(PlanError, match="the plan is larger than"):
        plan.parse(b" " * 11, path="P.md")
    assert plan.parse(b" " * 10, path="P.md").tasks == ()
