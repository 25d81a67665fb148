"""The gate script, as the base has it."""

import hashlib
from dataclasses import dataclass

from nightshift.errors import GateError
from nightshift.model import Base, Policy
from nightshift.workspace.objects import Objects

_EXECUTABLE = "100755"


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
            tip=f"git add {path} && git commit -m 'Add the quality gate', then push it"
            if in_checkout
            else "nightshift init writes one; commit it and push it",
        )
    if entry.mode != _EXECUTABLE:
        raise GateError(
            f"the gate {path} is not an executable file in the base commit {base.commit[:10]}",
            tip=f"git update-index --chmod=+x {path} && git commit -m 'Make the gate executable'",
        )
    source = objects.read(base.commit, path) or b""
    return Script(path=path, digest=hashlib.sha256(source).hexdigest())
