"""The pull requests of a GitHub on loopback, answered from memory and a bare repository."""

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tests.real import graphql

Json = dict[str, Any]

LOGIN = "nightbot"
NO_PAGE = {"hasNextPage": False, "endCursor": ""}
NOTHING: Json = {"nodes": [], "totalCount": 0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """A pull request as it was opened."""

    number: int
    repository: str
    title: str
    body: str
    base: str
    head: str
    commit: str
    draft: bool
    labels: tuple[str, ...] = ()
    state: str = "OPEN"

    @property
    def url(self) -> str:
        """Return the page that gh prints."""
        return f"https://github.com/{self.repository}/pull/{self.number}"


class Refusal(Exception):  # noqa: N818 - GitHub says no, nothing is broken
    """What GitHub answers in `errors`."""


@dataclass(slots=True)
class Pulls:
    """The repositories, by `owner/name`, and the pull requests that were opened on them."""

    repositories: Mapping[str, Path]
    opened: list[Pull] = field(default_factory=list)
    labels: tuple[str, ...] = ("nightshift", "bug")

    def answer(self, query: str, variables: Json) -> Json:
        """Answer a GraphQL request."""
        document = graphql.read(query)
        try:
            data = self._data(document.name, query, variables)
        except Refusal as refusal:
            return {"data": None, "errors": [{"type": "UNPROCESSABLE", "message": str(refusal)}]}
        return {"data": document.prune(data)}

    def _data(self, name: str, query: str, variables: Json) -> Json:
        if "createPullRequest(" in query:
            return {"createPullRequest": {"pullRequest": self._open(variables["input"])}}
        if "updatePullRequest(" in query:
            return {"updatePullRequest": {"pullRequest": self._label(variables["input"])}}
        if name == "RepositoryResolveMetadataIDs":
            return {"repository": self._label_ids(query)}
        if name == "RepositoryNetwork":
            return {"viewer": {"login": LOGIN}, **self._aliased(query)}
        if "viewer" in query and "repository(" not in query:
            return {"viewer": {"login": LOGIN, "id": "U_bot", "name": LOGIN}}
        return {"repository": self._repository(name, query, variables)}

    def _repository(self, name: str, query: str, variables: Json) -> Json:
        full = f"{variables.get('owner')}/{variables.get('repo') or variables.get('name')}"
        if full not in self.repositories:
            raise Refusal(f"Could not resolve to a Repository with the name '{full}'.")
        if "pullRequests(" in query:
            nodes = [_pull_node(pull) for pull in self._found(full, variables)]
            return {**_repository_node(full), "pullRequests": {**_connection(nodes), "pageInfo": NO_PAGE}}
        if "pullRequest(" in query:
            return {"pullRequest": _pull_node(self._numbered(full, variables))}
        if name and "defaultBranchRef" not in query and "nameWithOwner" not in query and "name" not in query:
            raise Refusal(f"the fake knows no {name}")
        return _repository_node(full)

    def _found(self, full: str, variables: Json) -> list[Pull]:
        head = variables.get("headRefName") or variables.get("headBranch")
        states = variables.get("states") or variables.get("state") or ("OPEN", "CLOSED", "MERGED")
        wanted = (full, head) if head else (full,)
        return [
            pull
            for pull in reversed(self.opened)
            if (pull.repository, pull.head)[: len(wanted)] == wanted and pull.state in states
        ]

    def _numbered(self, full: str, variables: Json) -> Pull:
        number = variables.get("pr_number") or variables.get("number")
        found = [pull for pull in self.opened if (pull.repository, pull.number) == (full, number)]
        if not found:
            raise Refusal(f"Could not resolve to a PullRequest with the number of {number}.")
        return found[0]

    def _open(self, wanted: Json) -> Json:
        full = wanted["repositoryId"].removeprefix("R_")
        head = wanted["headRefName"].rpartition(":")[2]
        commit, base = (self._branch(full, name) for name in (head, wanted["baseRefName"]))
        if not commit:
            raise Refusal("Head sha can't be blank, Head ref must be a branch")
        if commit == base:
            raise Refusal(f"No commits between {wanted['baseRefName']} and {head}")
        if any(pull.head == head and pull.state == "OPEN" for pull in self.opened):
            raise Refusal(f"A pull request already exists for {full.partition('/')[0]}:{head}.")
        pull = Pull(
            number=len(self.opened) + 1,
            repository=full,
            title=wanted["title"],
            body=wanted.get("body", ""),
            base=wanted["baseRefName"],
            head=head,
            commit=commit,
            draft=bool(wanted.get("draft")),
        )
        self.opened.append(pull)
        return _pull_node(pull)

    def _branch(self, full: str, name: str) -> str:
        command = [
            "git",
            "-C",
            str(self.repositories[full]),
            "rev-parse",
            "-q",
            "--verify",
            f"refs/heads/{name}",
        ]
        return subprocess.run(command, check=False, capture_output=True, text=True, timeout=30).stdout.strip()

    def _label(self, wanted: Json) -> Json:
        number = int(wanted["pullRequestId"].removeprefix("PR_"))
        labels = tuple(one.removeprefix("L_") for one in wanted.get("labelIds") or ())
        self.opened[number - 1] = replace(self.opened[number - 1], labels=labels)
        return _pull_node(self.opened[number - 1])

    def _label_ids(self, query: str) -> Json:
        asked = re.findall(r'(\w+):\s*label\(name:\s*"([^"]+)"\)', query)
        return {alias: _label_node(name) if name in self.labels else None for alias, name in asked}

    def _aliased(self, query: str) -> Json:
        asked = re.findall(r'(\w+):\s*repository\(owner:\s*"([^"]+)",\s*name:\s*"([^"]+)"', query)
        full = {alias: f"{owner}/{name}" for alias, owner, name in asked}
        return {
            alias: _repository_node(name) if name in self.repositories else None
            for alias, name in full.items()
        }


def _connection(nodes: list[Json]) -> Json:
    return {"nodes": nodes, "totalCount": len(nodes)}


def _label_node(name: str) -> Json:
    return {"id": f"L_{name}", "name": name, "color": "ededed", "description": ""}


def _repository_node(full: str) -> Json:
    owner, _, name = full.partition("/")
    return {
        "id": f"R_{full}",
        "name": name,
        "nameWithOwner": full,
        "owner": {"login": owner, "id": f"U_{owner}"},
        "description": "",
        "isPrivate": False,
        "isFork": False,
        "isArchived": False,
        "hasIssuesEnabled": True,
        "hasWikiEnabled": False,
        "viewerPermission": "WRITE",
        "parent": None,
        "url": f"https://github.com/{full}",
        "defaultBranchRef": {"name": "main"},
        "mergeCommitAllowed": True,
        "rebaseMergeAllowed": True,
        "squashMergeAllowed": True,
    }


def _pull_node(pull: Pull) -> Json:
    owner, _, name = pull.repository.partition("/")
    return {
        "id": f"PR_{pull.number}",
        "number": pull.number,
        "url": pull.url,
        "title": pull.title,
        "body": pull.body,
        "state": pull.state,
        "isDraft": pull.draft,
        "baseRefName": pull.base,
        "headRefName": pull.head,
        "headRefOid": pull.commit,
        "headRepository": {"id": f"R_{pull.repository}", "name": name},
        "headRepositoryOwner": {"id": f"U_{owner}", "login": owner, "name": owner},
        "isCrossRepository": False,
        "maintainerCanModify": True,
        "author": {"login": LOGIN},
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "labels": _connection([_label_node(label) for label in pull.labels]),
        "assignees": NOTHING,
        "reviewRequests": NOTHING,
        "projectCards": NOTHING,
        "reviews": NOTHING,
        "milestone": None,
    }
