"""What the fake claude can do, act by act, and the lines it says on the way."""

import json
import os
import sys
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from nightshift.workspace import process

_SECONDS = 30.0
_COST_USD = 0.03


class Act(StrEnum):
    """What the fake can do; each was seen of the real one, or of what it may start."""

    EDIT = "edit"
    DENIED = "denied"
    API_ERROR = "api_error"
    ERROR_WITH_EXIT_0 = "error_with_exit_0"
    MAX_TURNS = "max_turns"
    EXIT = "exit"
    SILENT = "silent"
    TRUNCATED = "truncated"
    SEVERAL = "several"
    GARBAGE = "garbage"
    HANG = "hang"
    CHILDREN = "children"
    OUTSIDE = "outside"
    PUSH = "push"


class Stage:
    """Plays one act."""

    def __init__(self, play: Mapping[str, Any], allowed: list[str]) -> None:
        self._play = play
        self._text = str(play.get("text", "I have done it."))
        self._seconds = float(play.get("seconds", _SECONDS))
        self._allowed = {tool.partition("(")[0] for tool in allowed}

    def perform(self, act: Act) -> int:
        """Do it, and return the exit code."""
        refused = self._write_files()
        special = getattr(self, f"_{act.value}", None)
        if special is not None:
            return int(special())
        say_result(result=self._text, denials=refused)
        return 0

    def _write_files(self) -> list[dict[str, Any]]:
        """Use the tool Write for each file; return what was refused."""
        refused = []
        for path, text in self._play.get("files", {}).items():
            given = {"file_path": str(Path.cwd() / path), "content": text}
            say(
                type="assistant", message={"content": [{"type": "tool_use", "name": "Write", "input": given}]}
            )
            if "Write" in self._allowed:
                Path(path).parent.mkdir(parents=True, exist_ok=True)
                Path(path).write_text(text, encoding="utf-8")
            else:
                refused.append(_denial("Write", given))
        return refused

    def _denied(self) -> int:
        say_result(result=self._text, denials=[_denial("Bash", {"command": "git push origin main"})])
        return 0

    def _api_error(self) -> int:
        say_result(is_error=True, api_error_status=401, result="API Error: 401 invalid x-api-key", cost=0)
        return 1

    def _error_with_exit_0(self) -> int:
        say_result(subtype="error_during_execution", is_error=True, errors=["aborted by a signal"])
        return 0

    def _max_turns(self) -> int:
        say_result(subtype="error_max_turns", is_error=True, errors=["Reached maximum number of turns (3)"])
        return 1

    def _exit(self) -> int:
        return refuse(f"Error: {self._play.get('text', 'something broke')}") + 1

    def _truncated(self) -> int:
        whole = json.dumps(_result_line(result=self._text))
        sys.stdout.write(whole[: len(whole) // 2])
        return 0

    def _several(self) -> int:
        say_result(subtype="error_during_execution", is_error=True, errors=["the first of two"])
        say_result(result=self._text)
        return 0

    def _garbage(self) -> int:
        sys.stdout.buffer.write(b'\x1b[2J{"type": "result", not json \xff\xfe\n[1, "result"]\n')
        say_result(result=self._text)
        return 0

    def _hang(self) -> int:
        say(type="system", subtype="api_retry", attempt=1, error_status=529, error="overloaded")
        threading.Event().wait(self._seconds)
        return 0

    def _children(self) -> int:
        """Leave a child, one in a session of its own, and one that holds our stdout, and end well."""
        up = threading.Event()
        nap = f"sleep {self._seconds:g}"
        commands = f"{nap} & setsid {nap} & setsid {nap} > /proc/{os.getpid()}/fd/1 & echo up; wait"
        threading.Thread(target=_start, args=(commands, up), daemon=True).start()
        up.wait(_SECONDS)
        say_result(result=self._text)
        # The thread would end what it started; a real agent's daemons outlive it.
        os._exit(0)

    def _outside(self) -> int:
        Path(self._play["path"]).write_text("the agent was here\n", encoding="utf-8")
        say_result(result=self._text)
        return 0

    def _push(self) -> int:
        done = _run(["git", "push", "origin", "HEAD:refs/heads/main"])
        say_result(result=f"git push: exit {done.exit_code}: {done.tail(2)}")
        return 0


def _start(commands: str, up: threading.Event) -> None:
    _run(["/bin/sh", "-c", commands], heard=lambda _: up.set())


def _run(args: list[str], *, heard: Callable[[bytes], None] | None = None) -> process.Completed:
    return process.run(args, cwd=Path.cwd(), env=os.environ, timeout_seconds=_SECONDS, on_line=heard)


def _denial(tool: str, given: Mapping[str, Any]) -> dict[str, Any]:
    return {"tool_name": tool, "tool_use_id": "toolu_fake", "tool_input": given}


def _result_line(
    *,
    subtype: str = "success",
    is_error: bool = False,
    denials: list[dict[str, Any]] | None = None,
    cost: float = _COST_USD,
    **more: Any,
) -> dict[str, Any]:
    return {
        "num_turns": 2,
        "total_cost_usd": cost,
        "permission_denials": denials or [],
        "is_error": is_error,
        "subtype": subtype,
        **more,
        "type": "result",
    }


def say_result(**facts: Any) -> None:
    """Say a result line."""
    say(**_result_line(**facts))


def say(**line: Any) -> None:
    """Say a line of the stream."""
    put(json.dumps(line))


def refuse(complaint: str) -> int:
    """Complain as claude does before it begins."""
    sys.stderr.write(f"{complaint}\n")
    return 1


def put(line: str) -> int:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
    return 0
