"""`nightshift init`: writes plan, policy and gate for this repository, and overwrites nothing."""

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nightshift.cli.answer import Folder, answering, folder_of, say, tell
from nightshift.errors import ExitCode

if TYPE_CHECKING:
    from nightshift.workspace.owner import Owner


@answering
def command(context: typer.Context, *, folder: Folder = None) -> int:
    """Write a plan, a policy and a quality gate that fit this repository; never overwrite a file."""
    from nightshift import plan as plans
    from nightshift.project import Written, detect, starter_files, write_missing
    from nightshift.workspace.owner import open_owner

    owner = open_owner(folder_of(context, folder))
    project = detect(owner.root, owner.tracked_files())
    plan = (plans.find(owner.root) or owner.root / plans.CANDIDATES[0]).relative_to(owner.root).as_posix()
    files = starter_files(project, plan=plan, has_remote=owner.remote_url("origin") is not None)
    written = write_missing(owner.root, files)
    for note in project.notes:
        tell(f"  {note}")
    for path, what in written:
        say(f"{what} {path}")
    new = [path for path, what in written if what is Written.WRITTEN]
    if not new:
        tell("Nothing was written: all three are here, and stay as they are.")
    for line in _next_steps(owner, new, plan=plan):
        tell(line)
    return ExitCode.OK


def _next_steps(owner: "Owner", new: Sequence[str], *, plan: str) -> Iterator[str]:
    """Say in commands what comes before the first night."""
    git = "git" if Path.cwd() == owner.root else f"git -C {shlex.quote(str(owner.root))}"
    yield "Next:"
    if new:
        files = shlex.join(new)
        yield f"  {git} add {files} && {git} commit -m 'Add nightshift' -- {files}"
    if new and owner.remote_url("origin") is not None:
        yield f"  {git} push    (a night starts from what is pushed)"
    yield f"  mark a task READY in {plan}, then: nightshift run --dry-run"
