"""A CONNECT proxy that leads the names of GitHub to one server on loopback, and any other name nowhere."""

import select
import socket
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAMES = ("github.com", "api.github.com")


class Proxy(ThreadingHTTPServer):
    """The proxy; `refused` lists what else was asked for."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.target = ("127.0.0.1", port)
        self.refused: list[str] = []

    @property
    def url(self) -> str:
        """Return what HTTPS_PROXY wants."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    server: Proxy

    def log_message(self, *_: object) -> None:
        """Keep quiet."""

    def do_CONNECT(self) -> None:
        self.close_connection = True
        if self.path not in {f"{name}:443" for name in NAMES}:
            self.server.refused.append(self.path)
            self.send_error(502, "only the fake is reachable")
            return
        with socket.create_connection(self.server.target) as far:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _relay(self.connection, far)


def _relay(near: socket.socket, far: socket.socket) -> None:
    """Carry bytes both ways until one end hangs up."""
    other = {near: far, far: near}
    while True:
        for end in select.select([near, far], [], [], 60)[0]:
            try:
                data = end.recv(65536)
                other[end].sendall(data)
            except OSError:
                return
            if not data:
                return
