"""A program's environment is built, and ours is cleaned."""

import os
import pwd
import subprocess
from pathlib import Path

import pytest

from nightshift.workspace.environment import built_environment, ceilings, scrub_git

HOME = Path("/slot/home")


def built(environ: dict[str, str], **wishes: object) -> dict[str, str]:
    return built_environment(home=HOME, temporary=HOME / "tmp", environ=environ, **wishes)  # type: ignore[arg-type]  # as tests do


def test_the_whole_environment_is_on_this_page() -> None:
    secrets = {
        "ANTHROPIC_API_KEY": "key",
        "AWS_SECRET_ACCESS_KEY": "key",
        "GH_TOKEN": "token",
        "GIT_DIR": "/owner/.git",
        "LD_PRELOAD": "/x.so",
        "NIGHTSHIFT_STATE_DIR": "/state",
        "PYTHONPATH": "/x",
        "SSH_AUTH_SOCK": "/run/agent",
        "VIRTUAL_ENV": "/x",
        "XDG_RUNTIME_DIR": "/run/user/1",
    }
    owners = {
        "PATH": "/usr/bin:/bin",
        "HOME": "/home/o",
        "USER": "olive",
        "TERM": "xterm",
        "LANG": "de_DE.UTF-8",
    }

    assert built(secrets | owners | {"TZ": "Europe/Berlin"}) == {
        "PATH": "/usr/bin:/bin",
        "HOME": "/slot/home",
        "TMPDIR": "/slot/home/tmp",
        "USER": "olive",
        "LOGNAME": "olive",
        "LANG": "de_DE.UTF-8",
        "TZ": "Europe/Berlin",
        "TERM": "dumb",
        "SHELL": "/bin/sh",
        "XDG_CACHE_HOME": "/slot/home/.cache",
        "XDG_CONFIG_HOME": "/slot/home/.config",
        "XDG_DATA_HOME": "/slot/home/.local/share",
        "XDG_STATE_HOME": "/slot/home/.local/state",
    }


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        pytest.param({}, {"LC_ALL": "C.UTF-8"}, id="none"),
        pytest.param({"LANG": ""}, {"LC_ALL": "C.UTF-8"}, id="empty"),
        pytest.param({"LANG": "en_GB.UTF-8"}, {"LANG": "en_GB.UTF-8"}, id="language"),
        pytest.param({"LC_ALL": "C"}, {"LC_ALL": "C"}, id="all"),
        pytest.param({"LANG": "a", "LC_ALL": "b"}, {"LANG": "a", "LC_ALL": "b"}, id="both"),
    ],
)
def test_there_is_always_a_locale(environ: dict[str, str], expected: dict[str, str]) -> None:
    found = built(environ)

    assert {name: found[name] for name in ("LANG", "LC_ALL") if name in found} == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        pytest.param("/usr/bin:/bin", "/usr/bin:/bin", id="as it is"),
        pytest.param(".:/usr/bin::bin:./x:", "/usr/bin", id="relative"),
        pytest.param(
            "/repo/.venv/bin:/usr/bin:/repo:/repository/bin", "/usr/bin:/repository/bin", id="below"
        ),
        pytest.param("/usr/../repo/bin:/usr/bin", "/usr/bin", id="below by dots"),
        pytest.param(".", "/bin:/usr/bin", id="nothing left"),
        pytest.param("", "/bin:/usr/bin", id="empty"),
    ],
)
def test_no_program_is_found_in_the_owners_tree_or_by_a_relative_path(path: str, expected: str) -> None:
    assert built({"PATH": path}, path_without=Path("/repo"))["PATH"] == expected


def test_a_link_into_the_owners_tree_is_seen_through(tmp_path: Path) -> None:
    (tmp_path / "repo" / "bin").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "repo")

    path = f"{tmp_path}/link/bin:/usr/bin"

    assert built({"PATH": path}, path_without=tmp_path / "repo")["PATH"] == "/usr/bin"


def test_without_a_tree_to_avoid_every_absolute_folder_counts() -> None:
    assert built({"PATH": "/a:b:/c"})["PATH"] == "/a:/c"


def test_what_setup_made_leads_the_path() -> None:
    found = built({"PATH": "/usr/bin"}, path_first=[Path("/slot/tree/.venv/bin")])

    assert found["PATH"] == "/slot/tree/.venv/bin:/usr/bin"


def test_more_can_be_added_by_name() -> None:
    found = built({}, extra={"ANTHROPIC_API_KEY": "key", "TERM": "xterm"})

    assert (found["ANTHROPIC_API_KEY"], found["TERM"]) == ("key", "xterm")


@pytest.mark.parametrize(
    ("environ", "user"),
    [
        ({"USER": "olive"}, "olive"),
        ({"LOGNAME": "olive"}, "olive"),
        ({}, pwd.getpwuid(os.getuid()).pw_name),
    ],
    ids=["USER", "LOGNAME", "neither, as under cron"],
)
def test_the_owner_is_named(environ: dict[str, str], user: str) -> None:
    assert (built(environ)["USER"], built(environ)["LOGNAME"]) == (user, user)


def test_an_owner_without_a_name_has_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)

    assert not {"USER", "LOGNAME"} & set(built({}))


def test_what_a_hook_says_about_its_repository_is_dropped() -> None:
    names = (
        "GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE GIT_COMMON_DIR GIT_PREFIX GIT_EXEC_PATH GIT_EDITOR "
        "GIT_AUTHOR_NAME "
        "GIT_CONFIG GIT_CONFIG_COUNT GIT_CONFIG_KEY_0 GIT_CONFIG_VALUE_0 GIT_CONFIG_PARAMETERS "
        "GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_QUARANTINE_PATH"
    )
    environ = dict.fromkeys(names.split(), "x")

    scrub_git(environ)

    assert environ == {}


def test_how_the_owner_reaches_a_remote_is_kept() -> None:
    kept = ["GITHUB", "GIT_CONFIG_GLOBAL", "GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "PATH"]
    environ = dict.fromkeys(kept, "x")

    scrub_git(environ)

    assert sorted(environ) == kept


@pytest.mark.row("promise 3")
def test_git_finds_no_repository_above_the_slot(tmp_path: Path) -> None:
    slot = tmp_path / "home" / "state" / "slot"
    tree = slot / "tree"
    (tree / "sub").mkdir(parents=True)
    subprocess.run(["git", "init", "-q", str(tmp_path / "home")], check=True)
    subprocess.run(["git", "init", "-q", str(tree)], check=True)
    environ = {"PATH": os.environ["PATH"], "GIT_CEILING_DIRECTORIES": ceilings(slot)}

    def found(script: str) -> str:
        shown = subprocess.run(
            ["/bin/sh", "-c", script], cwd=tree, env=environ, capture_output=True, text=True, check=False
        )
        return shown.stdout.strip()

    top = "git rev-parse --show-toplevel"
    assert [found(top), found(f"cd sub && {top}")] == [str(tree), str(tree)]
    assert [found(f"cd .. && {top}"), found(f"cd ../.. && {top}")] == ["", ""]
    assert [found(f"rm -rf .git; {top}"), found(f"cd sub && {top}")] == ["", ""]
