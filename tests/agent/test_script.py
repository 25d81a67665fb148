"""Reading a script: what it may say, and every complaint at once with its place."""

from pathlib import Path

import pytest

from nightshift.agent.script import load_script, parse_script
from nightshift.agent.steps import Delete, Edit, Expect, Fail, Run, Say, Sleep, Write
from nightshift.errors import AgentError
from nightshift.model import Place

WHOLE = """\
tasks:
  task_3:
    attempts:
      - steps:
          - write: {path: src/a.py, text: "x = 1\\n"}
          - edit: {path: src/a.py, old: x, new: ""}
          - delete: src/b.py
      - - run: [pytest, -q]
        - say: yes
        - sleep: 0.5
  task_4:
    - expect: "failed"
    - fail: no idea
  5: {steps: []}
default: []
"""


def at(line: int, column: int) -> Place:
    return Place(path="agent.yaml", line=line, column=column)


def test_every_step_is_read_with_its_place() -> None:
    script = parse_script(WHOLE.encode(), path="agent.yaml")
    assert script.steps("task_3", number=1) == (
        Write(place=at(5, 13), path="src/a.py", text="x = 1\n"),
        Edit(place=at(6, 13), path="src/a.py", old="x", new=""),
        Delete(place=at(7, 13), path="src/b.py"),
    )
    assert script.steps("task_3", number=2) == (
        Run(place=at(8, 11), args=("pytest", "-q")),
        Say(place=at(9, 11), text="yes"),
        Sleep(place=at(10, 11), seconds=0.5),
    )
    assert script.steps("task_4", number=1) == (
        Expect(place=at(12, 7), text="failed"),
        Fail(place=at(13, 7), reason="no idea"),
    )
    assert script.steps("5", number=1) == ()


def test_the_last_listed_attempt_repeats_and_the_default_is_for_the_others() -> None:
    script = parse_script(WHOLE.encode(), path="agent.yaml")
    assert script.steps("task_3", number=9) == script.steps("task_3", number=2)
    assert script.steps("nobody", number=1) == ()
    assert parse_script(b"tasks: {}", path="s").steps("nobody", number=1) is None


def test_it_is_known_whether_a_script_starts_programs() -> None:
    assert parse_script(WHOLE.encode(), path="s").runs_programs
    assert not parse_script(b"tasks: {t: [{say: run}]}", path="s").runs_programs
    assert parse_script(b"default: [{run: [ls]}]", path="s").runs_programs


def test_all_complaints_come_at_once_in_the_order_of_the_file() -> None:
    text = """\
taks: {}
tasks:
  t1:
    attempts: []
    other: 1
  t2:
    - wriet: {path: a, text: b}
    - write: {path: ../a, text: b}
    - write: {path: /a, txt: b}
    - edit: {path: "a\\0b", old: "", new: [c]}
    - delete: ""
    - run: pytest -q
    - run: []
    - run: [[a]]
  t3:
    - sleep: soon
    - sleep: -1
    - sleep: .inf
    - say: {a: b}
    - fail:
    - expect: ''
  t4:
    - {}
    - {say: a, fail: b}
    - plain
  t5: 7
  t6: {steps: {a: b}}
  t6: {}
  [a]: []
default: x
"""
    with pytest.raises(AgentError) as caught:
        parse_script(text.encode(), path="agent.yaml")
    assert str(caught.value).splitlines() == [
        "agent.yaml:1:1: unknown key `taks` in a script (did you mean `tasks`?)",
        "agent.yaml:4:15: `attempts` needs at least one attempt",
        "agent.yaml:5:5: unknown key `other` in a task",
        "agent.yaml:7:7: unknown key `wriet` in a step (did you mean `write`?)",
        "agent.yaml:8:21: `../a` is no path inside the folder, such as src/app.py",
        "agent.yaml:9:14: `write` needs `text`",
        "agent.yaml:9:21: `/a` is no path inside the folder, such as src/app.py",
        "agent.yaml:9:25: unknown key `txt` in `write` (did you mean `text`?)",
        "agent.yaml:10:20: a path holds a NUL",
        "agent.yaml:10:33: `old` needs a text",
        "agent.yaml:10:42: this takes a text, not a list",
        "agent.yaml:11:15: `` is no path inside the folder, such as src/app.py",
        "agent.yaml:12:12: `run` takes a list, not a single value (such as [pytest, -q])",
        "agent.yaml:13:12: `run` needs a program",
        "agent.yaml:14:13: a word of `run` takes a text, not a list",
        "agent.yaml:16:14: `sleep` takes seconds, such as 0.5",
        "agent.yaml:17:14: `sleep` takes seconds, such as 0.5",
        "agent.yaml:18:14: `sleep` takes seconds, such as 0.5",
        "agent.yaml:19:12: this takes a text, not a mapping",
        "agent.yaml:20:12: `fail` needs a text",
        "agent.yaml:21:15: `expect` needs a text",
        "agent.yaml:23:7: a step is one of write, edit, delete, say, fail, sleep, expect, run, not 0 of them",
        "agent.yaml:24:7: a step is one of write, edit, delete, say, fail, sleep, expect, run, not 2 of them",
        "agent.yaml:25:7: a step holds keys, not a single value",
        "agent.yaml:26:7: `steps` takes a list, not a single value",
        "agent.yaml:27:15: `steps` takes a list, not a mapping",
        "agent.yaml:28:3: `t6` stands twice",
        "agent.yaml:29:3: a key of `tasks` takes a text, not a list",
        "agent.yaml:30:10: `steps` takes a list, not a single value",
    ]
    assert "docs/scripted-agent.md" in caught.value.tip


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        (b"", "s:1:1: the script is empty: it needs `tasks`"),
        (b"# nothing\n", "s:1:1: the script is empty: it needs `tasks`"),
        (b"{}", "s:1:1: a script needs `tasks`"),
        (b"- a", "s:1:1: a script holds keys, not a list"),
        (b"tasks: [", "s:2:1: not YAML: did not find expected node content"),
        (b"tasks: \xff", "s:1:8: not UTF-8: byte 7 cannot be read"),
        (b"tasks: &a {}\n", "s:1:8: the anchor `&a` is not allowed: take it out"),
        (b"tasks: {t: [*a]}", "s:1:13: the alias `*a` is not allowed: write the value itself"),
        (b"tasks: {t: !!python/name:os.system [{say: a}]}", "the tag"),
        (b"tasks: {t: [!x {say: a}, !y z]}", "s:1:13: the tag `!x` is not allowed: take it out"),
        (b"tasks: {t: {steps: !x z}}", "s:1:20: the tag `!x` is not allowed: take it out"),
        (b"tasks: {t: {steps: }}", "s:1:20: `steps` takes a list, not a single value"),
        (b"tasks: {t: {}}", "s:1:12: an attempt needs `steps`"),
        (b"tasks: !x z", "s:1:8: the tag `!x` is not allowed: take it out"),
    ],
)
def test_a_file_that_is_no_script_is_explained(source: bytes, complaint: str) -> None:
    with pytest.raises(AgentError) as caught:
        parse_script(source, path="s")
    assert complaint in str(caught.value)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match=r"the script .*gone\.yaml does not exist"):
        load_script(tmp_path / "gone.yaml")
    with pytest.raises(AgentError, match=r"the script folder cannot be read: Is a directory"):
        load_script(tmp_path, shown_as="folder")


def test_a_file_that_is_far_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "big.yaml"
    path.write_bytes(b"#" * 2_000_000)
    with pytest.raises(AgentError, match="larger than 1000000 bytes"):
        load_script(path)


def test_a_script_is_loaded_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "agent.yaml"
    path.write_text(WHOLE)
    assert load_script(path, shown_as="agent.yaml") == parse_script(WHOLE.encode(), path="agent.yaml")
