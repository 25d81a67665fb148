"""The policy file: read with its places, or complained about all at once."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from nightshift.errors import ExitCode, PolicyError
from nightshift.model import Place, Policy
from nightshift.policy import Code, load, parse, problems, read
from nightshift.policy.complaints import line_of
from nightshift.policy.document import MAX_BYTES


def complaints(source: str | bytes) -> list[tuple[Code, str]]:
    """Return the code and line of each complaint about a file called `c`."""
    text = source if isinstance(source, bytes) else source.encode()
    return [(Code(found.code), line_of(found)) for found in problems(text, path="c")]


@pytest.mark.row("S3.17")
@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"\n\n",
        b"# only a comment\n",
        b"---\n",
        b"null",
        b"~",
        b"version: 1",
        b"\xef\xbb\xbfversion: 1",
        b"{}",
        b"task:\nchange: ~\ngate: {}\nsession: null",
        b"version: 1\r\ntask:\r\n  require_tests: true\r\n",
    ],
)
def test_what_is_not_said_is_the_default(source: bytes) -> None:
    policy = parse(source, path="c")
    assert (policy.task, policy.change, policy.gate) == (Policy().task, Policy().change, Policy().gate)
    assert (policy.path, policy.digest) == ("c", hashlib.sha256(source).hexdigest())


def test_values_are_typed_and_know_their_places() -> None:
    source = b"""\
version: 1
base: release/2.x
task:
  min_alignment: 0
  require_tests: false
  forbidden_words: ["404", off, 22:30]
change: {allowed_paths: ["lib/**", '!lib/x'], max_source_lines: 0}
gate:
  timeout_minutes: 0.5
  setup: |
    make venv
    make deps
  carry: [.venv, node_modules]
agent: {kind: command, command: [./my agent, --fast], model: "2", sandbox: none}
session: {max_hours: 1.5e0, attempt_minutes: 10, task_minutes: .5}
delivery:
  pull_request: none
  labels: [needs review]
"""
    policy = parse(source, path="c.yaml")
    assert policy.base == "release/2.x"
    assert (policy.task.min_alignment, policy.task.require_tests) == (0, False)
    assert policy.task.forbidden_words == ("404", "off", "22:30")
    assert (policy.change.allowed_paths, policy.change.max_source_lines) == (("lib/**", "!lib/x"), 0)
    assert (policy.gate.timeout_minutes, policy.gate.setup) == (0.5, "make venv\nmake deps\n")
    assert policy.gate.carry == (".venv", "node_modules")
    assert policy.agent.command == ("./my agent", "--fast")
    assert (policy.agent.model, policy.agent.sandbox) == ("2", "none")
    assert (policy.session.max_hours, policy.session.attempt_minutes) == (1.5, 10)
    assert (policy.session.task_minutes, policy.session.max_tasks) == (0.5, 5)
    assert (policy.delivery.pull_request, policy.delivery.labels) == ("none", ("needs review",))
    assert policy.place_of("base") == Place(path="c.yaml", line=2, column=1)
    assert policy.place_of("task") == Place(path="c.yaml", line=3, column=1)
    assert policy.place_of("task.min_alignment") == Place(path="c.yaml", line=4, column=3)
    assert policy.place_of("task.forbidden_words[1]") == Place(path="c.yaml", line=6, column=28)
    assert policy.place_of("change.allowed_paths[1]") == Place(path="c.yaml", line=7, column=36)
    assert policy.place_of("session.max_tasks") is None


@pytest.mark.row("S3.17")
@pytest.mark.parametrize(
    "text", ["off", "no", "yes", "on", "y", "22:30", "0b1", "1_000", "2025-10-29", "<<", "="]
)
def test_a_word_is_text_where_yaml_once_made_something_else_of_it(text: str) -> None:
    policy = parse(f"task: {{forbidden_words: [{text}]}}".encode(), path="c")
    assert policy.task.forbidden_words == (text,)


COMPLAINTS = {
    "typo": (
        "task:\n  min_alignmnt: 80",
        "PC004",
        "c:2:3: unknown key `task.min_alignmnt` (did you mean `min_alignment`?)",
    ),
    "section typo": ("chagne: {}", "PC004", "c:1:1: unknown key `chagne` (did you mean `change`?)"),
    "nothing near": ("xyzzy: 1", "PC004", "c:1:1: unknown key `xyzzy`"),
    "another section": (
        "max_tasks: 3",
        "PC004",
        "c:1:1: unknown key `max_tasks` (did you mean `session.max_tasks`?)",
    ),
    "dotted": (
        "task.min_alignment: 3",
        "PC004",
        "unknown key `task.min_alignment` (write `min_alignment` on a line of its own",
    ),
    "nameless": ('"\\e[0m": 3', "PC004", "c:1:1: unknown key `\\x1b[0m`"),
    "later": ("agent: {max_usd: 3}", "PC005", "c:1:9: `agent.max_usd` is not in this version (take it out)"),
    "later section": ("notify: [x]", "PC005", "c:1:1: `notify` is not in this version (take it out)"),
    "later junit": ("gate: {junit: x.xml}", "PC005", "`gate.junit` is not in this version"),
    "box auto": (
        "agent: {sandbox: auto}",
        "PC005",
        "`agent.sandbox` `auto` is not in this version: it must be `none`",
    ),
    "box required": (
        "agent: {sandbox: required}",
        "PC005",
        "`required` is not in this version: it must be `none`",
    ),
    "pull request by task": ("delivery: {pull_request: task}", "PC005", "must be `session` or `none`"),
    "duplicate": ("task: {}\ntask: {}", "PC006", "c:2:1: `task` stands twice, first in line 1"),
    "duplicate inside": (
        "gate:\n  setup: a\n  setup: b",
        "PC006",
        "c:3:3: `gate.setup` stands twice, first in line 2",
    ),
    "anchor": ("base: &x main", "PC007", "c:1:7: the anchor `&x` is not allowed"),
    "anchor on a list": ("gate: {carry: &x [a]}", "PC007", "c:1:15: the anchor `&x` is not allowed"),
    "tag": ("gate: {carry: !!python/object/apply:os.system [x]}", "PC007", "c:1:15: the tag"),
    "harmless tag": ("version: !!int 1", "PC007", "c:1:10: the tag `tag:yaml.org,2002:int` is not allowed"),
    "tagged item": ("gate: {carry: [!x a]}", "PC007", "c:1:16: the tag `!x` is not allowed"),
    "tagged key": ("!x base: main", "PC007", "c:1:1: the tag `!x` is not allowed"),
    "number for text": (
        "base: 2024",
        "PC008",
        'c:1:7: `base` must be text, not a number (write "2024" in quotes)',
    ),
    "float for text": ("base: 1.10", "PC008", 'must be text, not a number (write "1.10" in quotes)'),
    "hex for text": ("base: 0x10", "PC008", "must be text, not a number"),
    "boolean for text": ("base: true", "PC008", 'must be text, not a boolean (write "true" in quotes)'),
    "null for text": ("delivery: {remote: }", "PC008", "c:1:20: `delivery.remote` must be text, not nothing"),
    "list for text": ("base: [main]", "PC008", "c:1:7: `base` must be text, not a list"),
    "mapping for text": ("base: {a: b}", "PC008", "`base` must be text, not a mapping"),
    "yes": (
        "task: {require_tests: yes}",
        "PC008",
        "must be `true` or `false`, not `yes` (write true without quotes)",
    ),
    "off": ("delivery: {draft: off}", "PC008", "not `off` (write false without quotes)"),
    "True": ("delivery: {draft: True}", "PC008", "not `True` (write true without quotes)"),
    "quoted boolean": ('delivery: {draft: "true"}', "PC008", "not `true` (write true without quotes)"),
    "number for boolean": ("delivery: {draft: 1}", "PC008", "must be `true` or `false`, not `1`"),
    "list for boolean": ("delivery: {draft: []}", "PC008", "must be `true` or `false`, not a list"),
    "nothing for boolean": ("delivery: {draft: }", "PC008", "must be `true` or `false`, not nothing"),
    "text for number": ("task: {min_alignment: high}", "PC008", "must be a whole number, not text"),
    "quoted number": ('task: {min_alignment: "80"}', "PC008", "must be a whole number, not text"),
    "fraction": (
        "session: {max_tasks: 1.5}",
        "PC008",
        "`session.max_tasks` must be a whole number, not a number",
    ),
    "null number": ("task: {min_alignment: null}", "PC008", "must be a whole number, not nothing"),
    "clock": ("session: {max_hours: 4:30}", "PC008", "`session.max_hours` must be a number, not text"),
    "infinite": ("session: {max_hours: .inf}", "PC008", "must be a number, not a number"),
    "list for number": ("session: {max_tasks: [5]}", "PC008", "must be a whole number, not a list"),
    "text for list": ("delivery: {labels: bug}", "PC008", "must be a list, not text (write [bug])"),
    "null for list": ("delivery: {labels: }", "PC008", "must be a list, not nothing (write [])"),
    "mapping for list": ("delivery: {labels: {a: b}}", "PC008", "must be a list, not a mapping (write [])"),
    "number in list": (
        "gate:\n  carry:\n    - 3",
        "PC008",
        "c:3:7: `gate.carry[0]` must be text, not a number",
    ),
    "below": ("task: {min_alignment: -1}", "PC009", "must be at least 0 and at most 100, not -1"),
    "above": ("task: {min_alignment: 101}", "PC009", "must be at least 0 and at most 100, not 101"),
    "zero minutes": ("gate: {timeout_minutes: 0}", "PC009", "must be more than 0 and at most 1440, not 0"),
    "negative hours": ("session: {max_hours: -1}", "PC009", "must be more than 0 and at most 168, not -1"),
    "endless": ("session: {task_minutes: 1e999}", "PC009", "must be more than 0 and at most 1440, not 1e999"),
    "ten thousand digits": (f"change: {{max_lines: {'9' * 10_000}}}", "PC009", "not 99999999999999999999…"),
    "no attempts": ("session: {max_attempts: 0}", "PC009", "must be at least 1 and at most 20, not 0"),
    "no command": ("agent: {command: []}", "PC009", "`agent.command` must not be empty"),
    "unknown kind": ("agent: {kind: claud}", "PC010", "or `command`, not `claud` (did you mean `claude`?)"),
    "unknown allowance": (
        "change: {allow: [rename, delet]}",
        "PC010",
        "c:1:26: `change.allow[1]` must be `delete`",
    ),
    "bad regex": (
        'change: {forbidden_content: ["["]}',
        "PC011",
        "c:1:30: `change.forbidden_content[0]` cannot be `[`",
    ),
    "old regex": ('change: {forbidden_content: ["[[a]"]}', "PC011", "it is no regular expression"),
    "everything": ('change: {forbidden_content: ["x*"]}', "PC011", "it matches every line"),
    "runaway regex": ('change: {forbidden_content: ["(a+)+b"]}', "PC011", "a repeat inside a repeat"),
    "bad pattern": (
        'change: {forbidden_paths: [".env", "!"]}',
        "PC011",
        "c:1:36: `change.forbidden_paths[1]` cannot be `!`",
    ),
    "comment pattern": ('change: {allowed_paths: ["#x"]}', "PC011", "it is no gitignore pattern"),
    "empty text": ('gate: {script: ""}', "PC011", "it is empty"),
    "script outside": ("gate: {script: ../check.sh}", "PC011", "it must be a path inside the repository"),
    "script absolute": ("gate: {script: /bin/true}", "PC011", "it must be a path inside the repository"),
    "script nowhere": ("gate: {script: .}", "PC011", "it must be a path inside the repository"),
    "carry git": ("gate: {carry: [.git]}", "PC011", "git's own folder is not for this"),
    "control character": (
        'delivery: {labels: ["a\\eb"]}',
        "PC011",
        "cannot be `a\\x1bb`: it holds a control character",
    ),
    "control in a command": ('gate: {setup: "a\\eb"}', "PC011", "it holds a control character"),
    "option for a label": ("delivery: {labels: [-x]}", "PC011", "it must not begin with `-`"),
    "option for a remote": ("delivery: {remote: --upload-pack=x}", "PC011", "it must be one word"),
    "two words for a model": ("agent: {model: a b}", "PC011", "it must be one word"),
    "version 2": ("version: 2", "PC012", "c:1:10: version 2 is not known; this nightshift knows version 1"),
}


@pytest.mark.row("S3.17")
@pytest.mark.parametrize(("source", "code", "message"), COMPLAINTS.values(), ids=COMPLAINTS)
def test_this_is_a_complaint(source: str, code: str, message: str) -> None:
    ((found, line),) = complaints(source)
    assert (found, message in line) == (code, True), line


STRUCTURE = {
    "not YAML": ("base: [main", "PC002", "not YAML: "),
    "tab": ("task:\n\tmin: 1", "PC002", "c:2:1: not YAML: "),
    "control": ("base: a\x01", "PC002", "c:1:8: not YAML: the character \\x01 is not allowed"),
    "list": ("- a", "PC003", "c:1:1: a policy holds keys, not a list"),
    "word": ("hello", "PC003", "c:1:1: a policy holds keys, not a single value"),
    "section list": ("task: [a]", "PC003", "c:1:7: `task` must hold keys, not a list"),
    "section word": ("task: yes", "PC003", "c:1:7: `task` must hold keys, not a single value"),
    "two documents": ("base: a\n---\nbase: b", "PC003", "c:2:1: a second document begins here"),
    "list as key": ("? [a]\n: b", "PC003", "c:1:3: a key must be a word"),
    "deep": ("a: " + "[" * 100_000, "PC003", "nested more than 20 deep"),
    "a tagged root": ("!x {}", "PC007", "c:1:1: the tag `!x`"),
    "not UTF-8": (b"base: a\nb: \xff", "PC001", "c:2:4: not UTF-8: byte 11 cannot be read"),
    "UTF-16": ("base: a".encode("utf-16"), "PC001", "c:1:1: not UTF-8: byte 0"),
    "too large": (b"#" * (MAX_BYTES + 1), "PC001", "c:1:1: larger than 1000000 bytes"),
}


@pytest.mark.row("S3.17")
@pytest.mark.parametrize("loader", ["CSafeLoader", "SafeLoader"])
@pytest.mark.parametrize(("source", "code", "message"), STRUCTURE.values(), ids=STRUCTURE)
def test_what_is_no_policy_at_all_is_one_complaint(
    source: str | bytes, code: str, message: str, loader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if loader == "SafeLoader":
        monkeypatch.delattr(yaml, "CSafeLoader")
    ((found, line),) = complaints(source)
    assert (found, message in line) == (code, True), line


def test_an_alias_is_refused_once_for_the_anchor_and_once_for_itself() -> None:
    found = complaints("delivery:\n  labels: &x [a]\n  reviewers: *x\ngate: {carry: [*x]}\n*x : 1")
    assert [code for code, _ in found] == [Code.MAGIC] * 4
    assert "c:3:14: the alias `*x` is not allowed: write the value itself" in found[1][1]


def test_a_tower_of_aliases_costs_nothing() -> None:
    tower = "a0: &a0 [x]\n" + "".join(
        f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 30)
    )
    assert Code.MAGIC in {code for code, _ in complaints(tower)}


def test_a_refused_section_is_not_complained_about_twice() -> None:
    assert [code for code, _ in complaints("base: &x a\ntask: *x")] == [Code.MAGIC, Code.MAGIC]


@pytest.mark.row("S3.17", "users 23")
def test_every_complaint_comes_at_once_in_the_order_of_the_file() -> None:
    source = b"""\
version: 3
agent:
  sandbox: required
  max_usd: 5
session: {max_tasks: many, max_hours: 0}
chnage: {}
change:
  allow: [x, y]
  forbidden_content: ["(", 3]
"""
    with pytest.raises(PolicyError) as caught:
        parse(source, path="constraints.yaml")
    places = [line.split(": ")[0] for line in caught.value.message.splitlines()]
    assert places == [
        f"constraints.yaml:{place}"
        for place in ("1:10", "3:12", "4:3", "5:22", "5:39", "6:1", "8:11", "8:14", "9:23", "9:28")
    ]
    assert (caught.value.exit_code, bool(caught.value.tip)) == (ExitCode.UNUSABLE, True)


BRANCHES = {
    "main": True,
    "release/2.x": True,
    "feature_x": True,
    "-x": False,
    "a..b": False,
    "a b": False,
    "a~1": False,
    "a:b": False,
    "x.lock": False,
    "a//b": False,
    "a/.b": False,
    "a/": False,
    "a@{0}": False,
}


@pytest.mark.parametrize(("name", "fine"), BRANCHES.items())
def test_a_base_is_the_name_of_a_branch(name: str, fine: bool) -> None:
    assert (complaints(f'base: "{name}"') == []) is fine


REGEXES = {
    "DROP TABLE": True,
    r"\bDELETE\s+FROM\b": True,
    "(foo|bar)+x": True,
    r"(\++)x": True,
    "[(+]+": True,
    "(a++)+b": True,
    "(a{2})+": True,
    "x)": False,
    "(a*)*b": False,
    "((a+)b)+": False,
    "(a{1,})+": False,
    "(a+){2,}": False,
    r"(\w+\s?)+;": False,
}


@pytest.mark.parametrize(("regex", "fine"), REGEXES.items())
def test_a_regular_expression_must_not_run_away(regex: str, fine: bool) -> None:
    assert (complaints(f"change: {{forbidden_content: ['{regex}']}}") == []) is fine


@settings(deadline=None, max_examples=60)
@given(source=st.binary(max_size=80))
def test_no_bytes_break_the_loader(source: bytes) -> None:
    for found in problems(source, path="c"):
        assert found.message.isprintable()


@settings(deadline=None, max_examples=60)
@given(
    source=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["task", "change", "allow", "base", "carry", "gate"]), inner, max_size=3
            )
        ),
        max_leaves=6,
    )
)
def test_any_yaml_is_a_policy_or_a_list_of_complaints(source: object) -> None:
    written = yaml.safe_dump(source, allow_unicode=True).encode("utf-8", "replace")
    if not problems(written, path="c"):
        assert isinstance(parse(written, path="c"), Policy)


def test_a_file_is_loaded_under_the_name_it_is_shown_as(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    path.write_bytes(b"base: main\n")
    assert load(path, shown_as="constraints.yaml").place_of("base") == Place(
        path="constraints.yaml", line=1, column=1
    )
    assert load(path).path == str(path)


def test_a_file_that_cannot_be_read_is_an_error_with_a_tip(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    for name in ("missing.yaml", ".", "fifo"):
        with pytest.raises(PolicyError) as caught:
            load(tmp_path / name, shown_as=name)
        assert caught.value.tip


def test_a_file_that_the_system_refuses_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "c.yaml"
    path.touch()

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PolicyError, match="c: cannot be read: Permission denied"):
        load(path, shown_as="c")


def test_no_more_of_a_huge_file_is_read_than_it_takes_to_refuse_it(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(b"#" * (2 * MAX_BYTES))
    assert len(read(path)) == MAX_BYTES + 1


def test_the_door_pulls_in_no_heavy_library() -> None:
    code = "import sys, nightshift.policy; print(sorted({'yaml', 'pathspec'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"
