"""What git and gh complain about, and what their owner can do."""

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A complaint we know: how it reads, what it means, what to do."""

    pattern: str
    error: str
    hint: str


def understood(text: str, known: Iterable[Trouble]) -> Trouble | None:
    """Return the first known trouble that a program's words match."""
    return next((trouble for trouble in known if re.search(trouble.pattern, text, re.IGNORECASE)), None)


PUSH_TROUBLES = (
    Trouble(
        pattern=r"'refs/heads/nightshift' exists|refs/heads/nightshift'?: ?.*(conflict|cannot)",
        error="the remote has a branch called nightshift, so nightshift/... cannot be made there",
        hint="rename that branch on the remote",
    ),
    Trouble(
        pattern=r"\(non-fast-forward\)|\(fetch first\)|\(stale info\)|needs force",
        error="a branch of this night stands on the remote with other commits, and nothing is ever forced",
        hint="look at that branch, and delete or rename it there if it is not wanted",
    ),
    Trouble(
        pattern=r"hook declined|protected branch|push declined|GH006|GH013|not allowed to push",
        error="the remote's own rules declined the push",
        hint="its rules must allow you to create nightshift/* branches",
    ),
    Trouble(
        pattern=r"could not resolve|name resolution|network is unreachable|no route to host"
        r"|connection (timed out|refused|reset)|operation timed out|failed to connect"
        r"|could(n't| not) connect",
        error="the remote cannot be reached",
        hint="check the network",
    ),
    Trouble(
        pattern=r"host key verification failed",
        error="ssh does not know the remote's host key",
        hint="connect once by hand with ssh and accept it",
    ),
    Trouble(
        pattern=r"authentication failed|could not read (username|password)|terminal prompts disabled"
        r"|permission denied \(|invalid username|HTTP 401|error: 401",
        error="the remote did not accept your credentials, or there were none",
        hint="git push --dry-run must work without a prompt, also in cron's environment",
    ),
    Trouble(
        pattern=r"permission to .* denied|error: 403|HTTP 403|write access|access denied|permission denied"
        r"|unable to create|unable to write",
        error="you may not push to the remote",
        hint="your login there needs the right to push",
    ),
    Trouble(
        pattern=r"does not appear to be a git repository|repository .*not found|does not exist|error: 404",
        error="there is no repository at the remote's address, or your login cannot see it",
        hint="check git remote -v",
    ),
    Trouble(
        pattern=r"src refspec|does not match any|bad object|not a valid object|missing (blob|tree|commit)",
        error="the night's commits are not in this repository",
        hint="its branches may have been deleted by hand",
    ),
)

GH_TROUBLES = (
    Trouble(
        pattern=r"error connecting to|check your internet|could not resolve host|no such host"
        r"|connection (refused|reset)|i/o timeout",
        error="GitHub cannot be reached",
        hint="check the network",
    ),
    Trouble(
        pattern=r"none of the git remotes|no git remotes found|known GitHub host",
        error="gh finds no GitHub repository among the remotes",
        hint="without GitHub set delivery.pull_request: none",
    ),
    Trouble(
        pattern=r"gh auth login|not logged in|HTTP 401|bad credentials|no longer valid",
        error="gh is not logged in",
        hint="gh auth login, or GH_TOKEN in the environment that the night is started with",
    ),
    Trouble(
        pattern=r"rate limit",
        error="GitHub's rate limit is used up",
        hint="try again in an hour",
    ),
    Trouble(
        pattern=r"resource not accessible|must have (admin|push|write)|HTTP 403"
        r"|not have the correct permissions",
        error="the login of gh may not open pull requests there",
        hint="its token needs the right to write pull requests",
    ),
    Trouble(
        pattern=r"no commits between",
        error="GitHub sees no commits between base and branch",
        hint="the branch may be merged already",
    ),
    Trouble(
        pattern=r"head sha can't be blank|head ref must be a branch|must first push|head.*invalid",
        error="the branch is not on GitHub",
        hint="it must be pushed first",
    ),
    Trouble(
        pattern=r"base.*(invalid|not found|does not exist)|base ref must be a branch",
        error="the base branch is not on GitHub",
        hint="--base names another",
    ),
    Trouble(
        pattern=r"could not resolve to a repository|HTTP 404",
        error="gh cannot see the repository",
        hint="its login needs access to it",
    ),
)
