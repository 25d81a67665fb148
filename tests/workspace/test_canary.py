import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.workspace import canary as canary_room
from nightshift.workspace.canary import Canary, Findings, compare
from nightshift.workspace.owner import open_owner

OURS = "refs/heads/nightshift/r/t"


def look(project: Any) -> Canary:
    return Canary.take(project.owner, project.environ)


@pytest.mark.row("promise 1", "S3.47")
def test_looking_changes_no_byte_and_finds_nothing(project: Any) -> None:
    before = project.photograph()

    first, second = look(project), look(project)

    assert compare(first, second, written=(), boxed=False) == Findings()
    assert project.photograph() == before


def hook(project: Any) -> None:
    project.write(".git/hooks/pre-push", "#!/bin/sh\n")


def hook_changed(project: Any) -> None:
    project.write(".git/hooks/pre-commit", "#!/bin/sh\nevil\n")


def hook_mode(project: Any) -> None:
    (project.root / ".git" / "hooks" / "pre-commit").chmod(0o644)


def hook_folder(project: Any) -> None:
    project.write(".husky/pre-commit", "#!/bin/sh\nevil\n")


def global_config(project: Any) -> None:
    with (project.home / ".gitconfig").open("a") as config:
        config.write("[core]\n\tfsmonitor = evil\n")


def included_config(project: Any) -> None:
    project.write("shared.config", "[alias]\n\tevil = !evil\n")


def gh_config(project: Any) -> None:
    hosts = project.home / ".config" / "gh" / "hosts.yml"
    hosts.parent.mkdir(parents=True)
    hosts.write_text("github.com:\n")


def xdg_config(project: Any) -> None:
    config = project.home / ".config" / "git" / "config"
    config.parent.mkdir(parents=True)
    config.write_text("[core]\n")


GUARDED: dict[str, tuple[Callable[[Any], object], str]] = {
    "a branch moved": (lambda p: p.git("branch", "-f", "side", "v1"), "refs/heads/side moved from"),
    "a branch made": (lambda p: p.git("branch", "new"), "refs/heads/new was created"),
    "a branch deleted": (lambda p: p.git("branch", "-D", "side"), "refs/heads/side at"),
    "a tag moved": (lambda p: p.git("tag", "-f", "v1", "v2"), "refs/tags/v1 moved"),
    "a stash more": (lambda p: p.git("stash"), "refs/stash moved"),
    "an older stash gone": (lambda p: p.git("stash", "drop", "stash@{1}"), "stash was changed"),
    "the configuration": (lambda p: p.git("config", "core.editor", "evil"), ".git/config was changed"),
    "the global configuration": (global_config, ".gitconfig was changed"),
    "the other global configuration": (xdg_config, "git/config was created"),
    "an included configuration": (included_config, "shared.config was changed"),
    "a configuration included from home": (
        lambda p: (p.home / "more.config").write_text("[alias]\n"),
        "more.config was created",
    ),
    "the configuration of gh": (gh_config, "hosts.yml was created"),
    "a hook made": (hook, "hooks/pre-push was created"),
    "a hook changed": (hook_changed, "hooks/pre-commit was changed"),
    "a hook closed": (hook_mode, "hooks/pre-commit was changed"),
    "a hook removed": (lambda p: (p.root / ".git/hooks/pre-commit").unlink(), "hooks/pre-commit was removed"),
    "a hook elsewhere": (hook_folder, ".husky/pre-commit was changed"),
    "attributes": (lambda p: p.write(".git/info/attributes", "* filter=x\n"), "info/attributes was created"),
    "grafts": (lambda p: p.write(".git/info/grafts", "x\n"), "info/grafts was created"),
    "objects of elsewhere": (
        lambda p: p.write(".git/objects/info/alternates", "/elsewhere\n"),
        "objects/info/alternates was created",
    ),
    "a submodule's hook": (
        lambda p: p.write(".git/modules/lib/one/hooks/pre-commit", "#!/bin/sh\nevil\n"),
        "modules/lib/one/hooks/pre-commit was created",
    ),
    "a nested submodule's configuration": (
        lambda p: p.write(".git/modules/lib/one/modules/two/config", "[core]\n\tfsmonitor = evil\n"),
        "modules/two/config was changed",
    ),
    "a worktree's configuration": (
        lambda p: p.write(".git/config.worktree", "[core]\n"),
        "config.worktree was created",
    ),
}


@pytest.fixture
def watched(project: Any) -> Any:
    """Give a project with another branch, two stashes, an included file and hooks of its own."""
    project.git("branch", "side", "v2")
    project.git("stash")
    project.write("README.md", "edited\n")
    project.write("shared.config", "[alias]\n")
    project.write(".husky/pre-commit", "#!/bin/sh\n")
    for module in ("lib/one", "lib/one/modules/two"):
        project.write(f".git/modules/{module}/HEAD", "ref: refs/heads/main\n")
        project.write(f".git/modules/{module}/config", "[core]\n")
    project.git("config", "include.path", "../shared.config")
    project.git("config", "core.hooksPath", ".husky")
    project.git("config", "includeIf.gitdir:/nowhere/.path", "~/more.config")
    return project


@pytest.mark.row("S3.38", "users 2")
@pytest.mark.parametrize(("change", "words"), GUARDED.values(), ids=GUARDED.keys())
def test_what_an_agent_gains_by_is_an_alarm_outside_the_box_and_a_remark_inside(
    watched: Any, change: Callable[[Any], object], words: str
) -> None:
    before = look(watched)
    change(watched)
    after = look(watched)

    outside = compare(before, after, written=(), boxed=False)
    inside = compare(before, after, written=(), boxed=True)

    assert any(words in line for line in outside.alarms), outside
    assert inside.alarms == ()
    assert any(words in line for line in inside.remarks)


OTHERS: dict[str, tuple[Callable[[Any], object], str]] = {
    "another branch checked out": (
        lambda p: p.git("checkout", "-q", "side"),
        "HEAD of your checkout changed",
    ),
    "something staged": (lambda p: p.git("add", "notes.txt"), "index of your checkout changed"),
    "a fetch": (lambda p: p.git("fetch", "-q"), "FETCH_HEAD of your checkout changed"),
    "a first fetch": (lambda p: (p.root / ".git" / "FETCH_HEAD").unlink(), "FETCH_HEAD came or went"),
    "a remote branch": (
        lambda p: p.git("update-ref", "refs/remotes/origin/x", "v1"),
        "refs/remotes/origin/x was created",
    ),
    "a note": (lambda p: p.git("notes", "add", "-m", "n", "HEAD"), "refs/notes/commits was created"),
    "a linked worktree": (
        lambda p: p.git("worktree", "add", "-q", "--detach", str(p.root.parent / "linked")),
        "HEAD of your checkout changed",
    ),
}


@pytest.mark.parametrize(("change", "words"), OTHERS.values(), ids=OTHERS.keys())
def test_what_owners_and_their_editors_do_is_a_remark(
    watched: Any, change: Callable[[Any], object], words: str
) -> None:
    before = look(watched)
    change(watched)
    after = look(watched)

    inside, outside = (compare(before, after, written=(), boxed=boxed) for boxed in (True, False))

    assert inside.alarms == ()
    assert any(words in line for line in inside.remarks)
    assert inside == outside


@pytest.mark.row("users 2")
@pytest.mark.parametrize("boxed", [True, False])
@pytest.mark.parametrize("ref", [OURS, "refs/nightshift/r/t/1"])
def test_a_ref_under_our_names_that_we_did_not_write_is_always_an_alarm(
    project: Any, boxed: bool, ref: str
) -> None:
    before = look(project)
    project.git("update-ref", ref, "HEAD")
    forged = look(project)
    project.git("update-ref", ref, "v1")
    moved = look(project)

    assert f"{ref} was created" in compare(before, forged, written=(), boxed=boxed).alarms[0]
    assert f"{ref} moved" in compare(forged, moved, written=(), boxed=boxed).alarms[0]
    assert compare(before, forged, written=(ref,), boxed=boxed) == Findings()
    removed = compare(forged, before, written=(), boxed=boxed)
    assert (removed.alarms, len(removed.remarks)) == ((), 1)


def test_editing_the_checkout_is_nobodys_business(project: Any) -> None:
    before = look(project)
    project.write("src/app.py", "edited = True\n")
    project.write("another.txt", "x\n")
    project.git("status")

    assert compare(before, look(project), written=(), boxed=False) == Findings()


def test_packing_and_collecting_change_no_meaning(project: Any) -> None:
    before = look(project)
    project.git("pack-refs", "--all")
    project.git("gc", "-q")
    project.git("update-server-info")

    assert compare(before, look(project), written=(), boxed=False) == Findings()


def test_a_linked_worktree_is_looked_at_as_a_whole(project: Any, tmp_path: Path) -> None:
    project.git("worktree", "add", "-q", "-b", "side", str(tmp_path / "linked"))
    owner = open_owner(tmp_path / "linked")
    before = Canary.take(owner, project.environ)
    project.git("config", "core.editor", "evil")
    project.git("branch", "-f", "other")

    alarms = compare(before, Canary.take(owner, project.environ), written=(), boxed=False).alarms

    assert len(alarms) == 2


@pytest.mark.row("users 2")
def test_a_repository_that_was_broken_is_an_alarm_and_no_crash(project: Any) -> None:
    before = look(project)
    owner = project.owner
    (project.root / ".git" / "config").write_text("[core\n")

    findings = compare(before, Canary.take(owner, project.environ), written=(), boxed=False)

    assert any(".git/config was changed" in line for line in findings.alarms)


def test_many_changes_are_cut_short_and_counted(project: Any) -> None:
    before = look(project)
    for number in range(15):
        project.git("tag", f"t{number:02}")

    alarms = compare(before, look(project), written=(), boxed=False).alarms

    assert len(alarms) == 11
    assert alarms[-1] == "and 5 more"


def test_the_owners_environment_says_where_gh_and_git_are_configured(project: Any, tmp_path: Path) -> None:
    environ = project.environ | {
        "XDG_CONFIG_HOME": str(tmp_path / "xdg"),
        "GH_CONFIG_DIR": str(tmp_path / "gh"),
    }
    before = Canary.take(project.owner, environ)
    for path in ("xdg/git/config", "gh/hosts.yml"):
        (tmp_path / path).parent.mkdir(parents=True)
        (tmp_path / path).write_text("x")

    alarms = compare(before, Canary.take(project.owner, environ), written=(), boxed=False).alarms

    assert len(alarms) == 2


def test_a_look_without_a_home_is_possible(project: Any) -> None:
    environ = {"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1"}

    assert Canary.take(project.owner, environ).refs


def test_a_folder_of_endless_hooks_is_cut(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(canary_room, "_MOST_FILES", 3)
    for number in range(9):
        project.write(f".git/hooks/h{number}", "x")

    assert len([name for name in look(project).guarded if "/hooks/" in name]) == 3


def test_a_look_costs_nothing_that_grows_with_the_checkout(project: Any) -> None:
    """A file that git would have to hash is not even opened."""
    large = project.root / "large.bin"
    with large.open("wb") as file:
        file.truncate(1 << 40)
    started = time.monotonic()

    look(project)

    assert time.monotonic() - started < 5


def deleted(project: Any) -> None:
    shutil.rmtree(project.root)


def unreadable(project: Any) -> None:
    (project.root / ".git" / "HEAD").write_bytes(b"")


def misconfigured(project: Any) -> None:
    (project.root / ".git" / "config").write_text("[core\n")


@pytest.mark.row("users 2")
@pytest.mark.parametrize("breaking", [deleted, unreadable, misconfigured])
def test_a_repository_that_cannot_be_asked_makes_the_canary_say_nothing_false(
    watched: Any, breaking: Callable[[Any], None], tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere.config"
    elsewhere.write_text("[alias]\n")
    watched.git("config", "--add", "include.path", str(elsewhere))
    owner = watched.owner
    before = Canary.take(owner, watched.environ)
    breaking(watched)

    after = Canary.take(owner, watched.environ)
    outside = compare(before, after, written=(), boxed=False)
    inside = compare(before, after, written=(), boxed=True)

    assert outside.alarms[0].startswith("git cannot read your repository any more (refs, ")
    assert inside.alarms == ()
    assert outside.alarms[0] in inside.remarks
    told = " ".join((*outside.alarms, *outside.remarks))
    assert not any(
        false in told for false in ("elsewhere.config", "refs/", "stash was", "HEAD of", "index of")
    )
    assert compare(after, after, written=(), boxed=False) == Findings()


def test_what_else_changed_is_told_of_a_repository_that_cannot_be_asked(watched: Any, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere.config"
    elsewhere.write_text("[alias]\n")
    watched.git("config", "--add", "include.path", str(elsewhere))
    owner = watched.owner
    before = Canary.take(owner, watched.environ)
    unreadable(watched)
    elsewhere.unlink()

    alarms = compare(before, Canary.take(owner, watched.environ), written=(), boxed=False).alarms

    assert f"{elsewhere} was removed" in alarms
