"""Whatever a hostile agent does in its folder, the owner's repository stays and nothing of it is started."""

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nightshift.model import Identity
from nightshift.workspace.canary import Canary, Findings, compare
from nightshift.workspace.change import measure

TRICKS: dict[str, str] = {
    "hooks": (
        "mkdir -p .git/hooks; for h in post-index-change reference-transaction pre-commit post-checkout "
        'fsmonitor-watchman post-merge pre-push; do cp "$PLANT" .git/hooks/$h; done'
    ),
    "fsmonitor": 'git config core.fsmonitor "$PLANT"',
    "a folder of hooks": 'mkdir h; cp "$PLANT" h/post-index-change; git config core.hooksPath "$PWD/h"',
    "filters": (
        'git config filter.x.clean "$PLANT"; git config filter.x.smudge "$PLANT"; '
        'git config filter.x.process "$PLANT"; echo "* filter=x diff=x merge=x" > .gitattributes'
    ),
    "attributes out of sight": (
        'git config filter.x.clean "$PLANT"; mkdir -p .git/info; echo "* filter=x" > .git/info/attributes'
    ),
    "external diffs": (
        'git config diff.external "$PLANT"; git config diff.x.textconv "$PLANT"; '
        'git config diff.x.command "$PLANT"; echo "* diff=x" > .gitattributes'
    ),
    "included configuration": (
        'printf "[core]\\n\\tfsmonitor = %s\\n" "$PLANT" > evil.config; '
        'git config include.path "$PWD/evil.config"'
    ),
    "signing": 'git config gpg.program "$PLANT"; git config commit.gpgsign true',
    "transports": (
        'git config core.sshCommand "$PLANT"; git config core.gitProxy "$PLANT"; '
        'git config credential.helper "$PLANT"; '
        'git config url.ext::sh.insteadOf /; git config uploadpack.packObjectsHook "$PLANT"'
    ),
    "pagers and editors": (
        'git config core.pager "$PLANT"; git config core.editor "$PLANT"; git config pager.diff "$PLANT"; '
        'git config alias.add "!$PLANT"; git config core.askPass "$PLANT"'
    ),
    "its own commits": (
        "git checkout -qb evil; git add -A; git commit -qm evil; git branch -f main; git tag -f v1"
    ),
    "history rewritten": (
        "git replace -f HEAD HEAD~1; mkdir -p .git/info; git rev-parse HEAD > .git/info/grafts"
    ),
    "a .git that is the owner's": 'rm -rf .git; echo "gitdir: $OWNER/.git" > .git',
    "a .git that links to the owner's": 'rm -rf .git; ln -s "$OWNER/.git" .git',
    "no .git": "rm -rf .git",
    "a .git of its own": 'rm -rf .git; git init -q; git config core.fsmonitor "$PLANT"; git add -A',
    "a worktree elsewhere": 'git config core.worktree "$OWNER"; git config core.bare false',
    "a nested repository": (
        'git init -q nested; git -C nested config core.fsmonitor "$PLANT"; echo > nested/x; '
        'mkdir -p nested/.git/hooks; cp "$PLANT" nested/.git/hooks/post-index-change'
    ),
    "a nested repository with a commit": (
        "git init -q n2; echo > n2/x; git -C n2 add x; "
        "git -C n2 -c user.name=x -c user.email=x commit -qm x; "
        'git -C n2 config filter.x.clean "$PLANT"; echo "* filter=x" > n2/.gitattributes'
    ),
    "a submodule": (
        "git init -q sub; echo > sub/x; git -C sub add x; "
        "git -C sub -c user.name=x -c user.email=x commit -qm x; "
        'printf "[submodule \\"s\\"]\\n\\tpath = sub\\n\\turl = ./sub\\n\\tupdate = !%s\\n" "$PLANT" '
        "> .gitmodules"
    ),
    "a nested repository that never answers": "mkdir -p w/.git/objects w/.git/refs; mkfifo w/.git/HEAD",
    "pipes for git's own files": (
        "mkfifo src/.gitignore src/.gitattributes; rm -f .gitignore; mkfifo .gitignore"
    ),
    "links out": 'ln -s "$OWNER" out; ln -s "$OWNER/.git" src/dot; rm -rf tests; ln -s "$OWNER/tests" tests',
    "links for its folders": 'rm -rf src; ln -s "$OWNER/src" src',
    "closed files and folders": "echo > c; chmod 000 c; mkdir d; echo > d/e; chmod 000 d; chmod 000 src",
    "a closed root": "chmod 000 .",
    "deep folders": "p=.; i=0; while [ $i -lt 100 ]; do p=$p/d; i=$((i+1)); done; mkdir -p $p; echo > $p/f",
    "endless folders": (
        "n=$(printf 'x%.0s' $(seq 200)); i=0; "
        "while [ $i -lt 60 ]; do mkdir $n; cd -P $n; i=$((i+1)); done; echo > f"
    ),
    "odd names": (
        "echo > \"$(printf 'a\\nb')\"; echo > \"$(printf '\\377')\"; mkdir -- -rf; echo > -rf/--help"
    ),
    "names like git's": (
        "mkdir .GIT git~1 x; echo > .GIT/config; echo > git~1/config; mkdir x/.git; echo > x/.git/config"
    ),
    "a huge file": "truncate -s 1T huge",
    "everything gone": "rm -rf .git .gitignore *",
    "poisoned carried folders": 'rm -rf .venv; ln -s "$OWNER" .venv',
    "its folder replaced by the owner's": 'cd ..; mv tree elsewhere; ln -s "$OWNER" tree',
    "its folder gone": "cd ..; rm -rf tree",
}


WITHOUT_THE_OWNER = [name for name, script in TRICKS.items() if "$OWNER" not in script]
"""Together the others would let the agent's own git write to the owner, which only a box prevents."""


@pytest.fixture
def hostile(night: Any, tmp_path: Path) -> Callable[..., None]:
    """Give a check that lets an agent do its worst, and looks at what became of the owner."""
    marker = tmp_path / "planted-program-ran"
    plant = tmp_path / "plant"
    plant.write_text(f'#!/bin/sh\necho "$0 $*" >> {marker}\nexit 1\n')
    plant.chmod(0o755)
    slot = night.slot_with(".venv")
    slot.show_gate(night.base.tree, head=night.base.commit)
    (slot.path / ".venv").mkdir()
    (slot.path / ".venv" / "tool").write_text("t\n")
    slot.keep_carried()
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "agent"),
        "PLANT": str(plant),
        "OWNER": str(night.project.root),
    }

    def check(*tricks: str) -> None:
        slot.show_agent(head=night.base.commit)
        (slot.path / "honest.py").write_text("h = 1\n")
        for trick in tricks:
            cwd = slot.path if slot.path.is_dir() else slot.folder
            subprocess.run(
                ["/bin/sh", "-c", TRICKS[trick]], cwd=cwd, env=env, capture_output=True, check=False
            )
        marker.unlink(missing_ok=True)  # what the agent's own git started is the agent's affair
        survives_a_night(night, slot)
        assert not marker.exists(), marker.read_text()

    yield check
    slot.close()
    assert not slot.folder.exists()


def survives_a_night(night: Any, slot: Any) -> None:
    """Measure, gate, commit, hand over, look after the canary: all that nightshift does after an agent."""
    project = night.project
    before = project.photograph()
    looked = Canary.take(project.owner, project.environ)
    snapshot = slot.snapshot()
    tree = snapshot.tree or night.base.tree
    change = measure(night.vault.git, old_tree=night.base.tree, new_tree=tree, unreadable=snapshot.unreadable)
    slot.show_gate(tree, head=night.base.commit)
    commit = night.vault.commit(
        tree,
        parent=night.base.commit,
        message="m",
        author=Identity(name="O", email="o@example.invalid"),
        date="2025-01-01T00:00:00Z",
    )
    ref = f"refs/heads/nightshift/r/{tree[:12]}"
    night.vault.set_ref(ref, commit)
    handed = night.vault.hand_to(project.owner, {f"refs/nightshift/{tree[:12]}": commit})
    slot.show_agent(head=night.base.commit)

    assert change.files or change.unreadable
    assert (slot.path / ".venv" / "tool").read_text() == "t\n"
    assert (slot.path / "README.md").read_text() == "# A project\n"
    assert not (slot.path / "honest.py").exists()
    after = project.photograph()
    assert {
        path: seen for path, seen in after.items() if "nightshift" not in path or path in before
    } == before
    now = Canary.take(project.owner, project.environ)
    assert compare(looked, now, written=handed.written, boxed=False) == Findings()


@pytest.mark.row("promise 1", "promise 3", "S3.47", "S3.38", "S3.36", "users 2", "users 12")
@pytest.mark.parametrize("trick", TRICKS)
def test_the_owner_stays_and_nothing_planted_is_started(hostile: Callable[..., None], trick: str) -> None:
    hostile(trick)


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(tricks=st.lists(st.sampled_from(WITHOUT_THE_OWNER), min_size=2, max_size=5, unique=True))
def test_tricks_together_do_no_better(hostile: Callable[..., None], tricks: list[str]) -> None:
    hostile(*tricks)


def test_the_plant_would_run_if_git_were_asked_the_usual_way(night: Any, tmp_path: Path) -> None:
    """Without this the silence of the other tests would say nothing."""
    marker, plant = tmp_path / "ran", tmp_path / "plant"
    plant.write_text(f"#!/bin/sh\ntouch {marker}\n")
    plant.chmod(stat.S_IRWXU)
    night.slot.show_agent(head=night.base.commit)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PLANT": str(plant)}
    for trick in ("fsmonitor", "filters", "hooks"):
        subprocess.run(["/bin/sh", "-c", TRICKS[trick]], cwd=night.slot.path, env=env, check=True)

    subprocess.run(["git", "add", "-A"], cwd=night.slot.path, env=env, capture_output=True, check=False)

    assert marker.exists()
