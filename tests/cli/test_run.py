"""`nightshift run`: its options, its answers and its exit codes."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.testing.project import PLAN, POLICY, Project, ready_task

Command = Callable[..., Any]

ONE = {"t1": [{"write": {"path": "src/one.py", "text": "N = 1\n"}}]}
TWO = ONE | {"t2": [{"write": {"path": "src/two.py", "text": "N = 2\n"}}]}
BROKEN = {"t1": [{"write": {"path": "src/broken.py", "text": "x\n"}}]}
ESCAPE = re.compile(r"\x1b|\x9b")


@pytest.fixture
def run(project: Project, command: Command) -> Command:
    """Return a function that runs a night with a script, without a pull request unless told otherwise."""

    def night(script: dict[str, Any], *args: str | Path, before: tuple[Any, ...] = (), **environ: str) -> Any:
        return command(
            *before, "run", "--agent", f"scripted:{project.script(script)}", "--no-pr", *args, **environ
        )

    return night


def landed(answer: Any) -> list[str]:
    return [one["task"]["id"] for one in json.loads(answer.stdout)["tasks"] if one["verdict"] == "landed"]


# ---------------------------------------------------------------- what it prints


@pytest.mark.row("promise 6", "promise 9")
def test_the_answer_for_people_is_five_lines_and_where_the_report_is(project: Project, run: Command) -> None:
    project.set_plan(ready_task("t1"))

    done = run(ONE)

    lines = done.stdout.splitlines()
    assert done.exit_code == 0, done.stderr
    assert [line.partition(":")[0] for line in lines] == [
        *("Needs you", "Landed", "Parked", "Spent", "Did not run", "Report")
    ]
    assert lines[1] == "Landed: 1 of 1 task that ran: t1"
    assert Path(lines[5].removeprefix("Report: ")).read_text().startswith("- **Needs you:**")
    assert "[t1] Add a thing" in done.stderr
    assert "  landed: landed at the first attempt" in done.stderr


@pytest.mark.row("promise 6")
def test_the_answer_for_machines_is_the_report(project: Project, run: Command) -> None:
    project.set_plan(*map(ready_task, TWO))

    done = run(TWO, "--json")

    report = json.loads(done.stdout)
    (saved,) = project.state.glob("*/runs/*/report.json")
    assert report == json.loads(saved.read_text())
    assert (report["schema_version"], report["exit_code"]) == (1, 0)
    assert landed(done) == ["t1", "t2"]


@pytest.mark.row("S3.83")
def test_neither_answer_holds_an_escape_code_where_there_is_no_terminal(
    project: Project, run: Command
) -> None:
    project.set_plan(ready_task("t1"))

    done = run(ONE, FORCE_COLOR="1", TERM="xterm-256color")

    assert not ESCAPE.search(done.stdout + done.stderr)


@pytest.mark.row("promise 9")
@pytest.mark.parametrize("args", [(), ("--dry-run",), ("--json",)], ids=["run", "dry run", "json"])
def test_a_hostile_title_never_reaches_the_terminal_raw(
    project: Project, run: Command, args: tuple[str, ...]
) -> None:
    hostile = "Add \x1b[2J\x1b]0;owned\x07 a \u202egnp.exe\u202c thing \x9b31m\u2066"
    project.set_plan(ready_task("t1", hostile), ready_task("low\x1b[31m", hostile))

    done = run(ONE, *args)

    shown = done.stdout + done.stderr
    assert done.exit_code == 0, shown
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", shown)
    assert "a " in shown


def test_text_that_the_terminal_cannot_show_is_no_bug(project: Project) -> None:
    project.set_plan(ready_task("low", "Añadir una cosa ✅", **{"Alignment score": "10/100"}))
    script = project.script(ONE)

    done = project.cli("run", "--dry-run", "--agent", f"scripted:{script}", PYTHONIOENCODING="ascii")

    assert done.exit_code == 0, done.stderr
    assert b"[low] A?adir una cosa ?" in done.stdout


@pytest.mark.row("users 13")
@pytest.mark.parametrize("args", [(), ("--json",)], ids=["people", "machines"])
def test_no_answer_holds_a_secret_of_the_environment(
    project: Project, run: Command, args: tuple[str, ...]
) -> None:
    project.set_plan(ready_task("t1"))
    failing = {"t1": [{"fail": "invalid key hunter2-hunter2-hunter2"}]}

    done = run(failing, *args, ANTHROPIC_API_KEY="hunter2-hunter2-hunter2")

    assert done.exit_code == 1
    assert "invalid key" in done.stdout
    assert "hunter2" not in done.stdout


# ---------------------------------------------------------------- exit codes


@pytest.mark.row("promise 6")
def test_a_task_that_did_not_land_is_1_and_0_for_who_wants_it_so(project: Project, run: Command) -> None:
    project.set_plan(ready_task("t1"))

    assert run(BROKEN).exit_code == 1
    assert run(BROKEN, "--exit-zero").exit_code == 0


def test_exit_zero_turns_nothing_but_1_into_0(project: Project, run: Command) -> None:
    project.set_plan(ready_task("t1"))
    project.write("src/broken.py", "the gate is red\n")
    project.commit()
    red = run(ONE, "--exit-zero")
    (project.root / "PROJECT_PLAN.md").unlink()

    assert (red.exit_code, run(ONE, "--exit-zero").exit_code) == (4, 3)


@pytest.mark.parametrize(
    ("args", "says"),
    [
        pytest.param(("--max-tasks", "0"), "--max-tasks", id="too few tasks"),
        pytest.param(("--max-tasks", "many"), "--max-tasks", id="no number"),
        pytest.param(("--frobnicate",), "--frobnicate", id="an option that is none"),
        pytest.param(("--base",), "--base", id="an option without its value"),
        pytest.param(("extra",), "extra", id="an argument too many"),
        pytest.param(("--agent", "gpt"), "--agent gpt is not known", id="an agent that is none"),
        pytest.param(("--task", "t9"), "PROJECT_PLAN.md has no task t9", id="a task that is none"),
        pytest.param(("--redo", "t9"), "PROJECT_PLAN.md has no task t9", id="a redo that is none"),
        pytest.param(("-C", "nowhere"), "nowhere is not a folder", id="a folder that is none"),
    ],
)
def test_wrong_usage_is_2(project: Project, command: Command, args: tuple[str, ...], says: str) -> None:
    project.set_plan(ready_task("t1"))
    script = project.script(ONE)

    done = command("run", "--agent", f"scripted:{script}", "--dry-run", *args)

    assert done.exit_code == 2, done.stderr
    assert says in re.sub(r"\s+", " ", done.stderr)
    assert "Traceback" not in done.stderr


def test_no_command_and_one_that_is_none_are_wrong_usage_too(command: Command) -> None:
    assert command().exit_code == 2
    assert command("dance").exit_code == 2


def test_help_and_version_are_no_errors(command: Command) -> None:
    from nightshift import __version__

    assert (command("--version").exit_code, command("--version").stdout) == (0, f"nightshift {__version__}\n")
    for name in ("run", "validate", "init", "demo", "deliver"):
        done = command(name, "--help")
        assert (done.exit_code, done.stderr) == (0, "")
        assert not ESCAPE.search(done.stdout)


def test_a_bug_of_ours_is_one_line_and_a_saved_traceback(
    project: Project, command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("surrogate \udcff and all")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("nightshift.night.rehearse", break_down)

    done = command("run", "--dry-run")

    assert (done.exit_code, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    before, _, path = line.partition("; its traceback is in ")
    assert before == "nightshift: this is a bug in nightshift, not yours"
    trace = Path(path).read_text()
    assert trace.startswith("Traceback")
    assert "ZeroDivisionError: surrogate ? and all" in trace


def test_a_bug_whose_traceback_cannot_be_saved_is_one_line_all_the_same(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise ZeroDivisionError("so much for that")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    monkeypatch.setattr("nightshift.night.rehearse", break_down)

    done = command("run", "--dry-run")

    assert done.stderr.splitlines() == [
        "nightshift: this is a bug in nightshift, not yours; ZeroDivisionError: so much for that"
    ]


def test_ctrl_c_where_nothing_has_to_be_finished_is_130(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nightshift.night.rehearse", interrupt)

    done = command("run", "--dry-run")

    assert (done.exit_code, done.stdout, done.stderr) == (130, "", "")


# ---------------------------------------------------------------- where it works


@pytest.mark.parametrize("place", ["before", "after", "both", "repo"])
def test_c_says_where_before_the_command_and_after_it(
    project: Project, command: Command, tmp_path: Path, place: str
) -> None:
    project.set_plan(ready_task("t1"))
    script = project.script(ONE)
    here = ("-C", project.root / "src")
    first, then = {
        "before": (here, ()),
        "after": ((), here),
        "both": (("-C", tmp_path), here),
        "repo": (("--repo", here[1]), ()),
    }[place]
    done = command(*first, "run", *then, "--dry-run", "--agent", f"scripted:{script}", cwd=tmp_path)

    assert done.exit_code == 0, done.stderr
    assert "1. [t1] Add a thing" in done.stdout


def test_relative_paths_are_read_as_if_started_in_c(
    project: Project, command: Command, tmp_path: Path
) -> None:
    project.write("sub/plan.md", PLAN + ready_task("other"))
    project.write("sub/policy.yaml", "task:\n  min_alignment: 99\n")
    project.write("sub/agent.yaml", '{"tasks": {}}')

    done = command(
        *("-C", "sub", "run", "--dry-run", "--plan", "plan.md", "--policy", "policy.yaml"),
        *("--agent", "scripted:agent.yaml"),
    )

    assert done.exit_code == 0, done.stderr
    assert "Plan     sub/plan.md" in done.stdout
    assert "Policy   sub/policy.yaml" in done.stdout
    assert "-  [other] Add a thing" in done.stdout


# ---------------------------------------------------------------- flags over variables over the policy


def dry(project: Project, command: Command, *args: str, **environ: str) -> Any:
    script = project.script(TWO)
    agent = () if "NIGHTSHIFT_AGENT" in environ else ("--agent", f"scripted:{script}")
    done = command("run", "--dry-run", "--json", *agent, *args, **environ)
    assert done.exit_code == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("args", "environ", "lands"),
    [
        ((), {}, 1),
        ((), {"NIGHTSHIFT_MAX_TASKS": "2"}, 2),
        (("--max-tasks", "3"), {"NIGHTSHIFT_MAX_TASKS": "2"}, 3),
    ],
    ids=["policy", "variable over policy", "flag over variable"],
)
def test_max_tasks_by_flag_variable_and_policy(
    project: Project, run: Command, args: tuple[str, ...], environ: dict[str, str], lands: int
) -> None:
    three = TWO | {"t3": [{"write": {"path": "src/three.py", "text": "N = 3\n"}}]}
    project.write("constraints.yaml", POLICY + "session:\n  max_tasks: 1\n")
    project.set_plan(*map(ready_task, three))

    assert len(landed(run(three, "--json", *args, **environ))) == lands


@pytest.mark.parametrize(
    ("args", "environ", "base"),
    [
        ((), {}, "by-policy"),
        ((), {"NIGHTSHIFT_BASE": "by-variable"}, "by-variable"),
        (("--base", "by-flag"), {"NIGHTSHIFT_BASE": "by-variable"}, "by-flag"),
    ],
    ids=["policy", "variable over policy", "flag over variable"],
)
def test_base_by_flag_variable_and_policy(
    project: Project, command: Command, args: tuple[str, ...], environ: dict[str, str], base: str
) -> None:
    project.write("constraints.yaml", POLICY + "base: by-policy\n")
    project.commit()
    for name in ("by-policy", "by-variable", "by-flag"):
        project.git("branch", name)
        project.git("push", "-q", "origin", name)

    assert dry(project, command, *args, **environ)["base"]["branch"] == base


@pytest.mark.parametrize(
    ("args", "environ", "plan"),
    [
        ((), {}, "PROJECT_PLAN.md"),
        ((), {"NIGHTSHIFT_PLAN": "b.md"}, "b.md"),
        (("--plan", "c.md"), {"NIGHTSHIFT_PLAN": "b.md"}, "c.md"),
    ],
    ids=["found", "variable", "flag over variable"],
)
@pytest.mark.row("S3.13")
def test_plan_by_flag_variable_and_discovery(
    project: Project, command: Command, args: tuple[str, ...], environ: dict[str, str], plan: str
) -> None:
    project.write("b.md", PLAN)
    project.write("c.md", PLAN)

    assert dry(project, command, *args, **environ)["plan"] == plan


@pytest.mark.parametrize(
    ("args", "environ", "policy"),
    [
        ((), {}, "constraints.yaml"),
        ((), {"NIGHTSHIFT_POLICY": "b.yaml"}, "b.yaml"),
        (("--policy", "c.yaml"), {"NIGHTSHIFT_POLICY": "b.yaml"}, "c.yaml"),
    ],
    ids=["found", "variable", "flag over variable"],
)
def test_policy_by_flag_variable_and_discovery(
    project: Project, command: Command, args: tuple[str, ...], environ: dict[str, str], policy: str
) -> None:
    project.write("b.yaml", POLICY)
    project.write("c.yaml", POLICY)

    assert dry(project, command, *args, **environ)["policy"] == policy


def test_agent_by_flag_variable_and_policy(project: Project, command: Command) -> None:
    script = f"scripted:{project.script(ONE)}"
    project.write("constraints.yaml", "agent:\n  kind: command\n  command: [sh]\n  sandbox: none\n")

    assert json.loads(command("run", "--dry-run", "--json").stdout)["agent"] == "command"
    assert dry(project, command, NIGHTSHIFT_AGENT=script)["agent"] == "scripted"
    assert dry(project, command, "--agent", script, NIGHTSHIFT_AGENT="gpt")["agent"] == "scripted"


# ---------------------------------------------------------------- which tasks


def test_task_runs_those_named_and_no_others(project: Project, run: Command) -> None:
    project.set_plan(*map(ready_task, ("t1", "t2", "t3")))

    done = run(TWO, "--json", "--task", "t2", "--task", "t1")

    assert landed(done) == ["t1", "t2"]
    assert [one["task"]["id"] for one in json.loads(done.stdout)["tasks"]] == ["t1", "t2"]


@pytest.mark.row("promise 7")
def test_redo_runs_what_waits_for_review(project: Project, run: Command) -> None:
    project.set_plan(ready_task("t1"))

    assert landed(run(ONE, "--json")) == ["t1"]
    assert landed(run(ONE, "--json")) == []
    assert landed(run(ONE, "--json", "--redo", "t1")) == ["t1"]


# ---------------------------------------------------------------- from which commit


@pytest.mark.row("promise 3")
def test_from_base_reads_plan_and_policy_of_the_base_whatever_the_checkout_says(
    project: Project, run: Command
) -> None:
    project.write("constraints.yaml", POLICY + "task:\n  min_alignment: 90\n")
    project.set_plan(ready_task("t1"))
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t2"))
    project.write("constraints.yaml", POLICY + "task:\n  min_alignment: 100\n")

    done = run(TWO, "--from-base", "--json")

    report = json.loads(done.stdout)
    assert [(one["task"]["id"], one["verdict"]) for one in report["tasks"]] == [("t1", "landed")]
    assert not any("differs from the base" in line for line in done.stderr.splitlines())
    assert landed(run(TWO, "--json")) == []


def test_from_base_says_what_the_base_does_not_have(project: Project, run: Command) -> None:
    project.write("new.md", PLAN)
    project.write("new.yaml", POLICY)

    plan, policy = (
        run(ONE, "--from-base", "--plan", "new.md"),
        run(ONE, "--from-base", "--policy", "new.yaml"),
    )

    assert (plan.exit_code, policy.exit_code) == (3, 3)
    assert "there is no plan in the base commit" in plan.stderr
    assert "new.yaml is not in the base commit" in policy.stderr
    assert "--from-base" in plan.stderr


def test_from_base_without_a_policy_there_the_defaults_hold(project: Project, run: Command) -> None:
    project.git("rm", "-q", "--cached", "constraints.yaml")
    project.write(".git/info/exclude", "constraints.yaml\n")
    project.write("constraints.yaml", POLICY + "task:\n  min_alignment: 100\n")
    project.set_plan(ready_task("t1"))

    assert landed(run(ONE, "--from-base", "--json")) == ["t1"]


def test_what_setup_did_not_make_is_a_warning(project: Project, run: Command) -> None:
    project.write("constraints.yaml", POLICY + "gate:\n  setup: 'true'\n  carry: [.venv]\n")
    project.set_plan(ready_task("t1"))

    done = run(ONE)

    assert done.exit_code == 0
    assert "  warning: gate.carry names .venv, which setup did not make" in done.stderr.splitlines()


def test_base_local_includes_what_is_not_pushed(project: Project, run: Command) -> None:
    project.set_plan(ready_task("t1"))
    project.write("src/local.py", "LOCAL = 1\n")
    project.git("add", "src/local.py")
    project.git("commit", "-q", "-m", "Not pushed")

    pushed, local = run(ONE, "--json"), run(ONE, "--json", "--base-local", "--redo", "t1")

    assert json.loads(local.stdout)["base"]["commit"] == project.git("rev-parse", "HEAD")
    assert json.loads(pushed.stdout)["base"]["commit"] == project.git("rev-parse", "HEAD~1")
    assert "1 commit of your local main is not" in pushed.stderr
    session = f"nightshift/{json.loads(local.stdout)['run']}/_session"
    assert "src/local.py" in project.git("ls-tree", "-r", "--name-only", session)


# ---------------------------------------------------------------- the dry run


@pytest.mark.row("S3.76", "S3.18", "S3.19", "S3.21", "S3.22")
def test_a_dry_run_for_machines_has_order_verdicts_places_branches_and_prompts(
    project: Project, command: Command
) -> None:
    project.set_plan(
        ready_task("later", "Come second", Priority="P3"),
        ready_task("first", "Come first", Priority="P0"),
        ready_task("after", **{"Depends on": "first"}),
        ready_task("waits", **{"Depends on": "task_99"}),
        ready_task("low", **{"Alignment score": "10/100"}),
    )

    told = dry(project, command)

    assert (told["schema_version"], told["agent"], told["box"]) == (1, "scripted", "none")
    assert [one["id"] for one in told["tasks"]] == ["first", "after", "later"]
    first = told["tasks"][0]
    assert first["place"] == "PROJECT_PLAN.md:13:1" or first["place"].startswith("PROJECT_PLAN.md:")
    assert re.fullmatch(r"nightshift/\d{8}-\d{6}-[0-9a-f]{4}/first", first["branch"])
    assert "Come first" in first["prompt"]
    skipped = {one["id"]: one for one in told["skipped"]}
    assert (skipped["low"]["verdict"], skipped["waits"]["verdict"]) == ("refused", "waiting")
    assert skipped["low"]["violations"][0]["rule"] == "task.min_alignment"
    assert skipped["low"]["violations"][0]["place"].startswith("PROJECT_PLAN.md:")


@pytest.mark.row("S3.76")
@pytest.mark.parametrize(
    ("tasks", "headline"),
    [
        ((), "No task is READY."),
        (("low",), "None of 1 READY tasks would run:"),
        (("t1", "low"), "1 of 2 READY tasks would run, in this order:"),
        (
            ("t1", "t2", "t3"),
            "3 of 3 READY tasks would run, in this order, at most 2 of them tonight (session.max_tasks):",
        ),
    ],
    ids=["nothing", "all refused", "one of two", "more than the policy lets run"],
)
def test_a_dry_run_says_first_how_much_would_run(
    project: Project, command: Command, tasks: tuple[str, ...], headline: str
) -> None:
    project.set_plan(*(ready_task(one, **{"Alignment score": 10 if one == "low" else 90}) for one in tasks))
    script = project.script(TWO)

    done = command("run", "--dry-run", "--max-tasks", "2", "--agent", f"scripted:{script}")

    assert done.exit_code == 0, done.stderr
    assert headline in done.stdout.splitlines()


def test_a_dry_run_warns_where_the_night_would(project: Project, command: Command) -> None:
    project.write("PROJECT_PLAN.md", PLAN + ready_task("t1"))
    script = project.script(ONE)

    done = command("run", "--dry-run", "--agent", f"scripted:{script}")

    assert "Warning  PROJECT_PLAN.md has 1 READY tasks in the checkout and 0 in the base" in done.stdout
    assert "Note     PROJECT_PLAN.md differs from the base commit: the saved file counts" in done.stdout


@pytest.mark.row("S3.76", "promise 1")
def test_a_dry_run_ends_where_the_night_would_with_the_same_words_and_code(
    project: Project, command: Command, run: Command
) -> None:
    project.set_plan(ready_task("t1"))
    project.write("constraints.yaml", "change:\n  allowed_paths: [nowhere/**]\n")
    script = project.script(ONE)

    rehearsed, worked = command("run", "--dry-run", "--agent", f"scripted:{script}"), run(ONE)

    assert (rehearsed.exit_code, rehearsed.stderr) == (worked.exit_code, worked.stderr) == (3, worked.stderr)


# ---------------------------------------------------------------- readers that go


@pytest.mark.row("promise 6")
def test_a_reader_that_goes_ends_neither_the_night_nor_its_exit_code(
    project: Project, tmp_path: Path
) -> None:
    project.set_plan(ready_task("t1"))
    script = project.script(BROKEN)
    shell = (
        'set -o pipefail; python=$1; shift; { "$python" -m nightshift "$@" 2>&1; echo $? >&3; } 3>code | :'
    )
    import sys

    from nightshift.workspace import process

    process.run(
        ["bash", "-c", shell, "x", sys.executable, "run", "--agent", f"scripted:{script}"],
        cwd=project.root,
        env=project.environ,
        timeout_seconds=60,
    )

    assert (project.root / "code").read_text().strip() == "1"
    assert list(project.state.glob("*/runs/*/report.md"))
