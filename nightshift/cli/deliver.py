"""`nightshift deliver RUN`: finishes what a night could not hand over."""

import os
from typing import Annotated

import typer

from nightshift.cli.answer import Folder, answering, folder_of, say, tell


@answering
def command(
    context: typer.Context,
    *,
    run: Annotated[str, typer.Argument(help="The night, as its report and branches name it.")],
    folder: Folder = None,
) -> int:
    """Push a night's branches and open its pull request, when that failed or was put off."""
    from nightshift.night.delivering import deliver_run
    from nightshift.night.request import World
    from nightshift.workspace.environment import scrub_git

    scrub_git(os.environ)
    delivered = deliver_run(folder_of(context, folder), run, World(environ=dict(os.environ)))
    for branch in delivered.pushed:
        say(f"pushed {branch}")
    for remark in delivered.remarks:
        tell(remark)
    if delivered.url is not None:
        say(delivered.url)
    if delivered.error is not None:
        from nightshift.errors import DeliveryError

        raise DeliveryError(delivered.error, tip=delivered.command or "")
    return 0
