"""Which agent works tonight, and whether it can: asked before anything is spent."""

from collections.abc import Mapping
from pathlib import Path

from nightshift.agent.claude import Claude
from nightshift.agent.command import Command
from nightshift.agent.credential import CREDENTIALS, is_logged_in, private_variables
from nightshift.agent.job import Agent
from nightshift.agent.program import resolved
from nightshift.agent.script import load_script
from nightshift.agent.scripted import Scripted
from nightshift.errors import AgentError, UsageError
from nightshift.model import AgentRules, Policy

_SCRIPTED = "scripted:"


def choose(
    policy: Policy, *, override: str | None = None, environ: Mapping[str, str], owner_root: Path
) -> Agent:
    """Return the agent of the policy or of `override`: claude, command or scripted:FILE.

    Nothing is started and nothing written; AgentError when something that it needs is missing.
    """
    wanted = override or policy.agent.kind
    if wanted.startswith(_SCRIPTED):
        return _scripted(wanted.removeprefix(_SCRIPTED), policy)
    match wanted:
        case "claude":
            return _claude(policy, environ, owner_root)
        case "command":
            return _command(policy, environ, owner_root)
        case "scripted":
            raise AgentError(
                "the scripted agent needs a script", tip="nightshift run --agent scripted:FILE names one"
            )
    raise UsageError(f"there is no agent {wanted}", tip="claude, command or scripted:FILE")


def _claude(policy: Policy, environ: Mapping[str, str], owner_root: Path) -> Claude:
    command = resolved(policy.agent.command, environ=environ, outside=owner_root)
    _require_no_box(policy, "claude")
    if not is_logged_in(environ):
        raise AgentError(
            f"claude has no credential: neither {' nor '.join(CREDENTIALS)} is set",
            tip="claude setup-token makes one for CLAUDE_CODE_OAUTH_TOKEN; your own login is not used",
        )
    return Claude(
        command=command,
        allowed_tools=policy.agent.allowed_tools,
        model=policy.agent.model,
        private=private_variables(environ),
    )


def _command(policy: Policy, environ: Mapping[str, str], owner_root: Path) -> Command:
    if policy.agent.command == AgentRules().command:
        raise AgentError(
            "the agent is a command, and agent.command does not name one",
            tip="agent: {kind: command, command: [program, argument]}; for claude itself use kind: claude",
        )
    command = resolved(policy.agent.command, environ=environ, outside=owner_root)
    _require_no_box(policy, "a command")
    return Command(command=command)


def _scripted(name: str, policy: Policy) -> Scripted:
    if not name:
        raise UsageError("scripted: needs the name of a file", tip="--agent scripted:FILE")
    script = load_script(Path(name))
    if script.runs_programs:
        _require_no_box(policy, f"a script with `run` steps ({script.path})")
    return Scripted(script=script)


def _require_no_box(policy: Policy, who: str) -> None:
    """Refuse until the owner has said that it may run without a box, which this version has not."""
    if policy.agent.sandbox != "none":
        raise AgentError(
            f"{who} would run without a box, with all your rights, and the policy does not accept that",
            tip="read docs/safety.md, then set agent.sandbox: none in the policy to accept it",
        )
