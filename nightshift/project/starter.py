"""The files that `init` writes, and writing them without ever replacing one."""

import json
import os
import shlex
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path, PurePosixPath

from nightshift.errors import RepositoryError
from nightshift.model import GateRules
from nightshift.policy import FILE_NAME
from nightshift.project.values import Project, StarterFile
from nightshift.templating import render, template_path


class Written(StrEnum):
    """What became of a starter file."""

    WRITTEN = "written"
    KEPT = "kept"


def starter_files(
    project: Project, *, plan: str = "PROJECT_PLAN.md", has_remote: bool = True
) -> tuple[StarterFile, ...]:
    """Return plan, policy and gate for this project; `plan` is where the plan is or shall be.

    Without a remote no pull request is asked for: it would be missed every morning.
    """
    gate = GateRules().script
    return (
        StarterFile(path=plan, text=template_path("PROJECT_PLAN.md").read_text(encoding="utf-8")),
        StarterFile(path=FILE_NAME, text=_policy_text(project, gate, has_remote=has_remote)),
        StarterFile(path=gate, text=_gate_text(project), executable=True),
    )


def _policy_text(project: Project, gate: str, *, has_remote: bool) -> str:
    return render(
        "constraints.yaml.j2",
        allowed_paths=tuple(map(_yaml, project.allowed_paths)),
        gate=gate,
        setup=_yaml(project.setup) if project.setup else "null",
        carry=tuple(map(_yaml, project.carry)),
        pull_request="session" if has_remote else "none",
    )


def _gate_text(project: Project) -> str:
    steps = tuple((shlex.quote(step.name), shlex.quote(step.command)) for step in project.steps)
    return render(
        "check_quality.sh.j2", kind=str(project.kind), steps=steps, proves_little=proves_little(project)
    )


def proves_little(project: Project) -> bool:
    """Tell whether the gate has no step that runs the project's own tests."""
    return all(step.name != "tests" for step in project.steps)


def _yaml(text: str) -> str:
    """Write a YAML string: single-quoted, or like JSON where that cannot hold it."""
    return "'" + text.replace("'", "''") + "'" if text.isprintable() else json.dumps(text)


def write_missing(root: Path, files: Iterable[StarterFile]) -> tuple[tuple[str, Written], ...]:
    """Write the files that are not there; RepositoryError before the first one if a place is unfit."""
    wanted = tuple(files)
    for file in wanted:
        _check_place(root, file.path)
    return tuple((file.path, _write(root / file.path, file)) for file in wanted)


def _check_place(root: Path, path: str) -> None:
    """Refuse to write through a symlink, or below what is no folder."""
    parts = PurePosixPath(path).parts
    for depth in range(1, len(parts)):
        place = root.joinpath(*parts[:depth])
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            what = "a symbolic link" if place.is_symlink() else "not a folder"
            raise RepositoryError(f"{path} cannot be written: {place} is {what}", tip=f"move {place} away")
    if (root / path).is_symlink() and not (root / path).exists():
        raise RepositoryError(
            f"{path} cannot be written: it is a symbolic link to nothing", tip=f"remove {root / path}"
        )


def _write(place: Path, file: StarterFile) -> Written:
    mode = 0o777 if file.executable else 0o666
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        opened = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, mode)
    except FileExistsError:
        return Written.KEPT
    except OSError as error:
        raise RepositoryError(
            f"{place} cannot be written: {error.strerror}", tip="look at its folder"
        ) from error
    with os.fdopen(opened, "w", encoding="utf-8", newline="\n") as stream:
        stream.write(file.text)
    return Written.WRITTEN
