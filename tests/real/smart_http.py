"""Git over HTTP: a request is handed to git's own CGI program."""

import os
import subprocess
from dataclasses import dataclass
from email.message import Message
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What goes back over the wire."""

    status: int
    kind: str
    body: bytes


def serve(
    repository: Path, *, method: str, path: str, query: str, headers: Message, body: bytes, user: str
) -> Answer:
    """Let `git http-backend` answer for a bare repository; a user may push."""
    environment = {
        "PATH": os.environ["PATH"],
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": "safe.directory",
        "GIT_CONFIG_VALUE_0": "*",
        "GIT_PROJECT_ROOT": str(repository),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": headers.get("git-protocol", ""),
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "REQUEST_METHOD": method,
        "REMOTE_USER": user,
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_CONTENT_ENCODING": headers.get("content-encoding", ""),
    }
    done = subprocess.run(
        ["git", "http-backend"], check=False, input=body, env=environment, capture_output=True, timeout=60
    )
    return _read(done.stdout)


def _read(output: bytes) -> Answer:
    head, _, body = output.partition(b"\r\n\r\n")
    pairs = (line.partition(":") for line in head.decode(errors="replace").splitlines())
    fields = {name.lower(): value.strip() for name, _, value in pairs}
    return Answer(
        status=int(fields.get("status", "200").split()[0]),
        kind=fields.get("content-type", "application/octet-stream"),
        body=body,
    )
