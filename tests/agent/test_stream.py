"""Reading stream-json: the last result that can be read counts, and nothing hostile does harm."""

import json
from typing import Any

import pytest

from nightshift.agent.stream import Answer, Stream


def result(**more: Any) -> bytes:
    return json.dumps({"type": "result", "subtype": "success", "is_error": False} | more).encode()


def read(*lines: bytes) -> Stream:
    stream = Stream()
    for line in lines:
        stream.take(line)
    return stream


def test_a_result_line_becomes_an_answer() -> None:
    line = result(result="all done", num_turns=5, total_cost_usd=0.03, permission_denials=[])
    stream = read(b'{"type":"system","subtype":"init"}', line)
    assert stream.answer == Answer(subtype="success", is_error=False, text="all done", turns=5, cost_usd=0.03)
    assert stream.denials == ()


@pytest.mark.row("users 5")
def test_the_last_of_several_results_counts() -> None:
    stream = read(
        result(is_error=True, result="no"), result(result="yes"), b'{"type":"result","half', b"\x1b[2J"
    )
    assert stream.answer is not None
    assert (stream.answer.is_error, stream.answer.text) == (False, "yes")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(b"", id="an empty line"),
        pytest.param(b'"result"', id="no object"),
        pytest.param(
            b'{"type":"user","content":"\\"result\\" {\\"type\\":\\"result\\"}"}', id="a tool that prints one"
        ),
        pytest.param(b'{"type":["result"]}', id="a type that is no word"),
        pytest.param(b'{"type":"result","subtype":"success"}', id="without is_error"),
        pytest.param(b'{"type":"result","subtype":"success","is_error":0}', id="is_error is a number"),
        pytest.param(b'{"type":"result","is_error":false,"subtype":null}', id="without subtype"),
        pytest.param(b'{"type":"result","subtype":"success","is_error":fal', id="truncated"),
        pytest.param(b'{"type":"result",\xff\xfe}', id="not UTF-8"),
        pytest.param(b'{"result":' + b"[" * 100_000, id="nested without end"),
        pytest.param(b'{"result":' + b"9" * 100_000 + b"}", id="a number without end"),
        pytest.param(result(result="x" * 1_100_000), id="longer than a megabyte"),
    ],
)
def test_what_is_no_result_is_skipped(line: bytes) -> None:
    assert read(line).answer is None


@pytest.mark.parametrize(
    ("given", "turns", "cost"),
    [
        ({}, None, None),
        ({"num_turns": 0, "total_cost_usd": 0}, 0, 0.0),
        ({"num_turns": True, "total_cost_usd": True}, None, None),
        ({"num_turns": -1, "total_cost_usd": -0.5}, None, None),
        ({"num_turns": 1.5, "total_cost_usd": "0.1"}, None, None),
        ({"total_cost_usd": float("nan")}, None, None),
        ({"total_cost_usd": float("inf")}, None, None),
        ({"total_cost_usd": 10**400}, None, None),
    ],
)
def test_a_missing_number_is_none_and_never_zero(given: Any, turns: int | None, cost: float | None) -> None:
    answer = read(result(**given)).answer
    assert answer is not None
    assert (answer.turns, answer.cost_usd) == (turns, cost)


def test_an_error_says_its_list() -> None:
    answer = read(result(subtype="error_max_turns", is_error=True, errors=["too many", 3, "turns"])).answer
    assert answer == Answer(subtype="error_max_turns", is_error=True, text="too many\nturns")


def test_a_result_without_words_says_nothing() -> None:
    answer = read(result(result=None, errors="no list")).answer
    assert answer is not None
    assert answer.text == ""


@pytest.mark.row("users 33")
def test_what_the_agent_says_is_calm_and_short() -> None:
    hostile = "\x1b]0;title\x07\x1b[31mred\x1b[0m \u202eevil\u2066 a\x00b\nnext " + "x" * 9000 + " end"
    answer = read(result(result=hostile)).answer
    assert answer is not None
    assert answer.text.startswith("red evil ab\nnext x")
    assert answer.text.endswith("x end")
    assert "characters left out" in answer.text
    assert len(answer.text) < 4100


@pytest.mark.row("users 9")
def test_denials_name_the_tool_and_what_it_wanted() -> None:
    denials = [
        {"tool_name": "Bash", "tool_input": {"command": "git\npush\x1b[2J origin", "description": "x"}},
        {"tool_name": "Write", "tool_input": {"content": "secret", "file_path": "/etc/passwd"}},
        {"tool_name": "Odd", "tool_input": {"number": 3}},
        {"tool_name": "Odd", "tool_input": None},
        {"tool_name": 7},
        "text",
    ]
    assert read(result(permission_denials=denials)).denials == (
        "Bash: git push origin",
        "Write: /etc/passwd",
        "Odd",
        "a tool without a name",
    )


def test_a_denial_is_not_forgotten_by_a_later_result() -> None:
    stream = read(result(permission_denials=[{"tool_name": "Bash"}]), result(permission_denials=[]))
    assert stream.denials == ("Bash",)


def test_denials_that_cannot_be_read_are_denials() -> None:
    assert read(result(permission_denials={"tool_name": "Bash"})).denials == ("Bash",)
    assert read(result(permission_denials="many")).denials == ("a tool without a name",)


def test_a_flood_of_denials_is_cut() -> None:
    stream = read(result(permission_denials=[{"tool_name": f"T{number}"} for number in range(1000)]))
    assert len(stream.denials) == 20


@pytest.mark.parametrize(
    ("more", "trouble"),
    [
        ({"error_status": 401, "error": "authentication_failed"}, "401 (authentication_failed)"),
        ({"error_status": None, "error": "a\x1b[2Jb"}, "no answer (ab)"),
        ({"error": ["x"]}, "no answer"),
    ],
)
def test_what_the_api_refuses_with_is_remembered(more: dict[str, Any], trouble: str) -> None:
    line = json.dumps({"type": "system", "subtype": "api_retry"} | more).encode()
    assert read(line).trouble == f"the API's last answer was {trouble}"
    assert read(b'{"type":"user","content":"\\"api_retry\\" "api_retry""}').trouble == ""
