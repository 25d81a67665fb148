"""The program of an agent: found once, before the night, and the same file all night."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from nightshift.errors import AgentError
from nightshift.workspace.environment import built_environment

_OWN = "claude"


def resolved(command: tuple[str, ...], *, environ: Mapping[str, str], outside: Path) -> tuple[str, ...]:
    """Return the command with the absolute path of its program; AgentError when it is missing.

    A folder of PATH that lies in the owner's checkout `outside` does not count, as it will not for the agent.
    """
    name, *others = command
    if os.sep in name and not name.startswith(os.sep):
        raise AgentError(
            f"agent.command: {name} is a relative path, and the agent works in a folder of its own",
            tip="give a name that is on PATH, or an absolute path",
        )
    found = shutil.which(name, path=_search_path(environ, outside=outside))
    if found is None:
        where = "does not exist, or is not executable" if os.sep in name else "was not found on PATH"
        raise AgentError(f"the agent's program {name} {where}", tip=_tip(name))
    return (_behind_link(found), *others)


def _search_path(environ: Mapping[str, str], *, outside: Path) -> str:
    """Return the PATH that the agent will have."""
    built = built_environment(home=outside, temporary=outside, environ=environ, path_without=outside)
    return built["PATH"]


def _behind_link(found: str) -> str:
    """Follow the link that claude's own updates move, so that an update waits until the morning.

    Other links stay: mise, volta and asdf look at the name they are called by.
    """
    real = Path(found).resolve()
    return str(real) if any(_OWN in part.lower() for part in real.parts[-3:]) else found


def _tip(name: str) -> str:
    if Path(name).name == _OWN:
        return (
            "npm install -g @anthropic-ai/claude-code, or set agent.command to its path: cron's PATH is short"
        )
    return "set agent.command to an absolute path: cron's PATH is short"
