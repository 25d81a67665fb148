"""A small real project for tests: files, plan, policy, gate, a remote, and nights on it."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nightshift.events import Event
from nightshift.model import NightResult
from nightshift.night import Request, World, rehearse, run_night
from nightshift.night.preflight import Prepared
from nightshift.workspace import process
from nightshift.workspace.process import Completed

GATE = "#!/bin/sh\nset -eu\ntest ! -e src/broken.py\n"
POLICY = "version: 1\nagent:\n  kind: scripted\n"
PLAN = "# Project plan\n\n## Task Queue\n\n### Ready for Autonomous Execution\n\n"
_LIMIT_SECONDS = 60


def ready_task(task_id: str, title: str = "Add a thing", **fields: object) -> str:
    """Return the plan's text of a READY task; `fields` adds to or replaces its fields."""
    given = {
        "Alignment score": "95/100",
        "Estimated lines": 10,
        "Tests defined": "Yes (tests/test_app.py)",
        "Status": "READY",
    } | {name.replace("_", " "): value for name, value in fields.items()}
    lines = [f"  - {name}: {value}" for name, value in given.items() if value is not None]
    return "\n".join([f"→ **[{task_id}]** {title}", *lines]) + "\n\n"


@dataclass(slots=True, kw_only=True)
class Project:
    """A repository under `root` and, unless told otherwise, a bare remote beside it."""

    root: Path
    environ: dict[str, str]
    remote: Path | None = None
    heard: list[Event] = field(default_factory=list)

    @property
    def state(self) -> Path:
        """Our state folder's parent, as NIGHTSHIFT_STATE_DIR names it."""
        return Path(self.environ["NIGHTSHIFT_STATE_DIR"])

    def write(self, path: str, text: str | bytes, *, executable: bool = False) -> Path:
        """Write a file into the checkout."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text if isinstance(text, bytes) else text.encode())
        target.chmod(0o755 if executable else 0o644)
        return target

    def git(self, *args: str | Path, check: bool = True) -> str:
        """Run the owner's git in the checkout; return what it printed."""
        return self.git_in(self.root, *args, check=check)

    def git_in(self, folder: Path, *args: str | Path, check: bool = True) -> str:
        """Run the owner's git in any folder."""
        done = process.run(["git", *args], cwd=folder, env=self.environ, timeout_seconds=_LIMIT_SECONDS)
        if check and not done.ok:
            raise AssertionError(f"git {' '.join(map(str, args))}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "surrogateescape").rstrip("\n")

    def commit(self, message: str = "Change something") -> str:
        """Commit all of the checkout and push it; return the commit."""
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        if self.remote is not None:
            self.git("push", "-q", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def set_plan(self, *tasks: str, rest: str = "") -> None:
        """Write and commit a plan of these tasks."""
        self.write("PROJECT_PLAN.md", PLAN + "".join(tasks) + rest)
        self.commit("Plan the night")

    def script(self, tasks: Mapping[str, Any]) -> Path:
        """Write the scripted agent's file: steps by task, a list of lists for several attempts."""
        attempts = {
            task_id: {"attempts": [{"steps": steps} for steps in _by_attempt(given)]}
            for task_id, given in tasks.items()
        }
        path = self.root.parent / "agent.yaml"
        path.write_text(json.dumps({"tasks": attempts}))
        return path

    def night(
        self, script: Mapping[str, Any] | None = None, *, world: World | None = None, **asked: Any
    ) -> NightResult:
        """Work a night in this process, with a scripted agent if `script` is given."""
        return run_night(self.request(script, **asked), world or self.world())

    def rehearsal(self, script: Mapping[str, Any] | None = None, **asked: Any) -> Prepared:
        """Do a dry run in this process."""
        return rehearse(self.request(script, **asked), self.world())

    def request(self, script: Mapping[str, Any] | None = None, **asked: Any) -> Request:
        """Ask for a night here."""
        if script is not None:
            asked.setdefault("agent", f"scripted:{self.script(script)}")
        return Request(**({"folder": self.root} | asked))

    def world(self, **changes: Any) -> World:
        """Return the world of a test: this project's environment, and ears that remember."""
        return replace(World(environ=self.environ, listen=self.heard.append), **changes)

    def cli(self, *args: str | Path, stdin: bytes = b"", **environ: str) -> Completed:
        """Run the nightshift command in a process of its own."""
        return process.run(
            [sys.executable, "-m", "nightshift", *args],
            cwd=self.root,
            env=self.environ | environ,
            timeout_seconds=_LIMIT_SECONDS,
            stdin=stdin,
        )

    def branches(self, folder: Path | None = None) -> dict[str, str]:
        """Return every ref of the repository, or of another one, with its object."""
        listed = self.git_in(folder or self.root, "for-each-ref", "--format=%(refname) %(objectname)")
        return dict(line.split(" ") for line in listed.splitlines())


def _by_attempt(given: list[Any]) -> list[Any]:
    """Read a plain list of steps as those of every attempt."""
    return given if given and isinstance(given[0], list) else [given]


def build_project(
    folder: Path,
    *,
    home: Path,
    files: Mapping[str, str | bytes] | None = None,
    policy: str | None = POLICY,
    gate: str | None = GATE,
    remote: bool = True,
    started: datetime = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
) -> Project:
    """Build a committed project in `folder`/app; its environment is made, not inherited."""
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "USER": "olive",
        "LANG": "C.UTF-8",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_AUTHOR_DATE": started.isoformat(),
        "GIT_COMMITTER_DATE": started.isoformat(),
        "NIGHTSHIFT_STATE_DIR": str(folder / "state"),
    }
    project = Project(root=folder / "app", environ=environ)
    project.root.mkdir(parents=True)
    project.git("init", "-q", "-b", "main")
    for path, text in (files or {"src/app.py": "def one() -> int:\n    return 1\n"}).items():
        project.write(path, text)
    if policy is not None:
        project.write("constraints.yaml", policy)
    if gate is not None:
        project.write(".ai-validation/check_quality.sh", gate, executable=True)
    project.write("PROJECT_PLAN.md", PLAN)
    if remote:
        project.remote = folder / "remote.git"
        project.git("init", "-q", "--bare", "-b", "main", project.remote)
        project.git("remote", "add", "origin", project.remote)
    project.commit("Start")
    return project
