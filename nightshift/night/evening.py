"""What will fail in the morning, said in the evening."""

from collections.abc import Mapping

from nightshift.delivery import gh_ready, host_of, push
from nightshift.model import Remark
from nightshift.night.preflight import Prepared
from nightshift.workspace.owner import Owner


def delivery_remarks(prepared: Prepared, *, owner: Owner, environ: Mapping[str, str]) -> tuple[Remark, ...]:
    """Try a push without pushing, and the login of gh; the night goes on whatever they say."""
    night = prepared.night
    rules = night.policy.delivery
    if not prepared.queue.tasks:
        return ()
    if owner.remote_url(rules.remote) is None:
        if rules.pull_request == "none":
            return ()
        text = f"there is no remote called {rules.remote}: the branches stay here, and no pull request opens"
        return (Remark(text=text),)
    found: list[Remark] = []
    # Any commit that the owner has will do: nothing is sent.
    tried = push(
        owner, {night.session_branch: owner.head}, remote=rules.remote, environ=environ, dry_run=True
    )
    if tried.error is not None:
        found.append(
            Remark(loud=True, text=f"a push to {rules.remote} will fail: {tried.error}; {tried.hint}")
        )
    if rules.pull_request == "none":
        return tuple(found)
    trouble = gh_ready(environ, owner.root, host=host_of(owner, rules.remote))
    if trouble is not None:
        found.append(Remark(loud=True, text=f"no pull request can be opened: {trouble}"))
    return tuple(found)
