"""What the world can bring: one clear message, the documented exit code, the repository untouched."""

import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.model import Verdict
from nightshift.testing.project import Project, ready_task
from nightshift.workspace.process import Completed

GOOD = {"t1": [{"write": {"path": "src/app.py", "text": "TWO = 2\n"}}]}


def run(project: Project, *args: str | Path, **environ: str) -> Completed:
    script = project.script(GOOD)
    return project.cli("run", "--agent", f"scripted:{script}", *args, **environ)


def assert_refused(done: Completed, *, code: int, says: str, tip: str = "") -> None:
    """One message, the exit code, and no traceback."""
    words = done.stderr.decode()
    assert "Traceback" not in words
    assert says in words
    assert tip in words
    assert done.exit_code == code, words


# ---------------------------------------------------------------- the repository


def test_a_folder_that_is_no_repository_is_named(project: Project, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()

    done = project.cli("-C", tmp_path / "plain", "run")

    assert_refused(done, code=3, says=f"{tmp_path / 'plain'} is in no git repository", tip="-C DIR")


def test_a_folder_that_does_not_exist_is_wrong_usage(project: Project, tmp_path: Path) -> None:
    assert_refused(project.cli("-C", tmp_path / "nowhere", "run"), code=2, says="is not a folder")


def test_a_bare_repository_is_refused(project: Project) -> None:
    assert_refused(project.cli("-C", str(project.remote), "run"), code=3, says="bare")


def test_a_repository_without_a_commit_is_refused(project: Project, tmp_path: Path) -> None:
    project.git_in(tmp_path, "init", "-q", "empty")

    assert_refused(project.cli("-C", tmp_path / "empty", "run"), code=3, says="no commit")


def test_a_detached_head_and_a_dirty_checkout_are_fine(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.git("checkout", "-q", "--detach")
    project.write("src/app.py", "dirty\n")

    assert run(project, "--no-pr").exit_code == 0
    assert (project.root / "src/app.py").read_text() == "dirty\n"


def test_a_branch_called_nightshift_is_refused_with_the_command_that_renames_it(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.git("branch", "nightshift")

    assert_refused(
        run(project), code=3, says="a branch called nightshift", tip="git branch -m nightshift nightshift-old"
    )


def test_a_branch_called_nightshift_on_the_remote_is_refused_too(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.git("push", "-q", "origin", "HEAD:refs/heads/nightshift")

    assert_refused(run(project), code=3, says="a branch called nightshift on origin")


def test_an_owner_without_identity_is_told_how_to_set_one(project: Project, home: Path) -> None:
    project.set_plan(ready_task("t1"))
    (home / ".gitconfig").write_text("")

    assert_refused(run(project), code=3, says="user.name", tip="git config --global user.name")


def test_a_base_that_does_not_exist_is_named(project: Project) -> None:
    project.set_plan(ready_task("t1"))

    assert_refused(run(project, "--base", "mian"), code=3, says="mian", tip="main")


def test_a_night_started_from_a_git_hook_uses_the_repository_it_was_given(
    project: Project, tmp_path: Path
) -> None:
    project.set_plan(ready_task("t1"))
    project.git_in(tmp_path, "init", "-q", "other")

    done = run(
        project, "--no-pr", GIT_DIR=str(tmp_path / "other/.git"), GIT_INDEX_FILE=str(tmp_path / "index")
    )

    assert done.exit_code == 0
    assert any("nightshift/" in ref for ref in project.branches())
    assert project.branches(tmp_path / "other") == {} if (tmp_path / "other").exists() else True


# ---------------------------------------------------------------- the plan


@pytest.mark.row("S3.14")
def test_a_missing_plan_is_not_the_same_as_nothing_to_do(project: Project) -> None:
    (project.root / "PROJECT_PLAN.md").unlink()

    assert_refused(run(project), code=3, says="there is no plan", tip="nightshift init")


def test_an_empty_plan_is_a_quiet_night(project: Project) -> None:
    project.write("PROJECT_PLAN.md", "")

    assert run(project).exit_code == 0


def test_a_plan_that_is_not_utf8_is_named_with_its_line(project: Project) -> None:
    project.write("PROJECT_PLAN.md", b"# Plan\n\n\xff\xfe\n")

    assert_refused(run(project), code=3, says="PROJECT_PLAN.md:3", tip="UTF-8")


def test_a_plan_of_ten_megabytes_is_refused(project: Project) -> None:
    project.write("PROJECT_PLAN.md", b"x" * 10_000_000)

    assert_refused(run(project), code=3, says="PROJECT_PLAN.md")


@pytest.mark.row("S3.11")
@pytest.mark.parametrize("task_id", ["../../x", "-rf", "a..b", "a.lock", "x" * 80], ids=str)
def test_an_id_that_is_none_is_refused_and_the_night_goes_on(project: Project, task_id: str) -> None:
    project.set_plan(ready_task(task_id), ready_task("t1"))

    result = project.night(GOOD)

    assert [one.verdict for one in result.results] == [Verdict.LANDED, Verdict.REFUSED]


@pytest.mark.row("S3.11")
def test_duplicate_ids_are_both_refused(project: Project) -> None:
    project.set_plan(ready_task("dup"), ready_task("Dup"), ready_task("t1"))

    result = project.night(GOOD)

    assert [one.verdict for one in result.results] == [Verdict.LANDED, Verdict.REFUSED, Verdict.REFUSED]


# ---------------------------------------------------------------- the policy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        pytest.param("a: [", "constraints.yaml:2:1: not YAML", id="not YAML"),
        pytest.param("- a\n- b\n", "constraints.yaml:1:1", id="a list"),
        pytest.param("version: 9\n", "constraints.yaml:1:10", id="unknown version"),
        pytest.param("task:\n  min_alignmant: 3\n", "min_alignment", id="a typo"),
        pytest.param("agent:\n  sandbox: required\n", "not in this version", id="of a later version"),
    ],
)
def test_a_policy_that_cannot_be_read_ends_the_night_with_its_place(
    project: Project, text: str, says: str
) -> None:
    project.set_plan(ready_task("t1"))
    project.write("constraints.yaml", text)

    assert_refused(run(project), code=3, says=says)


def test_a_missing_policy_means_the_defaults_and_is_said(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    (project.root / "constraints.yaml").unlink()

    done = run(project, "--no-pr")

    assert done.exit_code == 0
    assert (
        b"there is no constraints.yaml, but the base commit has one: the default policy holds" in done.stderr
    )


def test_allowed_paths_that_match_no_source_end_the_night_with_those_that_fit(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.write("constraints.yaml", 'change:\n  allowed_paths: ["lib/**"]\n')

    assert_refused(run(project), code=3, says="constraints.yaml:2", tip="src/**")


# ---------------------------------------------------------------- the gate


def test_a_gate_that_is_not_executable_is_told_how_to_become_so(project: Project) -> None:
    project.write(".ai-validation/check_quality.sh", "#!/bin/sh\n")
    project.set_plan(ready_task("t1"))

    assert_refused(run(project), code=4, says="not an executable file", tip="git update-index --chmod=+x")


@pytest.mark.row("S3.57", "users 10")
def test_a_gate_that_hangs_is_stopped_at_its_own_limit(project: Project) -> None:
    project.write("constraints.yaml", "gate:\n  timeout_minutes: 0.01\n")
    project.write(".ai-validation/check_quality.sh", "#!/bin/sh\nsleep 600 & sleep 600\n", executable=True)
    project.set_plan(ready_task("t1"))

    assert_refused(run(project), code=4, says="was still running after 0.01 minutes and was stopped")


# ---------------------------------------------------------------- the agent


def test_a_missing_claude_is_named(project: Project) -> None:
    project.write("constraints.yaml", "agent:\n  command: [no-such-claude]\n  sandbox: none\n")
    project.set_plan(ready_task("t1"))

    done = project.cli("run", ANTHROPIC_API_KEY="sk-ant-dummy")

    assert_refused(done, code=4, says="no-such-claude")


def test_claude_without_a_credential_is_told_of_setup_token(project: Project) -> None:
    project.write("constraints.yaml", "agent:\n  command: [sh]\n  sandbox: none\n")
    project.set_plan(ready_task("t1"))

    assert_refused(project.cli("run"), code=4, says="CLAUDE_CODE_OAUTH_TOKEN", tip="claude setup-token")


def test_claude_without_a_box_needs_the_owners_word(project: Project) -> None:
    project.write("constraints.yaml", "agent:\n  command: [sh]\n")
    project.set_plan(ready_task("t1"))

    assert_refused(project.cli("run", ANTHROPIC_API_KEY="sk-ant-dummy"), code=4, says="sandbox: none")


def test_an_unknown_agent_is_wrong_usage(project: Project) -> None:
    assert_refused(project.cli("run", "--agent", "gpt"), code=2, says="--agent gpt", tip="scripted:FILE")


def test_a_missing_script_of_the_scripted_agent_is_named(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    done = project.cli("run", "--agent", "scripted:nowhere.yaml")

    assert "nowhere.yaml" in done.stderr.decode()
    assert done.exit_code in {2, 4}


# ---------------------------------------------------------------- the machine


def test_a_state_folder_that_cannot_be_made_is_named(project: Project, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    project.set_plan(ready_task("t1"))

    done = run(project, NIGHTSHIFT_STATE_DIR=str(tmp_path / "file/state"))

    assert_refused(done, code=4, says=str(tmp_path / "file"))


def test_an_unset_home_is_said(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    del project.environ["HOME"]

    assert_refused(run(project), code=4, says="HOME")


def test_a_git_that_is_too_old_is_named(project: Project, tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    old = tmp_path / "bin/git"
    old.write_text("#!/bin/sh\necho 'git version 2.20.1'\n")
    old.chmod(0o755)

    done = project.cli("run", PATH=f"{tmp_path / 'bin'}:{project.environ['PATH']}")

    assert_refused(done, code=4, says="2.20.1", tip="2.34")


def test_no_git_at_all_is_said(project: Project, tmp_path: Path) -> None:
    assert_refused(project.cli("run", PATH=str(tmp_path)), code=4, says="git")


# ---------------------------------------------------------------- what an agent leaves


def nested_repository(folder: Path) -> None:
    (folder / "src/nested/.git/objects").mkdir(parents=True)
    (folder / "src/nested/.git/refs").mkdir()
    (folder / "src/nested/.git/HEAD").write_text("ref: refs/heads/main\n")


def mode_000(folder: Path) -> None:
    (folder / "src/secret.py").write_text("x = 1\n")
    (folder / "src/secret.py").chmod(0)


def fifo(folder: Path) -> None:
    import os

    os.mkfifo(folder / "src/pipe")


def deep(folder: Path) -> None:
    path = folder / "src"
    for _ in range(100):
        path = path / "d"
    path.mkdir(parents=True)
    (path / "x.py").write_text("x = 1\n")


def not_utf8(folder: Path) -> None:
    (Path(str(folder) + "/src/") / b"\xff.py".decode("utf-8", "surrogateescape")).write_text("x = 1\n")


def newline(folder: Path) -> None:
    (folder / "src/a\nb.py").write_text("x = 1\n")


def link_out(folder: Path) -> None:
    (folder / "src/link.py").unlink(missing_ok=True)
    (folder / "src/link.py").symlink_to("/etc/passwd")


@pytest.mark.row("S3.36", "users 23", "promise 1")
@pytest.mark.parametrize(
    ("leave", "lands"),
    [
        pytest.param(nested_repository, False, id="a nested git init"),
        pytest.param(mode_000, None, id="a file of mode 000"),
        pytest.param(fifo, None, id="a fifo"),
        pytest.param(deep, None, id="a folder 100 deep"),
        pytest.param(not_utf8, False, id="a name that is not UTF-8"),
        pytest.param(newline, False, id="a name with a newline"),
        pytest.param(link_out, False, id="a link out of the tree"),
    ],
)
def test_what_an_agent_leaves_behind_never_breaks_the_night(
    project: Project, monkeypatch: pytest.MonkeyPatch, leave: Callable[[Path], None], lands: bool | None
) -> None:
    from nightshift.agent.scripted import Scripted

    work = Scripted.work

    def working(self: Any, job: Any) -> Any:
        outcome = work(self, job)
        if job.task.id == "t1":
            leave(job.folder)
        return outcome

    monkeypatch.setattr(Scripted, "work", working)
    project.set_plan(ready_task("t1"), ready_task("t2"))

    result = project.night(
        {**GOOD, "t2": [{"write": {"path": "src/two.py", "text": "x = 2\n"}}]}, pull_request=False
    )

    first, second = result.results
    assert second.verdict is Verdict.LANDED
    assert lands is None or (first.verdict is Verdict.LANDED) == lands
    assert project.git("status", "--porcelain") == ""
    assert not list(project.state.glob("*/runs/*/slot"))


def test_the_records_of_a_night_are_for_its_owner_alone(project: Project) -> None:
    project.set_plan(ready_task("t1"))
    project.night(GOOD, pull_request=False)

    (folder,) = project.state.glob("*/runs/*")
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) & 0o077 for path in folder.iterdir() if path.is_file()} == {0}
