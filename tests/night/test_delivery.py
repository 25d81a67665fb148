"""Whole nights handed over: one push, one pull request, and what happens when either fails."""

import json
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nightshift.cli import app
from nightshift.model import NightResult, Verdict
from nightshift.testing.project import PLAN, Project, ready_task

GOOD = {"t1": [{"write": {"path": "src/one.py", "text": "N = 1\n"}}]}
TWO = GOOD | {"t2": [{"write": {"path": "src/two.py", "text": "N = 2\n"}}]}
BROKEN = {"t1": [{"write": {"path": "src/broken.py", "text": "x\n"}}]}
URL = "https://github.com/acme/widget/pull/7"
RECORDING = r"""#!/bin/sh
here=$(dirname "$0")
for word in "$@"; do printf '%s\037' "$word" >> "$here/calls"; done
printf '\n' >> "$here/calls"
case "$1 $2" in
  "pr create") kind=create ;;
  "pr list") kind=list ;;
  *) kind=auth ;;
esac
. "$here/$kind"
"""


@dataclass(frozen=True)
class Gh:
    """A gh on PATH that answers as it is told and remembers what it was asked."""

    folder: Path

    def answers(self, kind: str, *, out: str = "", err: str = "", code: int = 0) -> None:
        (self.folder / kind).write_text(
            f"cat <<'END'\n{out}\nEND\ncat >&2 <<'END'\n{err}\nEND\nexit {code}\n"
        )

    def calls(self, kind: str) -> list[list[str]]:
        file = self.folder / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        calls = [line.split("\x1f")[:-1] for line in lines]
        return [call for call in calls if call[:2] == kind.split()]


@pytest.fixture
def gh(project: Project, tmp_path: Path) -> Gh:
    """Put a gh first on the owner's PATH; it opens pull request 7 and knows of none."""
    folder = tmp_path / "gh-bin"
    folder.mkdir()
    (folder / "gh").write_text(RECORDING)
    (folder / "gh").chmod(stat.S_IRWXU)
    fake = Gh(folder)
    fake.answers("create", out=URL)
    fake.answers("list", out="[]")
    fake.answers("auth")
    project.environ["PATH"] = f"{folder}:{project.environ['PATH']}"
    return fake


@pytest.fixture
def without_gh(project: Project, tmp_path: Path) -> None:
    """Leave on the owner's PATH only what a night needs."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for program in ("git", "sh"):
        (folder / program).symlink_to(Path(str(shutil.which(program))))
    project.environ["PATH"] = str(folder)


def policy(**delivery: object) -> str:
    rules = "".join(f"  {key}: {json.dumps(value)}\n" for key, value in delivery.items())
    return f"version: 1\nagent:\n  kind: scripted\ndelivery:\n{rules}"


def night(project: Project, script: dict[str, Any], **asked: Any) -> NightResult:
    project.set_plan(*(ready_task(task_id) for task_id in script))
    return project.night(script, **asked)


def records(project: Project, result: NightResult) -> Path:
    (folder,) = project.state.glob(f"*/runs/{result.night.run}")
    return folder


def report(project: Project, result: NightResult) -> Any:
    return json.loads((records(project, result) / "report.json").read_text())


def on_remote(project: Project) -> set[str]:
    return {ref.removeprefix("refs/heads/") for ref in project.branches(project.remote)} - {"main"}


def deliver(project: Project, monkeypatch: pytest.MonkeyPatch, run: str) -> Any:
    """Run `nightshift deliver` here, in the owner's environment."""
    for name, value in project.environ.items():
        monkeypatch.setenv(name, value)
    return CliRunner().invoke(app, ["-C", str(project.root), "deliver", run])


@pytest.mark.row("S3.71", "S3.80", "S3.72", "promise 9")
def test_a_night_ends_in_one_push_and_one_draft_pull_request(project: Project, gh: Gh) -> None:
    project.write("constraints.yaml", policy(labels=["nightshift", "bot"], reviewers=["olive"]))

    result = night(project, TWO)

    run = result.night.run
    session = f"nightshift/{run}/_session"
    body = records(project, result) / "pull_request.md"
    (call,) = gh.calls("pr create")
    assert (result.exit_code, result.delivered and result.delivered.url) == (0, URL)
    title = call[call.index("--title") + 1]
    assert call == [
        *("pr", "create", "--head", session, "--base", "main", "--title", title),
        *("--body-file", str(body), "--draft", "--label", "nightshift", "--label", "bot"),
        *("--reviewer", "olive"),
    ]
    assert "2" in title
    assert on_remote(project) == {session, f"nightshift/{run}/t1", f"nightshift/{run}/t2"}
    text = body.read_text()
    assert "t1" in text
    assert "t2" in text
    assert project.git("rev-parse", session) in project.branches(project.remote).values()


@pytest.mark.row("S3.71", "promise 7")
def test_the_journal_confirms_each_step_once(project: Project, gh: Gh) -> None:
    result = night(project, GOOD)

    lines = [
        json.loads(line) for line in (records(project, result) / "journal.jsonl").read_text().splitlines()
    ]
    steps = [(one["kind"], one["facts"]["key"]) for one in lines if one["kind"].startswith("effect_")]
    fetch = f"fetch:{result.night.run}"
    assert steps == [
        (kind, key)
        for key in (fetch, "push", "pull_request")
        for kind in ("effect_started", "effect_finished")
    ]


@pytest.mark.row("S3.71", "promise 4")
def test_nothing_but_the_nights_branches_is_pushed(project: Project, gh: Gh) -> None:
    project.git("branch", "side")
    project.git("tag", "v1")
    before = project.branches(project.remote)
    project.git("config", "remote.origin.push", "refs/heads/*:refs/heads/*")
    project.git("config", "push.followTags", "true")

    result = night(project, GOOD)

    new = project.branches(project.remote).keys() - before.keys()
    prefix = f"refs/heads/nightshift/{result.night.run}"
    assert new == {f"{prefix}/_session", f"{prefix}/t1"}


@pytest.mark.row("S3.73", "S3.71", "promise 5", "promise 7", "promise 9")
def test_what_gh_refused_is_kept_told_and_finished_by_deliver(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh.answers("create", err="error connecting to api.github.com", code=1)

    result = night(project, GOOD)

    run = result.night.run
    assert result.exit_code == 8
    assert result.delivered is not None
    assert result.delivered.url is None
    assert result.delivered.error == "GitHub cannot be reached (check the network)"
    assert result.delivered.command == f"nightshift deliver {run}"
    assert f"nightshift deliver {run}" in (records(project, result) / "report.md").read_text()
    assert "created" not in (records(project, result) / "report.md").read_text().casefold()
    assert (records(project, result) / "pull_request.md").read_text()
    assert f"nightshift/{run}/t1" in on_remote(project)
    refs = project.branches()

    gh.answers("create", out=URL)
    done = deliver(project, monkeypatch, run)

    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, URL)
    assert report(project, result)["delivered"]["url"] == URL
    assert project.branches() == refs
    assert gh.calls("pr create")[0] == gh.calls("pr create")[1]


@pytest.mark.row("promise 7")
def test_a_second_deliver_does_nothing(project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch) -> None:
    result = night(project, GOOD)
    before = project.branches(project.remote), len(gh.calls("pr create"))

    done = deliver(project, monkeypatch, result.night.run)

    assert done.exit_code == 0
    assert done.stdout.splitlines()[-1] == URL
    assert "it was handed over already" in done.stderr
    assert (project.branches(project.remote), len(gh.calls("pr create"))) == before


@pytest.mark.row("promise 7")
def test_a_pull_request_that_came_through_although_nobody_heard_is_found_and_not_opened_twice(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh.answers("create", err="i/o timeout", code=1)
    result = night(project, GOOD)
    gh.answers("list", out=json.dumps([{"url": URL, "state": "OPEN"}]))

    done = deliver(project, monkeypatch, result.night.run)

    assert (done.exit_code, done.stdout.splitlines()[-1]) == (0, URL)
    assert len(gh.calls("pr create")) == 1


@pytest.mark.row("S3.73")
def test_deliver_fails_with_8_as_long_as_it_cannot_and_prints_itself(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    gh.answers("create", err="error connecting to api.github.com", code=1)
    result = night(project, GOOD)

    done = deliver(project, monkeypatch, result.night.run)

    assert done.exit_code == 8
    assert "nightshift: GitHub cannot be reached" in done.stderr
    assert done.stderr.splitlines()[-1] == f"  nightshift deliver {result.night.run}"


@pytest.mark.row("S3.73")
def test_without_gh_the_night_says_so_in_the_evening_and_keeps_everything(
    project: Project, without_gh: None
) -> None:
    result = night(project, GOOD)

    assert result.exit_code == 8
    assert any("no pull request can be opened: gh is not on PATH" in event.text for event in project.heard)
    assert result.delivered is not None
    assert "gh is not on PATH" in str(result.delivered.error)
    assert (records(project, result) / "pull_request.md").exists()
    assert f"nightshift/{result.night.run}/t1" in on_remote(project)


@pytest.mark.row("S3.73")
def test_without_a_remote_the_branches_stay_here_and_the_command_that_finishes_it_is_told(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.git("remote", "remove", "origin")
    remote, project.remote = project.remote, None

    result = night(project, GOOD)

    run = result.night.run
    assert result.exit_code == 8
    assert any("there is no remote called origin" in event.text for event in project.heard)
    assert f"refs/heads/nightshift/{run}/_session" in project.branches()
    assert gh.calls("pr create") == []

    project.remote = remote
    project.git("remote", "add", "origin", str(remote))
    assert deliver(project, monkeypatch, run).exit_code == 0
    assert f"nightshift/{run}/_session" in on_remote(project)
    assert len(gh.calls("pr create")) == 1


@pytest.mark.row("S3.73")
@pytest.mark.parametrize("how", ["policy", "flag"])
def test_who_wants_no_pull_request_gets_the_push_alone(project: Project, gh: Gh, how: str) -> None:
    asked = {"pull_request": False} if how == "flag" else {}
    if how == "policy":
        project.write("constraints.yaml", policy(pull_request="none"))

    result = night(project, GOOD, **asked)

    assert result.exit_code == 0
    assert f"nightshift/{result.night.run}/_session" in on_remote(project)
    assert gh.calls("pr create") == gh.calls("auth status") == []
    assert (records(project, result) / "pull_request.md").exists()


def test_who_wants_no_pull_request_needs_no_remote(project: Project) -> None:
    project.git("remote", "remove", "origin")
    project.remote = None
    project.write("constraints.yaml", policy(pull_request="none"))

    result = night(project, GOOD)

    assert result.exit_code == 0
    assert f"refs/heads/nightshift/{result.night.run}/t1" in project.branches()
    assert not any("no remote" in event.text for event in project.heard if event.kind == "warning")


@pytest.mark.row("S3.73", "promise 5")
def test_a_remote_whose_hook_refuses_gets_nothing_and_deliver_finishes_it_later(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.remote is not None
    project.set_plan(ready_task("t1"))
    hook = project.remote / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'only maintainers push' >&2\nexit 1\n")
    hook.chmod(0o755)

    result = project.night(GOOD)

    assert result.exit_code == 8
    assert result.delivered is not None
    assert str(result.delivered.error).startswith("the remote's own rules declined the push")
    assert (on_remote(project), gh.calls("pr create")) == (set(), [])
    assert f"refs/heads/nightshift/{result.night.run}/t1" in project.branches()

    hook.unlink()
    assert deliver(project, monkeypatch, result.night.run).exit_code == 0
    assert f"nightshift/{result.night.run}/t1" in on_remote(project)
    assert len(gh.calls("pr create")) == 1


def test_a_remote_that_is_gone_is_said_in_the_evening_and_in_the_report(project: Project, gh: Gh) -> None:
    project.set_plan(ready_task("t1"))
    assert project.remote is not None
    shutil.rmtree(project.remote)

    result = project.night(GOOD)

    assert (result.exit_code, [one.verdict for one in result.results]) == (8, [Verdict.LANDED])
    assert any("a push to origin will fail" in event.text for event in project.heard)
    assert gh.calls("pr create") == []


@pytest.mark.row("S3.71")
def test_where_drafts_are_refused_it_is_tried_once_without(project: Project, gh: Gh) -> None:
    (gh.folder / "create").write_text(
        'case "$*" in *--draft*) echo "Draft pull requests are not supported" >&2; exit 1;; esac\n'
        f"echo {URL}\n"
    )

    result = night(project, GOOD)

    assert (result.exit_code, result.delivered and result.delivered.url) == (0, URL)
    assert ["--draft" in call for call in gh.calls("pr create")] == [True, False]
    assert result.delivered is not None
    assert any("draft" in remark for remark in result.delivered.remarks)


@pytest.mark.row("S3.64", "promise 2")
@pytest.mark.parametrize("base", ["no plan", "a plan without the task"])
def test_what_the_base_does_not_have_gets_no_status_commit(project: Project, gh: Gh, base: str) -> None:
    if base == "no plan":
        project.git("rm", "-q", "PROJECT_PLAN.md")
        project.commit("Keep the plan to myself")
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1"))

    result = project.night(GOOD)

    assert result.tip == result.results[0].commit
    assert (result.exit_code, len(gh.calls("pr create"))) == (0, 1)


@pytest.mark.row("S3.74")
def test_a_night_in_which_nothing_landed_pushes_nothing_and_asks_gh_for_nothing(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = night(project, BROKEN)

    assert (result.exit_code, result.tip) == (1, None)
    assert (on_remote(project), gh.calls("pr create")) == (set(), [])
    done = deliver(project, monkeypatch, result.night.run)
    assert done.exit_code == 0
    assert "nothing landed in this night" in done.stderr


@pytest.mark.row("S3.71")
def test_a_night_with_nothing_to_do_asks_neither_remote_nor_gh_about_delivery(
    project: Project, gh: Gh
) -> None:
    result = project.night({})

    assert result.exit_code == 0
    assert gh.calls("auth status") == []


def test_deliver_of_an_unknown_run_names_the_latest(
    project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch
) -> None:
    none_yet = deliver(project, monkeypatch, "20260102-030405-abcd")
    result = night(project, GOOD)
    unknown = deliver(project, monkeypatch, "../../etc")

    assert (none_yet.exit_code, unknown.exit_code) == (2, 2)
    assert "there was no night here yet" in none_yet.stderr
    assert f"the latest is {result.night.run}" in unknown.stderr


@pytest.mark.row("S3.84")
def test_deliver_waits_for_no_lock(project: Project, gh: Gh, monkeypatch: pytest.MonkeyPatch) -> None:
    from nightshift.records import Lock
    from nightshift.workspace.owner import open_owner

    result = night(project, GOOD)
    with Lock(open_owner(project.root).common_dir, environ=project.environ, run="20260102-030405-abcd"):
        done = deliver(project, monkeypatch, result.night.run)

    assert done.exit_code == 5
    assert "20260102-030405-abcd" in done.stderr
