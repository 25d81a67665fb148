"""The pull request: gh, started with an argument list, its answers read and never believed."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nightshift.delivery.credentials import gh_environment, last_words
from nightshift.delivery.markdown import one_line
from nightshift.delivery.push import push_url
from nightshift.delivery.trouble import GH_TROUBLES, understood
from nightshift.model import Delivered, DeliveryRules, Policy
from nightshift.workspace import process
from nightshift.workspace.owner import Owner
from nightshift.workspace.process import Completed, Ended

_TIMEOUT_SECONDS = 60.0
_NOT_LOGGED_IN = 4
_ADDRESS = re.compile(r"https?://[\w.:-]+/[\w./-]+/pull/\d+")
_REMOTE = re.compile(
    r"(?:(?:https?|ssh|git)://(?:[^/@\s]*@)?|[\w.-]+@)(?P<host>[\w-]+(?:\.[\w-]+)+)(?::\d+)?[:/]"
    r"(?P<path>[\w.-]+/[\w.-]+?)(?:\.git)?/?"
)

_REFUSED_DRAFT = r"draft pull requests are not supported|draft.*not (supported|available|allowed)"
_REFUSED_LABEL = r"could not add label|label.*not found"
_REFUSED_REVIEWER = r"could not (request|add) reviewer|could not resolve (user|to a user)|reviewer.*not found"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Request:
    """What is asked of gh; what it refuses is taken out, and said."""

    owner: Owner
    fixed: tuple[str, ...]
    rules: DeliveryRules
    environ: Mapping[str, str]
    log: Path
    remarks: tuple[str, ...] = ()

    @property
    def args(self) -> tuple[str, ...]:
        draft = ("--draft",) if self.rules.draft else ()
        labels = tuple(part for label in self.rules.labels for part in ("--label", label))
        reviewers = tuple(part for name in self.rules.reviewers for part in ("--reviewer", name))
        return (*self.fixed, *draft, *labels, *reviewers)

    def run(self) -> Completed:
        return _gh(self.args, cwd=self.owner.root, environ=self.environ, log=self.log)

    def without(self, rules: DeliveryRules, remark: str) -> "_Request":
        return replace(self, rules=rules, remarks=(*self.remarks, remark))


def open_pull_request(
    owner: Owner,
    *,
    head: str,
    base: str,
    title: str,
    body_file: Path,
    policy: Policy,
    environ: Mapping[str, str],
    log: Path,
    look_first: bool = False,
) -> Delivered:
    """Open the pull request, or find the one that is there; with `look_first` a closed one counts too.

    Nothing interrupts gh, within its time limit: nobody could tell whether it was opened.
    """
    repository = _repository_options(owner, policy.delivery.remote)
    if look_first:
        found = _existing(owner, head, repository, environ=environ, log=log)
        if found is not None:
            return found
    fixed = ("pr", "create", *repository, "--head", head, "--base", base, "--title", title)
    request = _Request(
        owner=owner,
        fixed=(*fixed, "--body-file", str(body_file)),
        rules=policy.delivery,
        environ=environ,
        log=log,
    )
    completed = request.run()
    while (easier := _easier(request, completed)) is not None:
        request = easier
        completed = request.run()
    return _opened(request, completed)


def gh_ready(environ: Mapping[str, str], cwd: Path, *, host: str | None = None) -> str | None:
    """Say in one sentence what will keep gh from opening a pull request; None when its login is fine."""
    only = ("--hostname", host) if host else ()
    completed = _gh(("auth", "status", *only), cwd=cwd, environ=environ)
    if completed.ok:
        return None
    if completed.ended is not Ended.EXITED:
        return _not_ended_well(completed)
    # gh says "no longer valid" of a token also when only the network is down.
    return "gh auth status confirms no login: there is none, its token is not valid, or there is no network"


def host_of(owner: Owner, remote: str) -> str | None:
    """Return the host of a remote, where its address tells."""
    matched = _REMOTE.fullmatch(push_url(owner, remote) or "")
    return matched["host"] if matched else None


def _repository_options(owner: Owner, remote: str) -> tuple[str, ...]:
    """Name the repository that was pushed to: among several remotes gh would prefer `upstream`."""
    matched = _REMOTE.fullmatch(push_url(owner, remote) or "")
    return ("--repo", f"{matched['host']}/{matched['path']}") if matched else ()


def _gh(
    args: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    log: Path | None = None,
) -> Completed:
    return process.run(
        ["gh", *args],
        cwd=cwd,
        env=gh_environment(environ),
        timeout_seconds=_TIMEOUT_SECONDS,
        log=log,
    )


def _existing(
    owner: Owner, head: str, repository: tuple[str, ...], *, environ: Mapping[str, str], log: Path
) -> Delivered | None:
    """Look for a pull request of this branch, open or not; not knowing is an error: none may open twice."""
    asked = (
        "pr",
        "list",
        *repository,
        "--head",
        head,
        "--state",
        "all",
        "--json",
        "url,state",
        "--limit",
        "1",
    )
    completed = _gh(asked, cwd=owner.root, environ=environ, log=log)
    if not completed.ok:
        return Delivered(error=_error(completed, environ))
    found = _first(completed.stdout)
    if found is None:
        return None
    url, state = found
    return Delivered(url=url, remarks=(f"the pull request was there already, it is {state}",))


def _first(answer: bytes) -> tuple[str, str] | None:
    """Return address and state of the first pull request in a list that gh printed."""
    try:
        rows = json.loads(answer)
        address = _ADDRESS.fullmatch(rows[0]["url"])
        return (address[0], one_line(str(rows[0]["state"]), limit=20).lower()) if address else None
    except (ValueError, LookupError, TypeError):
        return None


def _easier(request: _Request, completed: Completed) -> _Request | None:
    """Return the request without what gh refused before it created anything; None if that is no reason."""
    if completed.ok or _address(completed.stdout):
        return None
    words, rules = completed.stderr.decode(errors="replace"), request.rules
    if rules.draft and re.search(_REFUSED_DRAFT, words, re.IGNORECASE):
        return request.without(
            replace(rules, draft=False), "drafts are refused there: it is an ordinary pull request"
        )
    if rules.labels and re.search(_REFUSED_LABEL, words, re.IGNORECASE):
        return request.without(replace(rules, labels=()), _left_out("label", words, request.environ))
    if rules.reviewers and re.search(_REFUSED_REVIEWER, words, re.IGNORECASE):
        return request.without(replace(rules, reviewers=()), _left_out("reviewer", words, request.environ))
    return None


def _left_out(what: str, words: str, environ: Mapping[str, str]) -> str:
    return f"no {what} was set, because gh refused one: {last_words(words, environ=environ)}"


def _opened(request: _Request, completed: Completed) -> Delivered:
    """Read what gh came to: a pull request exists if and only if its address was printed."""
    url = _address(completed.stdout)
    words = completed.stderr.decode(errors="replace")
    if completed.ok and url:
        return Delivered(url=url, remarks=request.remarks)
    if url:
        said = last_words(words, environ=request.environ)
        return Delivered(
            url=url, remarks=(*request.remarks, f"it was opened, but gh could not finish it: {said}")
        )
    if "already exists" in words and (there := _address(completed.stderr)):
        return Delivered(url=there, remarks=("the pull request was there already, it is open",))
    return Delivered(error=_error(completed, request.environ), remarks=request.remarks)


def _address(output: bytes) -> str | None:
    found = _ADDRESS.findall(output.decode(errors="replace"))
    return found[-1] if found else None


def _error(completed: Completed, environ: Mapping[str, str]) -> str:
    """Say in one sentence why gh did not do it, and what would help."""
    if completed.ended is not Ended.EXITED:
        return _not_ended_well(completed)
    words = completed.stderr.decode(errors="replace")
    if completed.exit_code == _NOT_LOGGED_IN:
        words = "gh auth login"
    trouble = understood(words, GH_TROUBLES)
    if trouble:
        return f"{trouble.error} ({trouble.hint})"
    if completed.ok:
        return "gh ended with exit 0 and printed no address of a pull request"
    return f"gh failed with exit {completed.exit_code}: {last_words(words, environ=environ)}"


def _not_ended_well(completed: Completed) -> str:
    if completed.ended is Ended.NOT_STARTED:
        return "gh is not on PATH (install GitHub's command line, or set delivery.pull_request: none)"
    return f"gh gave no answer within {_TIMEOUT_SECONDS:.0f} s"
