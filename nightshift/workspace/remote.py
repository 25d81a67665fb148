"""Talking to the owner's remote as the owner would, but never asking anybody anything."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nightshift.workspace import process
from nightshift.workspace.environment import scrub_git
from nightshift.workspace.git import program, search_path
from nightshift.workspace.owner import Owner
from nightshift.workspace.process import Completed, Ended

_ASK_SECONDS = 45
_QUIET_SSH = "ssh -o BatchMode=yes -o ConnectTimeout=30 -o ServerAliveInterval=30"
_TRANSPORT = ("credential.", "http.", "url.", "ssh.", "protocol.", "core.sshcommand", "core.gitproxy")
_LOCAL_SCOPES = {"local", "worktree"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a remote said: its branches by full name, and the one its HEAD stands for."""

    branches: Mapping[str, str] = field(default_factory=dict)
    default: str | None = None
    error: str | None = None


def ask_remote(
    owner: Owner, url: str, *, environ: Mapping[str, str], pattern: str = "refs/heads/*"
) -> Answer:
    """Ask a remote for its branches; a silent or unreachable one is an Answer with an error."""
    completed = process.run(
        [program(), "-c", "core.hooksPath=/dev/null", "ls-remote", "--symref", "--", url, "HEAD", pattern],
        cwd=owner.root,
        env=remote_environment(owner, environ) | {"GIT_DIR": str(owner.git_dir)},
        timeout_seconds=_ASK_SECONDS,
        keep_bytes=64 * 1024 * 1024,
    )
    if not completed.ok:
        return Answer(error=why(completed))
    lines = completed.stdout.decode("utf-8", "surrogateescape").splitlines()
    rows = [line.partition("\t")[::2] for line in lines]
    default = next((at for at, name in rows if name == "HEAD" and at.startswith("ref: ")), None)
    return Answer(
        branches={name: at for at, name in rows if name.startswith("refs/heads/")},
        default=default.removeprefix("ref: refs/heads/") if default else None,
    )


def remote_environment(owner: Owner, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the owner's own environment, made so that nothing can ask a question."""
    own = dict(environ)
    scrub_git(own)
    own |= {"PATH": search_path(environ), "GIT_TERMINAL_PROMPT": "0", "GCM_INTERACTIVE": "never"}
    own |= {"GIT_ASKPASS": environ.get("GIT_ASKPASS", ""), "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C.UTF-8"}
    if "GIT_SSH" not in own and "GIT_SSH_COMMAND" not in own and not _has_ssh_command(owner, own):
        own["GIT_SSH_COMMAND"] = _QUIET_SSH
    return own


def transport_settings(owner: Owner, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what the owner's local configuration says of credentials, proxies and addresses.

    They travel as environment variables: a header with a token is nothing for a command line.
    """
    listed = _config(owner, environ, "--list", "-z", "--show-scope", "--includes").stdout
    words = listed.decode("utf-8", "surrogateescape").split("\0")
    pairs = [
        entry.partition("\n")[::2]
        for scope, entry in zip(words[::2], words[1::2], strict=False)
        if scope in _LOCAL_SCOPES and entry.lower().startswith(_TRANSPORT)
    ]
    settings = {"GIT_CONFIG_COUNT": str(len(pairs))}
    for number, (key, value) in enumerate(pairs):
        settings |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return settings


def why(completed: Completed) -> str:
    """Say in one line why a remote could not be talked to."""
    if completed.ended is Ended.TIMED_OUT:
        return f"it gave no answer within {completed.seconds:.0f} seconds"
    if completed.ended is not Ended.EXITED:
        return completed.error or "the call was interrupted"
    said = [line for line in completed.stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = [line for line in said if line.startswith(("fatal:", "error:", "ERROR:"))] or said
    words = said[0] if said else f"git exited {completed.exit_code}"
    return _without_passwords("".join(char if char.isprintable() else " " for char in words)[:300])


def _without_passwords(text: str) -> str:
    return re.sub(r"(\w://)[^/\s'\"]*@", r"\1", text)


def _has_ssh_command(owner: Owner, environ: Mapping[str, str]) -> bool:
    return _config(owner, environ, "--get", "core.sshCommand").ok


def _config(owner: Owner, environ: Mapping[str, str], *args: str) -> Completed:
    return process.run(
        [program(), "config", *args],
        cwd=owner.root,
        env={**environ, "GIT_DIR": str(owner.git_dir)},
        timeout_seconds=30,
        keep_bytes=1024 * 1024,
    )
