"""The environment of a program: built from a short list, never inherited."""

import os
import pwd
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from pathlib import Path
from types import MappingProxyType

_PASSED_ON = ("LANG", "LC_ALL", "TZ")
_NOTHING: Mapping[str, str] = MappingProxyType({})
_KEPT_OF_GIT = (
    "GIT_ASKPASS",
    "GIT_CONFIG_GLOBAL",
    "GIT_CONFIG_NOSYSTEM",
    "GIT_CONFIG_SYSTEM",
    "GIT_HTTP_",
    "GIT_PROXY_",
    "GIT_SSH",
    "GIT_SSL_",
)
"""How the owner reaches a remote, and where the owner's configuration is: not about any one repository."""


def built_environment(
    *,
    home: Path,
    temporary: Path,
    environ: Mapping[str, str],
    path_first: Sequence[Path] = (),
    path_without: Path | None = None,
    extra: Mapping[str, str] = _NOTHING,
) -> dict[str, str]:
    """Return all that a program gets to see; no variable of `environ` is in it that is not named here."""
    user = _user(environ)
    locale = {name: environ[name] for name in _PASSED_ON if environ.get(name)}
    if "LANG" not in locale:
        locale.setdefault("LC_ALL", "C.UTF-8")
    return {
        "PATH": os.pathsep.join([*map(str, path_first), *_search_path(environ, without=path_without)]),
        "HOME": str(home),
        "TMPDIR": str(temporary),
        **({"USER": user, "LOGNAME": user} if user else {}),
        **locale,
        "TERM": "dumb",
        "SHELL": "/bin/sh",
        "XDG_CACHE_HOME": str(home / ".cache"),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "XDG_DATA_HOME": str(home / ".local" / "share"),
        "XDG_STATE_HOME": str(home / ".local" / "state"),
        **extra,
    }


def ceilings(folder: Path) -> str:
    """Return the GIT_CEILING_DIRECTORIES that keep git, started in the slot's folder or below, within it.

    `folder` is the slot's own, in which the tree lies. Git looks at the folder it is started in
    whatever its ceilings say, so each one above is named as well.
    """
    return os.pathsep.join(map(str, (folder, *folder.parents)))


def scrub_git(environ: MutableMapping[str, str]) -> None:
    """Drop what a hook or another tool says about a repository: git must find ours by our word alone."""
    for name in [name for name in environ if name.startswith("GIT_")]:
        if not name.startswith(_KEPT_OF_GIT):
            del environ[name]


def _user(environ: Mapping[str, str]) -> str | None:
    named = environ.get("USER") or environ.get("LOGNAME")
    if named:
        return named
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return None


def _search_path(environ: Mapping[str, str], *, without: Path | None) -> tuple[str, ...]:
    """Return the folders of PATH that are absolute and not in the tree an agent works on."""
    found = tuple(_usable(environ.get("PATH", "").split(os.pathsep), without=without))
    return found or tuple(os.defpath.strip(os.pathsep).split(os.pathsep))


def _usable(entries: Sequence[str], *, without: Path | None) -> Iterator[str]:
    for entry in entries:
        if entry.startswith(os.sep) and (without is None or not _is_below(Path(entry), without)):
            yield entry


def _is_below(folder: Path, top: Path) -> bool:
    """Tell whether it lies in `top` as it is written or as it resolves."""
    written = Path(os.path.normpath(folder)).is_relative_to(os.path.normpath(top))
    return written or folder.resolve().is_relative_to(top.resolve())
