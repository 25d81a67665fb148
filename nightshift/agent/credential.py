"""What claude needs of the owner's environment, and how it stays out of what we write down."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from nightshift.records import write_atomically

CREDENTIALS = ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN")
_WAYS_OUT = ("HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY")
_PASSED_ON = (
    *CREDENTIALS,
    "ANTHROPIC_BASE_URL",
    *_WAYS_OUT,
    *(name.lower() for name in _WAYS_OUT),
    "SSL_CERT_FILE",
    "NODE_EXTRA_CA_CERTS",
)
_INSTEAD = "[credential]"
_SHORTEST = 8


def private_variables(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what claude alone gets of the owner's environment: its login and its way to the API."""
    return {name: environ[name] for name in _PASSED_ON if environ.get(name, "").strip()}


def is_logged_in(environ: Mapping[str, str]) -> bool:
    """Tell whether there is a credential that works without a person."""
    return any(environ.get(name, "").strip() for name in CREDENTIALS)


def withheld(text: str, private: Mapping[str, str]) -> str:
    """Put a mark in the place of each secret in a text."""
    for secret in _secrets(private):
        text = text.replace(secret, _INSTEAD)
    return text


def withhold_in(log: Path, private: Mapping[str, str]) -> None:
    """Put a mark in the place of each secret in a log, which an agent may have printed."""
    with suppress(FileNotFoundError):
        written = log.read_bytes()
        kept = written
        for secret in _secrets(private):
            kept = kept.replace(secret.encode("utf-8", "surrogateescape"), _INSTEAD.encode())
        if kept != written:
            write_atomically(log, kept)


def _secrets(private: Mapping[str, str]) -> Iterator[str]:
    """Yield the secret values: the login itself, and a password in an address."""
    for name, value in private.items():
        found = value.strip() if name in CREDENTIALS else _password(value)
        if found and len(found) >= _SHORTEST:
            yield found


def _password(address: str) -> str | None:
    with suppress(ValueError):
        return urlsplit(address).password
    return None
