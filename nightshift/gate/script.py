"""The gate script, as the base has it."""

import hashlib
import shlex
from dataclasses import dataclass

from nightshift.errors import GateError
from nightshift.model import Base, Policy
from nightshift.workspace.objects import Objects

_EXECUTABLE = "100755"
_PLAIN = "100644"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The gate script of the base: its path in the tree and the SHA-256 of its bytes in hex."""

    path: str
    digest: str


def find_script(objects: Objects, base: Base, policy: Policy, *, in_checkout: bool) -> Script:
    """Find the gate script in the base commit; GateError says what mends it."""
    path = policy.gate.script
    entry = objects.entry(base.commit, path)
    if entry is None:
        raise GateError(
            f"the gate {path} is not in the base commit {base.commit[:10]} of {base.branch}",
            tip=_commit_it(path) if in_checkout else "nightshift init writes one; commit it and push it",
        )
    if entry.mode != _EXECUTABLE:
        raise GateError(
            f"the gate {path} is not an executable file in the base commit {base.commit[:10]}",
            tip=_make_executable(path)
            if entry.mode == _PLAIN
            else "gate.script must name the script itself, not a link or a folder",
        )
    source = objects.read(base.commit, path) or b""
    return Script(path=path, digest=hashlib.sha256(source).hexdigest())


def _commit_it(path: str) -> str:
    return (
        f"git add {shlex.quote(path)} && git commit -m 'Add the quality gate'\n"
        "git push    (what was committed and not pushed is not in the base; --base-local includes it)"
    )


def _make_executable(path: str) -> str:
    name = shlex.quote(path)
    return f"git update-index --chmod=+x {name} && git commit -m 'Make the gate executable', then push it"
