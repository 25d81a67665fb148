"""A program that behaves like `claude -p --output-format stream-json --verbose`, and does what a script says.

`install(folder, script)` writes an executable `claude`. The script is JSON: `tasks` by id, each one play or a
list of plays by attempt (the last one repeats), and `default`. A play says what it `does` (a word of `Act`),
which `files` are written and what `text` is said; `seconds` bound a hang or a child, `path` is where
`outside` writes. By hand, NIGHTSHIFT_FAKE_CLAUDE names the script, or one act.
"""

import json
import os
import re
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nightshift.testing.plays import Act, Stage, put, refuse, say, say_result

VERSION = "2.1.329 (Claude Code)"
VARIABLE = "NIGHTSHIFT_FAKE_CLAUDE"
_TASK = re.compile(r"^# Task `([^`]+)`, attempt (\d+)", re.MULTILINE)
_SWITCHES = ("-p", "--print", "--verbose", "--strict-mcp-config", "--no-session-persistence")
_TAKE_ONE = ("--output-format", "--permission-mode", "--setting-sources", "--model")
_TAKE_MANY = ("--allowedTools", "--tools")
_CREDENTIALS = ("ANTHROPIC_API_KEY", "CLAUDE_CODE_OAUTH_TOKEN")


def install(folder: Path, script: Mapping[str, Any]) -> Path:
    """Write an executable `claude` into `folder` that plays this script; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    told = folder / "claude.json"
    told.write_text(json.dumps(script), encoding="utf-8")
    program = folder / "claude"
    command = shlex.join([sys.executable, "-I", "-m", "nightshift.testing.fake_claude"])
    program.write_text(f'#!/bin/sh\n{VARIABLE}={shlex.quote(str(told))} exec {command} "$@"\n')
    program.chmod(0o755)
    return program


def main(words: list[str] | None = None) -> int:
    """Answer like claude; the exit code is the real one's."""
    asked = sys.argv[1:] if words is None else words
    if "--version" in asked:
        return put(VERSION)
    if "--help" in asked:
        return put(f"Usage: claude [options] [command] [prompt]\n\nOptions: {' '.join(_known())}")
    options = _options(asked)
    if isinstance(options, str):
        return refuse(options)
    if options.get("--output-format") == "stream-json" and "--verbose" not in options:
        return refuse("Error: When using --print, --output-format=stream-json requires --verbose")
    prompt = sys.stdin.read()
    if not prompt.strip():
        return refuse("Error: Input must be provided either through stdin or as a prompt argument")
    return _answer(options, prompt)


def _known() -> tuple[str, ...]:
    return (*_SWITCHES, *_TAKE_ONE, *_TAKE_MANY)


def _options(words: list[str]) -> dict[str, str] | str:
    """Read the arguments as claude does, or return its complaint."""
    read: dict[str, str] = {}
    left = list(words)
    while left:
        word = left.pop(0)
        if word not in _known():
            return f"error: unknown option '{word}'"
        values = []
        while word in (*_TAKE_ONE, *_TAKE_MANY) and left and not left[0].startswith("-"):
            values.append(left.pop(0))
            if word in _TAKE_ONE:
                break
        read[word] = ",".join(values)
    return read


def _answer(options: Mapping[str, str], prompt: str) -> int:
    _remember()
    play = _play(prompt)
    if play.get("does") == Act.SILENT:
        return 0
    say(type="system", subtype="init", cwd=str(Path.cwd()), tools=options.get("--tools", "").split(","))
    if not any(os.environ.get(name) for name in _CREDENTIALS):
        say_result(is_error=True, result="Not logged in · Please run /login", cost=0)
        return 1
    allowed = options.get("--allowedTools", "").split(",")
    return Stage(play, allowed).perform(Act(play.get("does", Act.EDIT)))


def _remember() -> None:
    """Leave a file where the real one leaves its own."""
    home = os.environ.get("CLAUDE_CONFIG_DIR") or os.environ.get("HOME")
    if home:
        Path(home).mkdir(parents=True, exist_ok=True)
        (Path(home) / ".claude.json").write_text("{}\n")


def _play(prompt: str) -> Mapping[str, Any]:
    """Find what to do: by the variable alone, or by the task and the attempt that the prompt names."""
    told = os.environ.get(VARIABLE, Act.EDIT)
    if not Path(told).is_file():
        return {"does": told}
    script = json.loads(Path(told).read_text(encoding="utf-8"))
    task, number = (found[1], int(found[2])) if (found := _TASK.search(prompt)) else ("", 1)
    plays = script.get("tasks", {}).get(task, script.get("default", {}))
    play: Mapping[str, Any] = plays[min(number, len(plays)) - 1] if isinstance(plays, list) else plays
    return play


if __name__ == "__main__":
    raise SystemExit(main())
