"""How the night on the sample project has to end, and what to look at then."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from nightshift.demo.build import DemoProject
from nightshift.errors import ExitCode
from nightshift.model import Cause, NightResult, TaskResult, Verdict

_PENDING = "alarm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What has to become of a task: its verdict, why attempts failed, or the rule that refused it."""

    verdict: Verdict
    causes: tuple[Cause | None, ...] = ()
    rule: str | None = None


EXPECTED = MappingProxyType(
    {
        "oolong": Expected(verdict=Verdict.LANDED, causes=(None,)),
        "spoken_time": Expected(verdict=Verdict.LANDED, causes=(Cause.GATE, Cause.GATE, None)),
        "own_version": Expected(verdict=Verdict.FAILED, causes=(Cause.POLICY,) * 3),
        "fahrenheit": Expected(verdict=Verdict.LANDED, causes=(None,)),
        "tea_of_the_day": Expected(verdict=Verdict.REFUSED, rule="task.min_alignment"),
    }
)


def expected_ending(result: NightResult) -> tuple[str, ...]:
    """Return what differs from the described ending; nothing when the night ended as described."""
    return tuple(_differences(result))


def _differences(result: NightResult) -> Iterator[str]:
    found = {each.task.id: each for each in result.results}
    for task_id, expected in EXPECTED.items():
        yield from _about(task_id, found.get(task_id), expected)
    if _PENDING in found and found[_PENDING].verdict.ran:
        yield f"{_PENDING} is pending, but it was run"
    yield from (f"alarm: {alarm}" for alarm in result.alarms)
    if result.stopped is not None:
        yield f"the night was stopped: {result.stopped}"
    # One task fails on purpose.
    if result.exit_code != ExitCode.FAILED:
        yield f"the exit code is {result.exit_code}"
    pushed = result.delivered.pushed if result.delivered else ()
    if result.night.session_branch not in pushed:
        yield f"{result.night.session_branch} was not pushed"


def _about(task_id: str, result: TaskResult | None, expected: Expected) -> Iterator[str]:
    """Compare one task with what was expected of it."""
    if result is None:
        yield f"{task_id} is not in the report"
        return
    if result.verdict is not expected.verdict:
        yield f"{task_id} should be {expected.verdict} and is {result.verdict}: {result.reason}"
        return
    causes = tuple(attempt.failure.cause if attempt.failure else None for attempt in result.attempts)
    if causes != expected.causes:
        yield f"{task_id}: its attempts should end {_words(expected.causes)}, and ended {_words(causes)}"
    if expected.rule and expected.rule not in {found.rule for found in result.violations}:
        yield f"{task_id} should be refused by {expected.rule}"


def _words(causes: tuple[Cause | None, ...]) -> str:
    return ", ".join("landed" if cause is None else f"by {cause}" for cause in causes) or "never"


def next_steps(project: DemoProject, result: NightResult, *, shown: Callable[[Path], str] = str) -> str:
    """Name the commands that show what the night left."""
    root, branch = shown(project.root), result.night.session_branch
    commands = (
        ("the night's commits, each of them green", f"git -C {root} log --stat main..{branch}"),
        ("the attempts that were turned down", f"git -C {root} for-each-ref refs/nightshift"),
        ("your own checkout, untouched", f"git -C {root} status"),
        ("what the agent was told and did", f"ls {shown(project.state)}/*/runs/{result.night.run}"),
    )
    lines = [f"  {command}\n      {what}" for what, command in commands]
    return "\n".join(["What to look at next:", *lines])
