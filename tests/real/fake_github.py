"""A GitHub on loopback: the real gh and `git push` run with no account over TLS, GraphQL and smart HTTP.

Its clients come through a CONNECT proxy, so that remotes have their real names (`https://github.com/…`).
"""

import base64
import json
import re
import ssl
import subprocess
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.real import graphql, smart_http
from tests.real.proxy import NAMES, Proxy
from tests.real.pulls import LOGIN, Pull, Pulls

TOKEN = "gh-dummy-token"
GIT = re.compile(
    r"/(?P<repository>[^/]+/[^/]+)\.git(?P<rest>/(?:info/refs|git-upload-pack|git-receive-pack))"
)


def make_certificate(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for GitHub's names that only our clients are told to believe."""
    certificate, key = folder / "github.crt", folder / "github.key"
    names = ",".join(f"DNS:{name}" for name in NAMES)
    command = (
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=fake"
    )
    subprocess.run(
        [
            *command.split(),
            "-addext",
            f"subjectAltName={names}",
            "-keyout",
            str(key),
            "-out",
            str(certificate),
        ],
        check=True,
        capture_output=True,
        timeout=30,
    )
    return certificate, key


class FakeGitHub:
    """The server; it lives as long as its `with` block."""

    def __init__(self, folder: Path, repositories: Mapping[str, Path]) -> None:
        self.pulls = Pulls(repositories=repositories)
        self.operations: list[str] = []
        self.refuse: dict[str, str] = {}
        self.certificate, key = make_certificate(folder)
        self._server = _Server(self, self.certificate, key)
        self._proxy = Proxy(self._server.server_address[1])

    def __enter__(self) -> Self:
        for server in (self._server, self._proxy):
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for server in (self._server, self._proxy):
            server.shutdown()
            server.server_close()

    @property
    def opened(self) -> list[Pull]:
        """Return the pull requests in the order in which they were opened."""
        return self.pulls.opened

    @property
    def refused(self) -> list[str]:
        """Return the other addresses that somebody wanted to reach."""
        return self._proxy.refused

    def environment(self) -> dict[str, str]:
        """Return what an owner behind a proxy has in the environment of gh."""
        return {"HTTPS_PROXY": self._proxy.url, "SSL_CERT_FILE": str(self.certificate), "GH_TOKEN": TOKEN}

    def git_config(self, gh: str) -> str:
        """Return what an owner behind a proxy has in the configuration of git; gh knows the password."""
        helper = f'\thelper =\n\thelper = "!{gh} auth git-credential"\n'
        return (
            f"[http]\n\tproxy = {self._proxy.url}\n\tsslCAInfo = {self.certificate}\n[credential]\n{helper}"
        )

    def answer(self, request: Mapping[str, Any]) -> tuple[int, Mapping[str, Any]]:
        """Answer a GraphQL request, or refuse it when the test says so."""
        query = request.get("query", "")
        name = graphql.read(query).name
        self.operations.append(name or "(anonymous)")
        if name in self.refuse:
            return 200, {"data": None, "errors": [{"message": self.refuse[name]}]}
        return 200, self.pulls.answer(query, dict(request.get("variables") or {}))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, fake: FakeGitHub, certificate: Path, key: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        # The handshake belongs to a thread of its own: a client that never ends it holds up no other.
        self.socket = context.wrap_socket(self.socket, server_side=True, do_handshake_on_connect=False)
        self.fake = fake

    def handle_error(self, *_: object) -> None:
        """Let a client hang up."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 30
    server: _Server

    def log_message(self, *_: object) -> None:
        """Keep quiet: `operations` is the log."""

    def do_GET(self) -> None:
        self._route(b"")

    def do_POST(self) -> None:
        self._route(self._body())

    def _route(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        found = GIT.fullmatch(path)
        if found:
            self._git(found["repository"], found["rest"], query, body)
        elif TOKEN not in self.headers.get("authorization", ""):
            self._json(401, {"message": "Bad credentials"})
        elif path == "/graphql":
            self._json(*self.server.fake.answer(json.loads(body)))
        elif path == "/":
            self._json(200, {"current_user_url": "https://api.github.com/user"})
        elif path == "/user":
            self._json(200, {"login": LOGIN, "id": 1})
        else:
            self._json(404, {"message": "Not Found"})

    def _git(self, repository: str, path: str, query: str, body: bytes) -> None:
        bare = self.server.fake.pulls.repositories.get(repository)
        if bare is None:
            self._reply(404, b"not found", kind="text/plain")
        elif "git-receive-pack" in self.path and not self._may_push():
            self.server.fake.operations.append("git push without a login")
            self._reply(401, b"login", kind="text/plain", challenge='Basic realm="fake"')
        else:
            self.server.fake.operations.append(f"git {query.partition('=')[2] or path[1:]}")
            answer = smart_http.serve(
                bare,
                method=self.command,
                path=path,
                query=query,
                headers=self.headers,
                body=body,
                user=LOGIN if self._may_push() else "",
            )
            self._reply(answer.status, answer.body, kind=answer.kind)

    def _may_push(self) -> bool:
        kind, _, login = self.headers.get("authorization", "").partition(" ")
        return kind == "Basic" and base64.b64decode(login).decode().endswith(f":{TOKEN}")

    def _body(self) -> bytes:
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        chunks = []
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(chunks)

    def _json(self, status: int, answer: Mapping[str, Any]) -> None:
        self._reply(status, json.dumps(answer).encode(), kind="application/json; charset=utf-8")

    def _reply(self, status: int, body: bytes, *, kind: str, challenge: str = "") -> None:
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.send_header("x-oauth-scopes", "repo, read:org, workflow")
        if challenge:
            self.send_header("www-authenticate", challenge)
        self.end_headers()
        self.wfile.write(body)
