import dataclasses
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nightshift.delivery import Parcel, deliver, hand_over, load_delivery, note_delivery, write_report
from nightshift.delivery.parcel import pack
from nightshift.errors import DeliveryError, ExitCode, UsageError
from nightshift.model import Delivered, NightResult, RecordKind
from nightshift.records import Journal, read_journal
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.owner import Owner, open_owner

Environ = Callable[..., dict[str, str]]
RUN = "20261121-020000-ab12"
URL = "https://github.com/acme/widget/pull/7"
COMMAND = f"nightshift deliver {RUN}"


@dataclass(frozen=True)
class Scene:
    """A night that landed one task, and all that handing it over needs."""

    shapes: Any
    widget: Any
    gh: Any
    owner: Owner
    folder: Path
    journal: Any
    environ: dict[str, str]

    @property
    def result(self) -> NightResult:
        return self.night()

    @property
    def body(self) -> Path:
        return self.folder / "pull_request.md"

    def night(self, **rules: Any) -> NightResult:
        made: NightResult = self.shapes.delivering(
            self.shapes.undelivered(), branches=self.widget.branches, **rules
        )
        return made

    def hand_over(self, result: NightResult | None = None, *, wanted: bool = True, **more: Any) -> Delivered:
        known = {"owner": self.owner, "folder": self.folder, "environ": self.environ, "journal": self.journal}
        return hand_over(result or self.result, pull_request=wanted, **(known | more))

    def deliver(self, parcel: Parcel | None = None, *, wanted: bool = True) -> Delivered:
        return deliver(
            parcel or load_delivery(self.folder),
            owner=self.owner,
            environ=self.environ,
            journal=self.journal,
            pull_request=wanted,
            again=True,
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "runs" / RUN
    made.mkdir(parents=True)
    return made


@pytest.fixture
def journal(folder: Path) -> Iterator[Journal]:
    opened = Journal.create(folder / "journal.jsonl", clock=lambda: datetime.now(UTC))
    yield opened
    opened.close()


@pytest.fixture
def scene(request: pytest.FixtureRequest) -> Scene:
    named = {name: request.getfixturevalue(name) for name in ("shapes", "widget", "gh", "folder", "journal")}
    environ = request.getfixturevalue("environ")(GH_TOKEN="ghp_0123456789")
    return Scene(owner=open_owner(named["widget"].root), environ=environ, **named)


@pytest.mark.row("S3.71", "S3.80", "users 37", "users 25")
def test_a_night_is_one_push_and_one_pull_request(scene: Scene) -> None:
    delivered = scene.hand_over()

    branches = scene.widget.branches
    assert delivered == Delivered(pushed=tuple(branches), url=URL)
    assert scene.widget.on_remote() == {"refs/heads/main", *(f"refs/heads/{name}" for name in branches)}
    assert [call[:2] for call in scene.gh.calls] == [["pr", "create"]]
    assert scene.gh.calls[0][scene.gh.calls[0].index("--body-file") + 1] == str(scene.body)
    assert "- **Landed:** 1 of 1 task that ran: task_3" in scene.body.read_text()


@pytest.mark.row("promise 7")
def test_each_step_is_written_down_before_and_after(scene: Scene) -> None:
    scene.hand_over()

    told = [(record.kind, record.facts["key"]) for record in read_journal(scene.folder / "journal.jsonl")]
    assert told == [
        (RecordKind.EFFECT_STARTED, "push"),
        (RecordKind.EFFECT_FINISHED, "push"),
        (RecordKind.EFFECT_STARTED, "pull_request"),
        (RecordKind.EFFECT_FINISHED, "pull_request"),
    ]


@pytest.mark.row("promise 7")
def test_a_refused_step_is_not_written_down_as_done(scene: Scene) -> None:
    scene.gh.answers("create", err="error connecting to api.github.com", code=1)

    scene.hand_over()

    _, pushed, _, opened = read_journal(scene.folder / "journal.jsonl")
    assert (pushed.facts["outcome"], opened.facts["outcome"]) == ("done", "failed")


@pytest.mark.row("S3.71", "S3.73", "users 36")
def test_a_failing_pull_request_leaves_branch_body_and_command(scene: Scene) -> None:
    scene.gh.answers("create", err="To get started with GitHub CLI, please run:  gh auth login", code=4)

    delivered = scene.hand_over()

    assert delivered == Delivered(
        pushed=tuple(scene.widget.branches),
        error="gh is not logged in ("
        "gh auth login, or GH_TOKEN in the environment that the night is started with)",
        command=COMMAND,
        remarks=(f"the text of the pull request lies in {scene.body}",),
    )


@pytest.mark.row("S3.73")
def test_a_failing_push_opens_nothing(scene: Scene) -> None:
    scene.widget.git("remote", "remove", "origin")

    delivered = scene.hand_over()

    assert (delivered.pushed, delivered.url, delivered.command) == ((), None, COMMAND)
    assert delivered.error is not None
    assert delivered.error.startswith("there is no remote called origin (git remote add origin URL")
    assert scene.gh.calls == []
    assert scene.body.exists()


def test_an_error_without_a_hint_stands_alone(scene: Scene) -> None:
    interruption = Interruption()
    interruption.request(15)

    delivered = scene.hand_over(wanted=False, interruption=interruption)

    assert delivered == Delivered(error="the push was interrupted", command=COMMAND)


@pytest.mark.parametrize(("wanted", "rule"), [(False, "session"), (True, "none")], ids=["--no-pr", "none"])
def test_no_pull_request_is_opened_that_nobody_wants(scene: Scene, wanted: bool, rule: str) -> None:
    delivered = scene.hand_over(scene.night(pull_request=rule), wanted=wanted)

    assert delivered == Delivered(pushed=tuple(scene.widget.branches))
    assert scene.gh.calls == []
    assert scene.body.exists()


@pytest.mark.row("S3.73")
def test_without_a_remote_the_branch_stays_here_and_that_is_fine(scene: Scene) -> None:
    scene.widget.git("remote", "remove", "origin")

    delivered = scene.hand_over(wanted=False)

    assert delivered == Delivered(remarks=("there is no remote called origin: the branches stay here",))


@pytest.mark.row("S3.74")
def test_a_night_without_a_landing_pushes_nothing(scene: Scene) -> None:
    delivered = scene.hand_over(scene.shapes.nothing_landed())

    assert delivered == Delivered()
    assert scene.widget.on_remote() == {"refs/heads/main"}
    assert scene.gh.calls == []


@pytest.mark.row("promise 1")
def test_an_alarm_hands_nothing_over(scene: Scene) -> None:
    delivered = scene.hand_over(dataclasses.replace(scene.result, alarms=("refs/heads/main moved",)))

    assert delivered.error == "containment alarm: nothing is handed over before you had a look"
    assert delivered.command == COMMAND
    assert scene.widget.on_remote() == {"refs/heads/main"}
    assert scene.gh.calls == []


@pytest.mark.row("users 22")
def test_a_secret_of_the_environment_is_not_in_the_body(scene: Scene) -> None:
    tail = "token ghp_0123456789 leaked"
    leaky = scene.shapes.landed(None, scene.shapes.attempt(gate=scene.shapes.gate(tail=tail)))
    leaky = dataclasses.replace(leaky, commit=scene.result.results[0].commit)

    scene.hand_over(dataclasses.replace(scene.result, results=(leaky,)))

    assert "token *** leaked" in scene.body.read_text()
    assert not [path for path in scene.folder.iterdir() if "ghp_0123456789" in path.read_text()]


@pytest.mark.row("promise 7", "users 36")
def test_deliver_finishes_what_could_not_be_delivered(scene: Scene) -> None:
    scene.gh.answers("create.1", err="error connecting to api.github.com", code=1)
    failed = scene.hand_over()
    write_report(dataclasses.replace(scene.result, delivered=failed), scene.folder)

    delivered = scene.deliver()

    assert load_delivery(scene.folder).earlier == failed
    assert (delivered.url, delivered.error) == (URL, None)
    assert [call[:2] for call in scene.gh.calls] == [["pr", "create"], ["pr", "list"], ["pr", "create"]]
    assert scene.gh.calls[0] == scene.gh.calls[2]


class DyingJournal:
    """A journal in whose first line the night dies."""

    def append(self, *_: object, **__: object) -> None:
        raise KeyboardInterrupt


@pytest.mark.row("promise 7", "promise 6")
def test_a_night_that_died_while_it_was_handed_over_can_be_delivered(scene: Scene) -> None:
    with pytest.raises(KeyboardInterrupt):
        scene.hand_over(journal=DyingJournal())

    parcel = load_delivery(scene.folder)

    assert parcel.wants_pull_request
    assert scene.deliver(parcel).url == URL


@pytest.mark.row("promise 7")
def test_what_was_delivered_is_not_delivered_again(scene: Scene) -> None:
    done = scene.hand_over()
    note_delivery(scene.folder, done, time="2026-11-21T08:00:00Z")
    gone = f"refs/heads/nightshift/{RUN}/_session"
    scene.widget.git("update-ref", "-d", gone, cwd=scene.widget.remote)

    again = scene.deliver()

    assert again == dataclasses.replace(done, remarks=("it was handed over already",))
    assert len(scene.gh.calls) == 1
    assert gone not in scene.widget.on_remote()


@pytest.mark.row("promise 7")
@pytest.mark.parametrize(
    ("names", "wanted", "calls"),
    [
        pytest.param(["_session"], True, ["pr list", "pr create"], id="a branch is missing"),
        pytest.param(
            ["task_3", "_session"], True, ["pr list", "pr create"], id="the pull request is missing"
        ),
        pytest.param(["task_3", "_session"], False, [], id="nothing is missing"),
    ],
)
def test_only_what_is_missing_is_done(scene: Scene, names: list[str], wanted: bool, calls: list[str]) -> None:
    pushed = tuple(f"nightshift/{RUN}/{name}" for name in names)
    write_report(dataclasses.replace(scene.result, delivered=Delivered(pushed=pushed)), scene.folder)

    scene.deliver(wanted=wanted)

    assert [" ".join(call[:2]) for call in scene.gh.calls] == calls


def test_nothing_landed_is_nothing_to_deliver(scene: Scene) -> None:
    write_report(scene.shapes.nothing_landed(), scene.folder)

    assert scene.deliver() == Delivered(
        remarks=("nothing landed in this night, there is nothing to hand over",)
    )


def test_a_parcel_comes_back_from_the_report_as_it_was(shapes: Any, widget: Any, folder: Path) -> None:
    result = shapes.delivering(
        shapes.undelivered(),
        branches=widget.branches,
        labels=("a",),
        reviewers=("b",),
        draft=False,
        remote="upstream",
    )
    result = dataclasses.replace(
        result, alarms=("x",), delivered=Delivered(error="e", command="c", remarks=("r",))
    )
    write_report(result, folder)

    assert load_delivery(folder) == pack(result, folder)


def test_a_later_delivery_is_noted_in_both_reports(shapes: Any, folder: Path) -> None:
    write_report(shapes.undelivered(), folder)

    note_delivery(
        folder,
        Delivered(pushed=("nightshift/x",), url=URL, error="no <b>", command="c", remarks=("r",)),
        time="2026-11-21T08:00:00Z",
    )

    assert json.loads((folder / "report.json").read_text())["delivered"]["url"] == URL
    assert (
        (folder / "report.md")
        .read_text()
        .endswith(
            "\n## Handed over later, 2026-11-21T08:00:00Z\n\n"
            f"- Pushed: `nightshift/x`\n- Pull request: <{URL}>\n"
            "- Not delivered: no \\<b>\n- To finish: `c`\n- r\n"
        )
    )


def test_an_unknown_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no run 20990101-000000-0000 with a report is known here") as found:
        load_delivery(tmp_path / "20990101-000000-0000")
    assert found.value.tip == "the runs that there are lie beside it"

    with pytest.raises(UsageError) as nothing:
        load_delivery(tmp_path / "nowhere" / "x")
    assert nothing.value.tip == "no night was run here yet"


def test_a_night_in_which_nothing_ran_has_nothing_to_hand_over(folder: Path) -> None:
    aborted = {"schema_version": 1, "run": "r", "error": "claude has no credential", "tip": "", "tasks": []}
    (folder / "report.json").write_text(json.dumps(aborted))

    with pytest.raises(UsageError, match="nothing ran in that night, so there is nothing to hand over"):
        load_delivery(folder)


@pytest.mark.parametrize(
    "content",
    [
        b"{",
        b"\xff",
        b"[]",
        b'{"schema_version": 2}',
        b'{"schema_version": 1}',
        b'{"schema_version": 1, "run": "r", "delivered": null, "branches": []}',
    ],
)
def test_a_report_that_is_none_is_an_error(folder: Path, content: bytes) -> None:
    (folder / "report.json").write_bytes(content)

    with pytest.raises(DeliveryError) as found:
        load_delivery(folder)
    assert found.value.exit_code is ExitCode.UNDELIVERED


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("policy", "delivery", "labels"), "x"),
        (("delivered", "pushed"), "x"),
        (("branches",), {"a": 1, "b": None}),
    ],
)
def test_a_report_of_odd_values_is_never_half_believed(
    shapes: Any, folder: Path, path: tuple[str, ...], value: object
) -> None:
    write_report(shapes.undelivered(), folder)
    report = json.loads((folder / "report.json").read_text())
    inner = report
    for name in path[:-1]:
        inner = inner[name]
    inner[path[-1]] = value
    (folder / "report.json").write_text(json.dumps(report))

    with pytest.raises(DeliveryError, match="is not a report of this version"):
        load_delivery(folder)


def test_a_report_that_cannot_be_opened_is_an_error(folder: Path) -> None:
    (folder / "report.json").mkdir()

    with pytest.raises(DeliveryError, match="cannot be read"):
        load_delivery(folder)
