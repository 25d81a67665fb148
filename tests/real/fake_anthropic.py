"""A Messages API on loopback: the real claude runs with no account, a script says what the model answers.

Which turn is next is counted from the request itself, so the server remembers no conversation.
"""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]

FOLDER = re.compile(r"(?:Primary working directory|Working directory|CWD):\s*(\S+)")
USAGE = {
    "input_tokens": 1000,
    "output_tokens": 100,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
}

MOST_REQUESTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """An answer that is none: an HTTP status, or, without one, a stream that begins and then is silent."""

    status: int | None = None
    message: str = "fake fault"


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One answer of the model; `{cwd}` in what it gives a tool is the folder that claude works in."""

    text: str = ""
    uses: tuple[tuple[str, Json], ...] = ()
    fault: Fault | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What the model answers, turn by turn, to a prompt that holds this regular expression."""

    match: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request that came in, as far as tests look at it."""

    prompt: str
    tools: tuple[str, ...]
    turn: int
    key: str


@dataclass(slots=True)
class FakeAnthropic:
    """The server; it lives as long as its `with` block."""

    scripts: tuple[Script, ...]
    asked: list[Asked] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _server: "_Server" = field(init=False)

    def __enter__(self) -> Self:
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.fake = self
        threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        ).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Return what ANTHROPIC_BASE_URL wants."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def prompts(self) -> list[str]:
        """Return the first prompt of each conversation, in the order in which they began."""
        return [asked.prompt for asked in self.asked if asked.tools and asked.turn == 0]

    def turn_for(self, asked: Asked) -> Turn:
        """Choose the answer: a plain one where no script is left, so that nothing goes on for ever."""
        script = next((one for one in self.scripts if re.search(one.match, asked.prompt)), None)
        if len(self.asked) > MOST_REQUESTS or script is None or asked.turn >= len(script.turns):
            return Turn(text="done")
        return script.turns[asked.turn]

    def wait_for_the_end(self) -> None:
        """Stay silent until the test is over."""
        self._ended.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    fake: FakeAnthropic


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def log_message(self, *_: object) -> None:
        """Keep quiet: `asked` is the log."""

    def do_HEAD(self) -> None:
        self.send_response(200)
        self.send_header("content-length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self._refuse(404, "fake: no such route")

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or b"{}")
        if self.path.partition("?")[0] != "/v1/messages":
            self._refuse(404, "fake: no such route")
            return
        fake = self.server.fake
        asked = _asked(body, key=self.headers.get("x-api-key") or self.headers.get("authorization") or "")
        fake.asked.append(asked)
        turn = fake.turn_for(asked)
        try:
            self._answer(body, turn)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _answer(self, body: Json, turn: Turn) -> None:
        if turn.fault and turn.fault.status:
            self._refuse(turn.fault.status, turn.fault.message)
        elif turn.fault:
            self._event_stream()
            self._event("message_start", message=self._message(body))
            self.server.fake.wait_for_the_end()
        elif body.get("stream"):
            self._stream(body, turn)
        else:
            blocks = _blocks(turn, _folder(body), number=len(self.server.fake.asked))
            self._json(200, {**self._message(body), "content": blocks, "stop_reason": _stop_reason(turn)})

    def _stream(self, body: Json, turn: Turn) -> None:
        self._event_stream()
        self._event("message_start", message=self._message(body))
        for index, block in enumerate(_blocks(turn, _folder(body), number=len(self.server.fake.asked))):
            opened, delta = _opened(block)
            self._event("content_block_start", index=index, content_block=opened)
            self._event("content_block_delta", index=index, delta=delta)
            self._event("content_block_stop", index=index)
        ending = {"stop_reason": _stop_reason(turn), "stop_sequence": None}
        self._event("message_delta", delta=ending, usage={"output_tokens": USAGE["output_tokens"]})
        self._event("message_stop")

    def _message(self, body: Json) -> Json:
        # Claude takes messages with one id for parts of one message.
        return {
            "id": f"msg_{len(self.server.fake.asked)}",
            "type": "message",
            "role": "assistant",
            "model": body.get("model"),
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": USAGE,
        }

    def _event_stream(self) -> None:
        self.close_connection = True
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        self.end_headers()

    def _event(self, name: str, **facts: Any) -> None:
        self.wfile.write(f"event: {name}\ndata: {json.dumps({'type': name, **facts})}\n\n".encode())
        self.wfile.flush()

    def _refuse(self, status: int, message: str) -> None:
        self._json(status, {"type": "error", "error": {"type": "api_error", "message": message}})

    def _json(self, status: int, answer: Json) -> None:
        data = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


def _asked(body: Json, *, key: str) -> Asked:
    messages = body.get("messages", [])
    answers = [number for number, message in enumerate(messages) if message["role"] == "assistant"]
    first = messages[: answers[0]] if answers else messages
    return Asked(
        prompt="\n".join(_text(message["content"]) for message in first),
        tools=tuple(tool["name"] for tool in body.get("tools", [])),
        turn=len(answers),
        key=key,
    )


def _text(content: str | list[Json]) -> str:
    if isinstance(content, str):
        return content
    return "\n".join(block.get("text", "") for block in content)


def _folder(body: Json) -> str:
    """Read where claude works from what it tells the model."""
    found = FOLDER.search(_text(body.get("system") or "") + "\n" + _asked(body, key="").prompt)
    return found[1] if found else ""


def _blocks(turn: Turn, folder: str, *, number: int) -> list[Json]:
    said = [{"type": "text", "text": turn.text}] if turn.text else []
    used = [
        {"type": "tool_use", "id": f"toolu_{number}_{index}", "name": name, "input": _filled(given, folder)}
        for index, (name, given) in enumerate(turn.uses)
    ]
    return [*said, *used]


def _filled(given: Json, folder: str) -> Json:
    return {
        key: value.replace("{cwd}", folder) if isinstance(value, str) else value
        for key, value in given.items()
    }


def _opened(block: Json) -> tuple[Json, Json]:
    """Split a block into how its stream opens and what follows."""
    if block["type"] == "text":
        return {**block, "text": ""}, {"type": "text_delta", "text": block["text"]}
    return {**block, "input": {}}, {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}


def _stop_reason(turn: Turn) -> str:
    return "tool_use" if turn.uses else "end_turn"
