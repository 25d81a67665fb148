"""What is handed over, as a small value: from a night's result, or from the report it left."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from nightshift.delivery.markdown import code, prose
from nightshift.delivery.pull_request import pull_request_title
from nightshift.delivery.report_json import SCHEMA_VERSION, branches
from nightshift.errors import DeliveryError, UsageError
from nightshift.model import Delivered, DeliveryRules, NightResult
from nightshift.records import write_atomically
from nightshift.templating import render

BODY_NAME = "pull_request.md"
_SESSION = "session"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """What one night hands over; `branches` maps names to commits, `earlier` is how the last try ended."""

    run: str
    branches: Mapping[str, str]
    head: str
    base: str
    title: str
    body_file: Path
    rules: DeliveryRules
    alarms: tuple[str, ...] = ()
    earlier: Delivered | None = None

    @property
    def wants_pull_request(self) -> bool:
        """Whether the policy asks for a pull request."""
        return self.rules.pull_request == _SESSION

    @property
    def command(self) -> str:
        """The command that finishes it."""
        return f"nightshift deliver {self.run}"


def pack(result: NightResult, folder: Path) -> Parcel:
    """Return what a night hands over; its body lies, or will lie, in `folder`."""
    return Parcel(
        run=result.night.run,
        branches=branches(result),
        head=result.night.session_branch,
        base=result.night.base.branch,
        title=pull_request_title(result),
        body_file=folder / BODY_NAME,
        rules=result.night.policy.delivery,
        alarms=result.alarms,
        earlier=result.delivered,
    )


def load_delivery(folder: Path) -> Parcel:
    """Read from the report in a run's folder what is to be handed over."""
    path = folder / "report.json"
    try:
        report = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        tip = (
            "the runs that there are lie beside it" if folder.parent.is_dir() else "no night was run here yet"
        )
        raise UsageError(
            f"no run {folder.name} with a report is known here ({path} is missing)", tip=tip
        ) from error
    except (OSError, ValueError) as error:
        raise DeliveryError(f"{path} cannot be read: {error}") from error
    return _parcel(report, folder)


def note_delivery(folder: Path, delivered: Delivered, *, time: str) -> None:
    """Write into the report of a night how a later try to hand it over ended; `time` is UTC."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    report["delivered"] = dataclasses.asdict(delivered)
    text = (folder / "report.md").read_text(encoding="utf-8")
    later = render("delivered_later.md.j2", delivered=delivered, time=time, code=code, prose=prose)
    write_atomically(folder / "report.json", (json.dumps(report, indent=2) + "\n").encode())
    write_atomically(folder / "report.md", (text + later).encode())


def _parcel(report: object, folder: Path) -> Parcel:
    try:
        return _typed(report, folder)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise DeliveryError(
            f"{folder / 'report.json'} is not a report of this version: {error}",
            tip=f"this version reads schema_version {SCHEMA_VERSION}",
        ) from error


def _typed(report: object, folder: Path) -> Parcel:
    if not isinstance(report, dict) or report["schema_version"] != SCHEMA_VERSION:
        raise ValueError("another schema_version")
    if "error" in report:
        raise UsageError(
            "nothing ran in that night, so there is nothing to hand over",
            tip=f"it ended so: {report['error']}",
        )
    run, delivered = str(report["run"]), report["delivered"]
    return Parcel(
        run=run,
        branches=_branches(report["branches"]),
        head=f"nightshift/{run}/_session",
        base=str(report["base"]["branch"]),
        title=str(report["title"] or ""),
        body_file=folder / BODY_NAME,
        rules=_rules(report["policy"]["delivery"]),
        alarms=tuple(report["alarms"]),
        earlier=None if delivered is None else _delivered(delivered),
    )


def _branches(branches: Mapping[str, object]) -> dict[str, str]:
    if not all(isinstance(commit, str) for commit in branches.values()):
        raise TypeError("branches map names to commits")
    return {name: str(commit) for name, commit in branches.items()}


def _rules(rules: Mapping[str, object]) -> DeliveryRules:
    """Read the rules that the night had; whether the file has changed since does not matter."""
    labels, reviewers = rules["labels"], rules["reviewers"]
    if not isinstance(labels, list) or not isinstance(reviewers, list):
        raise TypeError("labels and reviewers are lists")
    return DeliveryRules(
        pull_request=str(rules["pull_request"]),
        draft=bool(rules["draft"]),
        labels=tuple(str(label) for label in labels),
        reviewers=tuple(str(name) for name in reviewers),
        remote=str(rules["remote"]),
    )


def _delivered(facts: Mapping[str, object]) -> Delivered:
    pushed, remarks = facts["pushed"], facts["remarks"]
    if not isinstance(pushed, list) or not isinstance(remarks, list):
        raise TypeError("pushed and remarks are lists")
    return Delivered(
        pushed=tuple(str(name) for name in pushed),
        url=_text(facts["url"]),
        error=_text(facts["error"]),
        command=_text(facts["command"]),
        remarks=tuple(str(remark) for remark in remarks),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)
