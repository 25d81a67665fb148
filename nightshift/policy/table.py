"""Every key of a policy, once: its type, its default from the model, what it does and an example."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from types import MappingProxyType

from nightshift.model import Policy
from nightshift.policy import checks

VERSION = 1


class Kind(StrEnum):
    """The type of a value, or of the items of a list."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    TEXT = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key; numbers lie within `least` and `most`, `later` are choices that later versions bring."""

    name: str
    kind: Kind
    line: str
    example: str
    many: bool = False
    nullable: bool = False
    filled: bool = False
    least: float | None = None
    above: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()
    later: tuple[str, ...] = ()
    check: checks.Check = checks.words

    @property
    def default(self) -> object:
        """The value of a policy that does not say."""
        return reduce(getattr, self.name.split("."), Policy())

    @property
    def section(self) -> str:
        """The section the key stands in, empty at the top."""
        return self.name.rpartition(".")[0]

    @property
    def leaf(self) -> str:
        """The key as the owner writes it inside its section."""
        return self.name.rpartition(".")[2]


def _count(name: str, line: str, example: str, *, least: int = 1, most: int = 1_000_000_000) -> Key:
    return Key(name=name, kind=Kind.INTEGER, line=line, example=example, least=least, most=most)


def _time(name: str, line: str, example: str, *, most: int = 1440, nullable: bool = False) -> Key:
    return Key(name=name, kind=Kind.NUMBER, line=line, example=example, above=0, most=most, nullable=nullable)


def _switch(name: str, line: str, example: str) -> Key:
    return Key(name=name, kind=Kind.BOOLEAN, line=line, example=example)


def _text(name: str, line: str, example: str, check: checks.Check, *, nullable: bool = False) -> Key:
    return Key(name=name, kind=Kind.TEXT, line=line, example=example, check=check, nullable=nullable)


def _list(name: str, line: str, example: str, check: checks.Check, *, filled: bool = False) -> Key:
    return Key(name=name, kind=Kind.TEXT, line=line, example=example, check=check, many=True, filled=filled)


_ALLOW = ("delete", "rename", "binary", "symlink", "mode", "dependency", "submodule")

KEYS: tuple[Key, ...] = (
    _count("version", "The version of this format; this nightshift knows 1.", "1"),
    _text(
        "base",
        "The branch a night starts from; null: the remote's default branch, else the current one.",
        "main",
        checks.branch,
        nullable=True,
    ),
    _count(
        "task.min_alignment",
        "A task with a lower alignment score, or with none, is not started.",
        "80",
        least=0,
        most=100,
    ),
    _count(
        "task.max_estimated_lines",
        "A task estimated larger than this needs Approved-by; one without an estimate is not started.",
        "30",
    ),
    _switch("task.require_tests", "A task must name its tests, unless writing tests is the task.", "true"),
    _list(
        "task.forbidden_words",
        "Words or phrases that make a task need Approved-by: whole words in title, description and notes.",
        "[drop table, payment]",
        checks.words,
    ),
    _list(
        "change.allowed_paths",
        "Only these paths may be changed. All paths here are gitignore patterns, matched in any spelling.",
        '["src/**", "tests/**"]',
        checks.pattern,
    ),
    _list(
        "change.forbidden_paths",
        "These never may, approved or not; nor may plan, policy, gate, .git* and the agents' own files.",
        '[".env*", "pyproject.toml"]',
        checks.pattern,
    ),
    _list(
        "change.approval_paths",
        "These may be changed only by a task with Approved-by.",
        '["**/auth/**"]',
        checks.pattern,
    ),
    _list(
        "change.forbidden_content",
        "Regular expressions no added line may match; in another case, prose (`delete from the list`) may.",
        '["DROP TABLE"]',
        checks.regex,
    ),
    _count(
        "change.max_source_lines",
        "Added lines outside tests and docs; a line of over 400 characters counts as several.",
        "30",
        least=0,
    ),
    _count("change.max_lines", "Lines added and deleted, everywhere.", "200"),
    _count("change.max_files", "Files touched; a rename is one.", "12"),
    _count("change.max_file_bytes", "The largest a new file may be, and an old one may become.", "200000"),
    Key(
        name="change.allow",
        kind=Kind.TEXT,
        many=True,
        line=f"What else a change may do, of: {', '.join(_ALLOW)}.",
        example="[rename]",
        choices=_ALLOW,
    ),
    _text(
        "gate.script",
        "The script that proves a change good by exit status 0; always the one of the base.",
        ".ai-validation/check_quality.sh",
        checks.inside,
    ),
    _time("gate.timeout_minutes", "One run of the gate; minutes and hours take fractions.", "15"),
    _text(
        "gate.setup",
        "One command, run once a night on the base, with the network; null: none.",
        "python3 -m venv .venv && .venv/bin/pip install -e .",
        checks.command,
        nullable=True,
    ),
    _list(
        "gate.carry",
        "What setup made and agent and gate both need; never committed.",
        "[.venv]",
        checks.inside,
    ),
    Key(
        name="agent.kind",
        kind=Kind.TEXT,
        line="Who does the work: claude, scripted or command.",
        example="claude",
        choices=("claude", "scripted", "command"),
    ),
    _list("agent.command", "The program and its first arguments.", "[claude]", checks.words, filled=True),
    _text("agent.model", "The model; null: the agent's own choice.", "sonnet", checks.name, nullable=True),
    _list(
        "agent.allowed_tools", "The tools claude may use without asking.", "[Read, Edit, Bash]", checks.label
    ),
    Key(
        name="agent.sandbox",
        kind=Kind.TEXT,
        nullable=True,
        line="There is no box yet: `none` accepts an agent that can do whatever you can; null: not said.",
        example="none",
        choices=("none",),
        later=("auto", "required"),
    ),
    _count("session.max_tasks", "Tasks started in one night.", "5", most=1000),
    _time("session.max_hours", "The whole night.", "4", most=168),
    _time("session.task_minutes", "One task with all its attempts and gates.", "30"),
    _time("session.attempt_minutes", "One attempt; null: what is left of the task.", "10", nullable=True),
    _count(
        "session.max_attempts", "Attempts at one task; each is told why the last one failed.", "3", most=20
    ),
    _count("session.stop_after_failures", "Failed tasks in a row that end the night.", "2", most=1000),
    Key(
        name="delivery.pull_request",
        kind=Kind.TEXT,
        line="One pull request for the session, or none.",
        example="session",
        choices=("session", "none"),
        later=("task",),
    ),
    _switch("delivery.draft", "Open it as a draft.", "true"),
    _list("delivery.labels", "Labels of the pull request; they must exist.", "[nightshift]", checks.label),
    _list("delivery.reviewers", "Who is asked to review it.", "[octocat]", checks.name),
    _text(
        "delivery.remote", "The remote whose base is fetched and that is pushed to.", "origin", checks.name
    ),
)

BY_NAME: Mapping[str, Key] = MappingProxyType({key.name: key for key in KEYS})
SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in KEYS if key.section))

LATER: frozenset[str] = frozenset(
    {
        "change.approved_dependencies",
        "gate.network",
        "gate.junit",
        "gate.pinned",
        "gate.baseline",
        "gate.rerun",
        "gate.flaky",
        "gate.require_red_first",
        "agent.context_files",
        "agent.max_turns",
        "agent.max_usd",
        "agent.pass_env",
        "agent.network",
        "agent.history",
        "session.max_usd",
        "session.require_approval",
        "session.latest_start",
        "delivery.sign",
        "delivery.run_hooks",
        "delivery.max_open",
        "notify",
    }
)
"""Keys of later versions: an error today, but a clear one."""
