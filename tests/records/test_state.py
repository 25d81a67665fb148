"""Our own folders: where they are, whose they are, and what is said when they cannot be."""

import re
from pathlib import Path

import pytest

from nightshift.errors import ExitCode, StateError
from nightshift.records import make_private, repository_key, state_folder
from nightshift.records.state import lock_folder


@pytest.mark.parametrize(
    ("common_dir", "name"),
    [
        pytest.param("shop/.git", "shop", id="ordinary"),
        pytest.param("shop.git", "shop", id="bare name"),
        pytest.param("my shop (old)/.git", "my-shop-old", id="blanks and brackets"),
        pytest.param("-rf/.git", "rf", id="looks like an option"),
        pytest.param("...hidden/.git", "hidden", id="dots"),
        pytest.param("店/.git", "repository", id="other letters"),
        pytest.param("x" * 200 + "/.git", "x" * 40, id="long"),
        pytest.param("a\nb/.git", "a-b", id="newline"),
        pytest.param("modules/lib", "lib", id="submodule"),
    ],
)
def test_a_repository_is_named_by_its_folder(common_dir: str, name: str, tmp_path: Path) -> None:
    key = repository_key(tmp_path / common_dir)

    assert re.fullmatch(re.escape(name) + "-[0-9a-f]{12}", key)


def test_folders_of_one_name_have_keys_of_their_own(tmp_path: Path) -> None:
    keys = {repository_key(tmp_path / place / "shop" / ".git") for place in ("a", "b", "c")}

    assert len(keys) == 3


def test_a_link_names_the_same_repository(tmp_path: Path) -> None:
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "shop")

    assert repository_key(tmp_path / "link" / ".git") == repository_key(tmp_path / "shop" / ".git")


@pytest.mark.parametrize(
    ("environ", "place"),
    [
        pytest.param({"HOME": "/home/o"}, "/home/o/.local/state/nightshift-runner", id="home"),
        pytest.param({"HOME": "/h", "XDG_STATE_HOME": "/xdg"}, "/xdg/nightshift-runner", id="xdg"),
        pytest.param(
            {"HOME": "/h", "XDG_STATE_HOME": "xdg"}, "/h/.local/state/nightshift-runner", id="relative xdg"
        ),
        pytest.param(
            {"HOME": "/h", "XDG_STATE_HOME": ""}, "/h/.local/state/nightshift-runner", id="empty xdg"
        ),
        pytest.param({"NIGHTSHIFT_STATE_DIR": "/mine", "XDG_STATE_HOME": "/xdg"}, "/mine", id="our own word"),
    ],
)
def test_the_records_lie_where_the_environment_says(
    environ: dict[str, str], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    common_dir = tmp_path / "shop" / ".git"

    assert state_folder(common_dir, environ=environ) == Path(place) / repository_key(common_dir)
    assert not (tmp_path / "shop").exists()


def test_on_macos_the_records_lie_where_macos_has_such_things(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "darwin")

    place = state_folder(tmp_path / "shop" / ".git", environ={"HOME": "/Users/o"})

    assert place.parent == Path("/Users/o/Library/Application Support/nightshift-runner")


def test_no_setting_moves_the_locks() -> None:
    environ = {"HOME": "/h", "XDG_STATE_HOME": "/xdg", "NIGHTSHIFT_STATE_DIR": "/mine"}

    assert lock_folder(environ=environ) == lock_folder(environ={"HOME": "/h"})


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        pytest.param({}, "HOME", id="nothing"),
        pytest.param({"HOME": ""}, "HOME", id="empty"),
        pytest.param({"HOME": "here"}, "HOME", id="relative"),
        pytest.param(
            {"HOME": "/h", "NIGHTSHIFT_STATE_DIR": "here"}, "NIGHTSHIFT_STATE_DIR", id="relative choice"
        ),
    ],
)
def test_without_a_place_it_is_said_what_to_set(environ: dict[str, str], name: str) -> None:
    with pytest.raises(StateError, match=name) as caught:
        state_folder(Path("/shop/.git"), environ=environ)

    assert caught.value.exit_code == ExitCode.PREFLIGHT
    assert caught.value.tip


def test_every_folder_we_make_is_the_owners_alone(tmp_path: Path) -> None:
    made = make_private(tmp_path / "a" / "b" / "c")

    assert [folder.stat().st_mode & 0o777 for folder in (made, made.parent, made.parent.parent)] == [
        0o700
    ] * 3
    assert make_private(made) == made


def test_a_folder_that_others_could_read_is_closed_and_those_above_it_are_not(tmp_path: Path) -> None:
    folder = tmp_path / "above" / "ours"
    folder.mkdir(parents=True, mode=0o755)
    folder.parent.chmod(0o755)

    make_private(folder)

    assert (folder.stat().st_mode & 0o777, folder.parent.stat().st_mode & 0o777) == (0o700, 0o755)


@pytest.mark.parametrize("place", ["file", "file/below", "dangling"])
def test_something_in_its_place_is_named_and_left_alone(place: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    (tmp_path / "file").chmod(0o644)
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    with pytest.raises(StateError, match="cannot be used: ") as caught:
        make_private(tmp_path / place)

    assert "NIGHTSHIFT_STATE_DIR" in caught.value.tip
    assert ((tmp_path / "file").read_text(), (tmp_path / "file").stat().st_mode & 0o777) == ("kept", 0o644)


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="there is no /proc here")
def test_where_nothing_can_be_made_we_say_so() -> None:
    with pytest.raises(StateError, match="/proc/nightshift-runner cannot be used"):
        make_private(Path("/proc/nightshift-runner"))


def test_a_folder_that_cannot_be_written_is_found_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)

    with pytest.raises(StateError, match="it is not writable"):
        make_private(tmp_path / "here")
