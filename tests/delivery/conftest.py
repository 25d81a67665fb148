"""Nights of every shape, an owner's repository with a bare remote, and a gh that answers as measured."""

import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from nightshift.model import (
    Attempt,
    Base,
    Cause,
    Change,
    DeclaredTests,
    Delivered,
    DeliveryRules,
    Ending,
    Failure,
    FileChange,
    GateRun,
    Identity,
    Judgement,
    Night,
    NightResult,
    Outcome,
    Place,
    Plan,
    Policy,
    Remark,
    Section,
    Severity,
    Status,
    Task,
    TaskResult,
    Verdict,
    Violation,
)

RUN = "20261121-020000-ab12"
URL = "https://github.com/acme/widget/pull/7"


class Shapes:
    """Builds the values that a night leaves behind."""

    run = RUN
    url = URL

    def task(self, task_id: str = "task_3", title: str = "Add User model", **fields: object) -> Task:
        known = {
            "section": Section.READY,
            "place": Place(path="PROJECT_PLAN.md", line=5 + sum(task_id.encode())),
            "status": Status.READY,
            "alignment": 95,
            "estimated_lines": 10,
            "tests": DeclaredTests(defined=True, paths=("tests/test_models.py",)),
            "text": f"→ **[{task_id}]** {title}\n  - Status: READY\n",
        }
        return Task(id=task_id, title=title, **(known | fields))  # type: ignore[arg-type]  # data of a test

    def night(self, *tasks: Task, **fields: object) -> Night:
        known = {
            "run": RUN,
            "repository": Path("/home/olive/widget"),
            "started": "2026-11-21T02:00:00Z",
            "base": Base(branch="main", commit="b" * 40, tree="c" * 40, source="fetched from origin"),
            "plan": Plan(path="PROJECT_PLAN.md", digest="d" * 64, tasks=tasks),
            "policy": Policy(path="constraints.yaml", digest="e" * 64),
            "identity": Identity(name="Olive Owner", email="olive@example.invalid"),
            "gate_digest": "0123456789abcdef" * 4,
            "agent": "claude",
        }
        return Night(**(known | fields))  # type: ignore[arg-type]  # data of a test

    def gate(self, *, passed: bool = True, **fields: object) -> GateRun:
        known = {
            "tree": "a" * 40,
            "command": ".ai-validation/check_quality.sh",
            "passed": passed,
            "reason": "the gate passed with exit 0" if passed else "the gate failed with exit 1",
            "exit_code": 0 if passed else 1,
            "seconds": 3.25,
            "tail": "4 passed" if passed else "E   assert 1 == 2\n1 failed",
            "log": "task_3-1.gate.log",
        }
        return GateRun(**(known | fields))  # type: ignore[arg-type]  # data of a test

    def change(self, *files: FileChange) -> Change:
        new = FileChange(path="src/user.py", new_mode="100644", added=9, new_size=200)
        old = FileChange(
            path="tests/test_models.py", old_mode="100644", new_mode="100644", added=12, deleted=3
        )
        return Change(old_tree="1" * 40, new_tree="2" * 40, files=files or (new, old))

    def attempt(self, number: int = 1, *, failure: Failure | None = None, **fields: object) -> Attempt:
        known = {
            "outcome": Outcome(
                ending=Ending.DONE,
                reason="the agent ended",
                said="I added the model.",
                turns=7,
                cost_usd=0.21,
                seconds=41.0,
            ),
            "change": self.change(),
            "gate": self.gate(),
            "commit": "f" * 40,
            "log": f"task_3-{number}.agent.log",
            "seconds": 45.0,
        }
        return Attempt(number=number, failure=failure, **(known | fields))  # type: ignore[arg-type]  # data of a test

    def red(self, number: int = 1, task_id: str = "task_3") -> Attempt:
        return self.attempt(
            number,
            gate=self.gate(passed=False),
            failure=Failure(cause=Cause.GATE, reason="the gate failed with exit 1", details="1 failed"),
            kept_ref=f"refs/nightshift/{RUN}/{task_id}/{number}",
        )

    def landed(self, task: Task | None = None, *attempts: Attempt, commit: str = "f" * 40) -> TaskResult:
        task, attempts = task or self.task(), attempts or (self.attempt(),)
        tries = "at the first attempt" if len(attempts) == 1 else f"at attempt {len(attempts)}"
        return TaskResult(
            task=task,
            verdict=Verdict.LANDED,
            reason=f"landed {tries}",
            attempts=attempts,
            commit=commit,
            branch=f"nightshift/{RUN}/{task.id}",
            seconds=50.0,
        )

    def not_landed(self, verdict: Verdict, reason: str, task: Task, **fields: object) -> TaskResult:
        return TaskResult(task=task, verdict=verdict, reason=reason, **fields)  # type: ignore[arg-type]  # data of a test

    def result(self, *results: TaskResult, night: Night | None = None, **fields: object) -> NightResult:
        landed = [one for one in results if one.verdict is Verdict.LANDED]
        known = {
            "exit_code": 0,
            "tip": "9" * 40 if landed else None,
            "baseline": (self.gate(seconds=2.0),),
            "finished": "2026-11-21T03:12:05Z",
            "seconds": 4325.0,
        }
        night = night or self.night(*(one.task for one in results))
        return NightResult(night=night, results=results, **(known | fields))  # type: ignore[arg-type]  # data of a test

    def quiet(self) -> NightResult:
        waits = self.task(
            "task_6", "Design schema", section=Section.NOT_READY, status=None, reason="Requires input"
        )
        return self.result(night=self.night(waits), seconds=0.4, baseline=())

    def good(self) -> NightResult:
        second = self.task("task_5", "Write the *docs* for @olive, fixes #12")
        return self.result(
            self.landed(),
            self.landed(second, self.red(task_id="task_5"), self.attempt(2), commit="8" * 40),
            delivered=Delivered(
                pushed=(f"nightshift/{RUN}/task_3", f"nightshift/{RUN}/task_5", f"nightshift/{RUN}/_session"),
                url=URL,
            ),
        )

    def mixed(self) -> NightResult:
        critical = Violation(
            rule="change.forbidden_paths",
            severity=Severity.CRITICAL,
            message="the change touches .env",
            place=Place(path=".env"),
        )
        warning = Violation(
            rule="task.tests", severity=Severity.WARNING, message="tests/test_x.py is not there yet"
        )
        auth = Violation(
            rule="change.approval_paths",
            severity=Severity.ERROR,
            message="src/auth/login.py needs an approval",
            place=Place(path="src/auth/login.py"),
            liftable=True,
        )
        broken = Judgement(violations=(critical, warning))
        return self.result(
            self.landed(),
            self.not_landed(
                Verdict.FAILED,
                "the change breaks the policy: the change touches .env",
                self.task("task_4", "Read settings"),
                violations=(warning, critical),
                attempts=(
                    self.attempt(
                        gate=None,
                        judgement=broken,
                        failure=Failure(cause=Cause.POLICY, reason="the change breaks the policy: .env"),
                        kept_ref=f"refs/nightshift/{RUN}/task_4/1",
                    ),
                    self.attempt(
                        2,
                        change=Change(old_tree="1" * 40, new_tree="1" * 40),
                        gate=None,
                        outcome=Outcome(
                            ending=Ending.DONE,
                            reason="the agent ended",
                            said="86/86 tests pass, all done!",
                            denials=("Bash(rm -rf build)",),
                            seconds=5.0,
                        ),
                        failure=Failure(cause=Cause.NO_CHANGE, reason="the agent changed nothing"),
                    ),
                ),
                seconds=80.0,
            ),
            self.not_landed(
                Verdict.NEEDS_APPROVAL,
                "the change breaks the policy: src/auth/login.py needs an approval",
                self.task("task_7", "Add login", estimated_lines=None),
                violations=(auth,),
                attempts=(
                    self.attempt(
                        gate=None,
                        change=self.change(
                            FileChange(
                                path="src/auth/login.py", old_mode="100644", new_mode="100644", added=2
                            ),
                            FileChange(path="old.py", old_mode="100644", deleted=4),
                            FileChange(path="x.png", new_mode="100644", binary=True, new_size=12345),
                        ),
                        failure=Failure(cause=Cause.POLICY, reason="the change breaks the policy"),
                    ),
                ),
                seconds=20.0,
            ),
            self.not_landed(
                Verdict.REFUSED,
                "the plan scores 60, the policy wants 80",
                self.task("task_1", "Rewrite everything"),
                violations=(
                    Violation(
                        rule="task.min_alignment",
                        severity=Severity.ERROR,
                        message="the plan scores 60, the policy wants 80",
                        place=Place(path="PROJECT_PLAN.md", line=9, column=3),
                    ),
                ),
            ),
            self.not_landed(
                Verdict.IN_REVIEW,
                "its change waits for review on nightshift/20261120-020000-0001/task_2",
                self.task("task_2", "Log requests"),
            ),
            self.not_landed(
                Verdict.WAITING, "waits for task_4, which is not done", self.task("task_8", "Use settings")
            ),
            self.not_landed(
                Verdict.NOT_STARTED, "the night stopped before it", self.task("task_9", "Last one")
            ),
            night=self.night(
                self.task(
                    "task_10",
                    "Pending one",
                    section=Section.PENDING,
                    status=Status.PENDING,
                    use="the console",
                ),
                remarks=(
                    Remark(text="the plan is not committed"),
                    Remark(text="2 local commits are not on origin/main", loud=True),
                ),
            ),
            exit_code=1,
            stopped="2 tasks failed in a row (session.stop_after_failures)",
            delivered=Delivered(
                pushed=(f"nightshift/{RUN}/_session",), url=URL, remarks=("drafts are refused there",)
            ),
        )

    def nothing_landed(self) -> NightResult:
        failed = self.not_landed(
            Verdict.FAILED,
            "the gate failed with exit 1",
            self.task(),
            attempts=(self.red(1), self.red(2), self.red(3)),
            seconds=200.0,
        )
        return self.result(failed, exit_code=1, delivered=Delivered())

    def refused(self) -> NightResult:
        task = self.task("../../x", "Escape")
        bad = Violation(
            rule="task.id", severity=Severity.ERROR, message="../../x is no task id", place=task.place
        )
        return self.result(
            self.not_landed(Verdict.REFUSED, "../../x is no task id", task, violations=(bad,)),
            baseline=(),
            seconds=0.7,
        )

    def interrupted(self) -> NightResult:
        stopped = self.attempt(
            outcome=Outcome(ending=Ending.INTERRUPTED, reason="the agent was interrupted", seconds=12.0),
            gate=None,
            commit=None,
            failure=Failure(cause=Cause.INTERRUPTED, reason="the agent was interrupted"),
        )
        return self.result(
            self.landed(),
            self.not_landed(
                Verdict.INTERRUPTED,
                "the agent was interrupted",
                self.task("task_4", "Next"),
                attempts=(stopped,),
            ),
            exit_code=130,
            stopped="a signal asked for the end (SIGINT)",
            delivered=Delivered(
                pushed=(f"nightshift/{RUN}/_session",),
                url=URL,
                remarks=("the pull request was there already",),
            ),
        )

    def alarm(self) -> NightResult:
        return self.result(
            self.landed(),
            exit_code=7,
            alarms=("refs/heads/main moved from 1111111 to 2222222", "the hook pre-commit is new"),
            delivered=Delivered(
                error="containment alarm: nothing is handed over before you had a look",
                command=f"nightshift deliver {RUN}",
            ),
        )

    def undelivered(self) -> NightResult:
        return self.result(
            self.landed(),
            exit_code=8,
            tip="f" * 40,
            delivered=Delivered(
                pushed=(f"nightshift/{RUN}/task_3", f"nightshift/{RUN}/_session"),
                error="gh is not logged in (gh auth login)",
                command=f"nightshift deliver {RUN}",
                remarks=("the text of the pull request lies in /state/pull_request.md",),
            ),
        )

    def red_baseline(self) -> NightResult:
        red = self.gate(passed=False)
        return self.result(
            self.not_landed(Verdict.NOT_STARTED, "the gate is red on the base", self.task()),
            night=self.night(self.task(), policy=Policy()),
            exit_code=4,
            stopped="the gate is red on the base, before any change",
            baseline=(red, red),
            finished="",
        )

    def named(self, name: str) -> NightResult:
        return getattr(self, name)()  # type: ignore[no-any-return]  # one of the shapes above

    def delivering(self, result: NightResult, *, branches: Mapping[str, str], **rules: object) -> NightResult:
        """Point a result at real commits, and give its policy these rules of delivery."""
        known = DeliveryRules(**rules)  # type: ignore[arg-type]  # data of a test
        policy = replace(result.night.policy, delivery=known)
        session = result.night.session_branch
        results = tuple(
            replace(one, commit=branches[one.branch]) if one.branch in branches else one
            for one in result.results
        )
        night = replace(result.night, policy=policy)
        return replace(result, night=night, results=results, tip=branches[session], delivered=None)


@pytest.fixture
def shapes() -> Shapes:
    """Return the builder of nights."""
    return Shapes()


@dataclass(frozen=True)
class Widget:
    """An owner's repository with a night's branches, and its bare remote."""

    root: Path
    remote: Path
    branches: Mapping[str, str]

    def git(self, *args: str, cwd: Path | None = None) -> str:
        return git(*args, cwd=cwd or self.root)

    def on_remote(self) -> set[str]:
        return set(git("for-each-ref", "--format=%(refname)", cwd=self.remote).split())


def git(*args: str, cwd: Path) -> str:
    """Run git and return what it printed."""
    return subprocess.run(["git", *args], cwd=cwd, check=True, capture_output=True, text=True).stdout.strip()


@pytest.fixture
def widget(tmp_path: Path) -> Widget:
    """Make the repository: main on the remote, and a night of two branches beside it."""
    root, remote = tmp_path / "widget", tmp_path / "widget.git"
    git("init", "-q", "--bare", "-b", "main", str(remote), cwd=tmp_path)
    git("init", "-q", "-b", "main", str(root), cwd=tmp_path)
    for name, value in (("user.name", "Olive"), ("user.email", "olive@example.invalid")):
        git("config", name, value, cwd=root)
    (root / "README.md").write_text("widget\n")
    git("add", "-A", cwd=root)
    git("commit", "-qm", "start", cwd=root)
    git("remote", "add", "origin", str(remote), cwd=root)
    git("push", "-q", str(remote), "main", cwd=root)
    branches, tip = {}, git("rev-parse", "HEAD", cwd=root)
    for name in ("task_3", "_session"):
        tip = git("commit-tree", "-p", tip, "-m", name, "HEAD^{tree}", cwd=root)
        branches[f"nightshift/{RUN}/{name}"] = tip
        git("update-ref", f"refs/heads/nightshift/{RUN}/{name}", tip, cwd=root)
    return Widget(root=root, remote=remote, branches=branches)


FAKE_GH = r"""#!/bin/sh
here=$(dirname "$0")
for word in "$@"; do printf '%s\037' "$word" >> "$here/calls"; done
printf '\n' >> "$here/calls"
env > "$here/env"
case "$1 $2" in
  "pr list") answer=list ;;
  "auth status") answer=auth ;;
  *) answer=create ;;
esac
number=$(cat "$here/$answer.count" 2>/dev/null || echo 0)
number=$((number + 1))
echo "$number" > "$here/$answer.count"
script="$here/$answer.$number"
[ -f "$script" ] || script="$here/$answer"
. "$script"
"""


@dataclass(frozen=True)
class FakeGh:
    """A gh on PATH; what it answers is a piece of shell for each kind of call, or for its nth."""

    folder: Path

    def answers(self, kind: str, *, out: str = "", err: str = "", code: int = 0) -> None:
        (self.folder / kind).write_text(
            f"cat <<'END'\n{out}\nEND\ncat >&2 <<'END'\n{err}\nEND\nexit {code}\n"
        )

    @property
    def calls(self) -> list[list[str]]:
        calls = self.folder / "calls"
        lines = calls.read_text().splitlines() if calls.exists() else []
        return [line.split("\x1f")[:-1] for line in lines]

    @property
    def seen(self) -> dict[str, str]:
        lines = (self.folder / "env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines if "=" in line)


@pytest.fixture
def gh(tmp_path: Path) -> FakeGh:
    """Put a gh into a folder of its own; it opens pull request 7 and knows of none."""
    folder = tmp_path / "gh-bin"
    folder.mkdir()
    (folder / "gh").write_text(FAKE_GH)
    (folder / "gh").chmod(stat.S_IRWXU)
    fake = FakeGh(folder)
    fake.answers("create", out=URL)
    fake.answers("list", out="[]")
    fake.answers("auth", out="Logged in to github.com")
    return fake


@pytest.fixture
def environ(home: Path, gh: FakeGh) -> Callable[..., dict[str, str]]:
    """Return a maker of the owner's environment, with the fake gh first on PATH (or without any gh)."""

    def make(*, with_gh: bool = True, **more: str) -> dict[str, str]:
        system = os.environ["PATH"]
        if not with_gh:
            bare = gh.folder.parent / "no-gh"
            bare.mkdir(exist_ok=True)
            for program in ("git", "sh", "cat", "env", "dirname"):
                found = next(
                    Path(part) / program for part in system.split(":") if (Path(part) / program).exists()
                )
                (bare / program).unlink(missing_ok=True)
                (bare / program).symlink_to(found)
            system = str(bare)
        path = f"{gh.folder}:{system}" if with_gh else system
        return {"PATH": path, "HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", **more}

    return make
