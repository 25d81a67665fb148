import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from nightshift.delivery import gh_ready, host_of, open_pull_request
from nightshift.model import Delivered, DeliveryRules, Policy
from nightshift.workspace.owner import Owner, open_owner

Environ = Callable[..., dict[str, str]]
Open = Callable[..., Delivered]
URL = "https://github.com/acme/widget/pull/7"
HEAD = "nightshift/20261121-020000-ab12/_session"


@pytest.fixture
def owner(widget: Any) -> Owner:
    return open_owner(widget.root)


@pytest.fixture
def opening(owner: Owner, environ: Environ, tmp_path: Path) -> Open:
    """Return a function that opens the pull request with these rules."""

    def call(
        *, environment: dict[str, str] | None = None, look_first: bool = False, **rules: Any
    ) -> Delivered:
        return open_pull_request(
            owner,
            head=HEAD,
            base="main",
            title="Nightshift: 2 tasks landed",
            body_file=tmp_path / "body.md",
            policy=Policy(delivery=DeliveryRules(**rules)),
            environ=environment or environ(),
            log=tmp_path / "gh.log",
            look_first=look_first,
        )

    return call


@pytest.mark.row("S3.71")
def test_gh_gets_a_list_of_arguments_and_the_body_as_a_file(opening: Open, gh: Any, tmp_path: Path) -> None:
    delivered = opening(labels=("nightshift", "-x"), reviewers=("olive", "acme/team"))

    assert delivered == Delivered(url=URL)
    assert gh.calls == [
        [
            *("pr", "create", "--head", HEAD, "--base", "main", "--title", "Nightshift: 2 tasks landed"),
            *("--body-file", str(tmp_path / "body.md"), "--draft"),
            *("--label", "nightshift", "--label", "-x", "--reviewer", "olive", "--reviewer", "acme/team"),
        ]
    ]


def test_gh_asks_nobody_anything(opening: Open, gh: Any, environ: Environ) -> None:
    opening(environment=environ(GH_TOKEN="abc", GIT_DIR="/x", GH_FORCE_TTY="1", SSH_AUTH_SOCK="/agent"))

    assert {
        name: gh.seen[name]
        for name in ("GH_PROMPT_DISABLED", "GH_NO_UPDATE_NOTIFIER", "NO_COLOR", "GH_TOKEN")
    } == {
        "GH_PROMPT_DISABLED": "1",
        "GH_NO_UPDATE_NOTIFIER": "1",
        "NO_COLOR": "1",
        "GH_TOKEN": "abc",
    }
    assert not {"GIT_DIR", "GH_FORCE_TTY"} & set(gh.seen)
    assert gh.seen["SSH_AUTH_SOCK"] == "/agent"


def test_an_ordinary_pull_request_is_no_draft(opening: Open, gh: Any) -> None:
    opening(draft=False)

    assert "--draft" not in gh.calls[0]


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/acme/widget.git", "github.com/acme/widget"),
        ("https://olive:pw@github.com/acme/widget", "github.com/acme/widget"),
        ("git@github.com:acme/widget.git", "github.com/acme/widget"),
        ("ssh://git@ghe.example.org:2222/acme/widget.git/", "ghe.example.org/acme/widget"),
        ("work:acme/widget.git", None),
        ("git@work:acme/widget.git", None),
        ("https://example.org/a/b/c", None),
    ],
)
def test_the_pull_request_goes_where_the_branch_went(
    opening: Open, gh: Any, owner: Owner, url: str, repository: str | None
) -> None:
    subprocess.run(["git", "remote", "set-url", "origin", url], cwd=owner.root, check=True)

    opening()

    found = gh.calls[0][gh.calls[0].index("--repo") + 1] if "--repo" in gh.calls[0] else None
    assert found == repository
    assert host_of(owner, "origin") == (repository.partition("/")[0] if repository else None)


@pytest.mark.row("users 36")
@pytest.mark.parametrize(
    ("code", "words", "error"),
    [
        (4, "To get started with GitHub CLI, please run:  gh auth login", "gh is not logged in"),
        (4, "whatever a later gh says", "gh is not logged in"),
        (1, "HTTP 401: Bad credentials (https://api.github.com/graphql)", "gh is not logged in"),
        (1, "error connecting to api.github.com\ncheck your internet connection", "GitHub cannot be reached"),
        (
            1,
            "none of the git remotes configured for this repository point to a known GitHub host",
            "no GitHub repository",
        ),
        (1, "no git remotes found", "gh finds no GitHub repository"),
        (
            1,
            "GraphQL: No commits between main and x (createPullRequest)",
            "no commits between base and branch",
        ),
        (1, "GraphQL: Head sha can't be blank, Base sha can't be blank", "the branch is not on GitHub"),
        (1, "HTTP 403: Resource not accessible by personal access token", "may not open pull requests"),
        (1, "API rate limit exceeded for user ID 1", "rate limit is used up"),
        (1, "GraphQL: Could not resolve to a Repository with the name 'o/r'.", "cannot see the repository"),
        (1, "GraphQL: Base ref must be a branch", "base branch is not on GitHub"),
        (2, "something new", "gh failed with exit 2: something new"),
        (1, "", "gh failed with exit 1: it said nothing"),
    ],
)
@pytest.mark.row("S3.71", "S3.73")
def test_what_gh_complains_about_is_understood(
    opening: Open, gh: Any, code: int, words: str, error: str
) -> None:
    gh.answers("create", err=words, code=code)

    delivered = opening()

    assert delivered.url is None
    assert delivered.error is not None
    assert error in delivered.error
    assert len(gh.calls) == 1


@pytest.mark.row("users 22")
def test_a_token_that_gh_repeats_is_not_passed_on(opening: Open, gh: Any, environ: Environ) -> None:
    gh.answers("create", err="bad thing with ghp_0123456789", code=1)

    delivered = opening(environment=environ(GH_TOKEN="ghp_0123456789"))

    assert delivered.error == "gh failed with exit 1: bad thing with ***"


@pytest.mark.row("S3.71")
def test_a_success_without_an_address_is_not_called_created(opening: Open, gh: Any) -> None:
    gh.answers("create", out="done!")

    assert opening() == Delivered(error="gh ended with exit 0 and printed no address of a pull request")


def test_a_refused_draft_becomes_an_ordinary_pull_request(opening: Open, gh: Any) -> None:
    words = "pull request create failed: GraphQL: Draft pull requests are not supported in this repository."
    gh.answers("create.1", err=words, code=1)

    delivered = opening()

    assert delivered == Delivered(
        url=URL, remarks=("drafts are refused there: it is an ordinary pull request",)
    )
    assert ["--draft" in call for call in gh.calls] == [True, False]


def test_a_draft_is_tried_without_once(opening: Open, gh: Any) -> None:
    gh.answers("create", err="Draft pull requests are not supported in this repository.", code=1)

    delivered = opening()

    assert delivered.error is not None
    assert len(gh.calls) == 2


@pytest.mark.parametrize(
    ("rules", "words", "remark"),
    [
        ({"labels": ("nolabel",)}, "could not add label: 'nolabel' not found", "no label was set"),
        ({"reviewers": ("ghost",)}, "could not request reviewer: 'ghost' not found", "no reviewer was set"),
    ],
    ids=["label", "reviewer"],
)
def test_an_unknown_label_or_reviewer_does_not_cost_the_pull_request(
    opening: Open, gh: Any, rules: dict[str, Any], words: str, remark: str
) -> None:
    gh.answers("create.1", err=words, code=1)

    delivered = opening(**rules)

    assert (delivered.url, delivered.error) == (URL, None)
    assert delivered.remarks == (f"{remark}, because gh refused one: {words}",)
    assert len(gh.calls) == 2


@pytest.mark.row("S3.71")
def test_a_label_that_fails_after_the_creation_leaves_the_pull_request(opening: Open, gh: Any) -> None:
    gh.answers("create", out=URL, err="could not add label: something broke", code=1)

    delivered = opening(labels=("nightshift",))

    assert (delivered.url, delivered.error) == (URL, None)
    assert delivered.remarks == (
        "it was opened, but gh could not finish it: could not add label: something broke",
    )
    assert len(gh.calls) == 1


@pytest.mark.row("promise 7", "users 36")
def test_a_pull_request_that_exists_is_found(opening: Open, gh: Any) -> None:
    words = f'a pull request for branch "{HEAD}" into branch "main" already exists:\n{URL}'
    gh.answers("create", err=words, code=1)

    assert opening() == Delivered(url=URL, remarks=("the pull request was there already, it is open",))


@pytest.mark.row("promise 7")
@pytest.mark.parametrize("state", ["OPEN", "MERGED", "CLOSED"])
def test_no_second_one_is_opened_whatever_became_of_the_first(opening: Open, gh: Any, state: str) -> None:
    gh.answers("list", out=f'[{{"state": "{state}", "url": "{URL}"}}]')

    delivered = opening(look_first=True)

    assert delivered == Delivered(
        url=URL, remarks=(f"the pull request was there already, it is {state.lower()}",)
    )
    assert [call[:2] for call in gh.calls] == [["pr", "list"]]
    assert gh.calls[0][2:] == ["--head", HEAD, "--state", "all", "--json", "url,state", "--limit", "1"]


@pytest.mark.parametrize(
    "answer", ["[]", "", "no json", "{}", '[{"url": "x", "state": "OPEN"}]', '[{"url": 1}]']
)
def test_an_answer_without_a_pull_request_lets_one_be_opened(opening: Open, gh: Any, answer: str) -> None:
    gh.answers("list", out=answer)

    assert opening(look_first=True) == Delivered(url=URL)


@pytest.mark.row("promise 7")
def test_none_is_opened_when_nobody_can_say_whether_there_is_one(opening: Open, gh: Any) -> None:
    gh.answers("list", err="error connecting to api.github.com", code=1)

    delivered = opening(look_first=True)

    assert delivered == Delivered(error="GitHub cannot be reached (check the network)")
    assert [call[:2] for call in gh.calls] == [["pr", "list"]]


@pytest.mark.row("S3.73")
def test_a_missing_gh_is_told(opening: Open, environ: Environ) -> None:
    delivered = opening(environment=environ(with_gh=False))

    assert delivered.error is not None
    assert delivered.error.startswith("gh is not on PATH")


def test_a_silent_gh_is_not_waited_for(opening: Open, gh: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nightshift.delivery.github._TIMEOUT_SECONDS", 0.3)
    (gh.folder / "create").write_text("exec sleep 30\n")

    assert opening().error == "gh gave no answer within 0 s"


def test_an_address_is_only_an_address(opening: Open, gh: Any) -> None:
    gh.answers("create", out="https://github.com/acme/widget/pull/7>)[x](\x1b[31m")

    assert opening().url == URL


@pytest.mark.parametrize(
    ("code", "ready"),
    [
        (0, None),
        (
            1,
            "gh auth status confirms no login: there is none, its token is not valid, or there is no network",
        ),
    ],
)
def test_the_login_is_tried_in_the_evening(
    environ: Environ, gh: Any, tmp_path: Path, code: int, ready: str | None
) -> None:
    gh.answers("auth", err="You are not logged into any GitHub hosts.", code=code)

    assert gh_ready(environ(), tmp_path, host="github.com") == ready
    assert gh.calls == [["auth", "status", "--hostname", "github.com"]]


def test_a_missing_gh_is_told_in_the_evening(environ: Environ, tmp_path: Path) -> None:
    said = gh_ready(environ(with_gh=False), tmp_path)

    assert said is not None
    assert said.startswith("gh is not on PATH")
