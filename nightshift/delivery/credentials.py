"""The owner's credentials: passed on to git and gh, and kept out of every sentence."""

import dataclasses
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import TypeVar

from nightshift.delivery.markdown import one_line
from nightshift.workspace.environment import scrub_git
from nightshift.workspace.git import search_path

Value = TypeVar("Value")

NOTHING: Mapping[str, str] = MappingProxyType({})

_NOISY = ("CLICOLOR_FORCE", "DEBUG", "GH_DEBUG", "GH_FORCE_TTY", "LANGUAGE")
_SECRET_NAMES = re.compile(
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY", re.IGNORECASE
)
_SHORTEST_SECRET = 8
_WEB_USER = re.compile(r"(?P<scheme>\b(?:https?|ftps?)://)[^/\s'\"]+@", re.IGNORECASE)
_ANY_PASSWORD = re.compile(r"(?P<user>://[^/\s:@'\"]+):[^/\s'\"]+@")
_QUERY = re.compile(r"(?P<address>\w://[^\s?'\"]+)\?[^\s'\"]+")
_USER_OF = re.compile(r"\w://(?P<user>[^/\s]*)@")


def gh_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the owner's own environment for gh, which must ask nothing and say only what was asked."""
    own = {name: value for name, value in environ.items() if name not in _NOISY}
    scrub_git(own)
    return own | {
        "PATH": search_path(environ),
        "GH_NO_UPDATE_NOTIFIER": "1",
        "GH_PROMPT_DISABLED": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C.UTF-8",
        "NO_COLOR": "1",
    }


def masked(text: str, *, environ: Mapping[str, str] = NOTHING, url: str = "") -> str:
    """Hide what stands in `url` or `environ` as a secret, and the users and passwords of all addresses."""
    for secret in sorted(_secrets(environ, url), key=len, reverse=True):
        text = text.replace(secret, "***")
    text = _WEB_USER.sub(r"\g<scheme>***@", text)
    text = _ANY_PASSWORD.sub(r"\g<user>:***@", text)
    return _QUERY.sub(r"\g<address>?***", text)


def _secrets(environ: Mapping[str, str], url: str) -> set[str]:
    named = {value for name, value in environ.items() if _SECRET_NAMES.search(name)}
    user = _USER_OF.search(url)
    parts = set(user["user"].split(":", 1)[1:]) if user else set()
    return {value for value in named if len(value) >= _SHORTEST_SECRET} | (parts - {""})


def last_words(text: str, *, environ: Mapping[str, str], url: str = "") -> str:
    """Return the last line of what a program said, on one line and without secrets."""
    lines = [line for line in text.splitlines() if line.strip()]
    return one_line(masked(lines[-1], environ=environ, url=url)) if lines else "it said nothing"


def without_secrets(value: Value, *, environ: Mapping[str, str]) -> Value:
    """Return a frozen value in which no text holds a secret of the environment."""
    return _masked(value, environ)  # type: ignore[return-value]  # the same type comes back, piece by piece


def _masked(value: object, environ: Mapping[str, str]) -> object:
    if type(value) is str:
        return masked(value, environ=environ)
    if isinstance(value, tuple):
        return tuple(_masked(one, environ) for one in value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value)]
        return dataclasses.replace(value, **{name: _masked(getattr(value, name), environ) for name in names})
    return value
