"""The owner's safety policy and its defaults."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from nightshift.model.findings import Place


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRules:
    """What a task must declare before it may run."""

    min_alignment: int = 80
    max_estimated_lines: int = 30
    require_tests: bool = True
    forbidden_words: tuple[str, ...] = (
        "delete file",
        "drop table",
        "remove column",
        "add dependency",
        "install package",
        "stripe",
        "payment",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRules:
    """What a measured change may hold; paths are gitignore patterns, contents regular expressions."""

    allowed_paths: tuple[str, ...] = ("src/**", "tests/**", "docs/**", "README*", "CHANGELOG*")
    forbidden_paths: tuple[str, ...] = (
        ".env*",
        "docker-compose*",
        "Dockerfile*",
        ".github/**",
        ".gitlab-ci.yml",
        "requirements*.txt",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "package.json",
        "*.lock",
        "*-lock.*",
        "*.lockb",
        "*.lockfile",
        "npm-shrinkwrap.json",
        "go.mod",
        "go.sum",
        "Cargo.toml",
        "**/migrations/**",
        "**/schema.sql",
        "config/production*",
    )
    approval_paths: tuple[str, ...] = ("**/auth/**", "**/security/**")
    forbidden_content: tuple[str, ...] = ("DROP TABLE", "DELETE FROM", "ALTER TABLE")
    max_source_lines: int = 30
    max_lines: int = 200
    max_files: int = 12
    max_file_bytes: int = 200_000
    allow: tuple[str, ...] = ("rename",)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRules:
    """How a change is proved good."""

    script: str = ".ai-validation/check_quality.sh"
    timeout_minutes: float = 15
    setup: str | None = None
    carry: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRules:
    """Who does the work, and with what; `sandbox` is None until the owner has chosen."""

    kind: str = "claude"
    command: tuple[str, ...] = ("claude",)
    model: str | None = None
    allowed_tools: tuple[str, ...] = ("Read", "Glob", "Grep", "Edit", "Write", "Bash")
    sandbox: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRules:
    """How long and how often; None for `attempt_minutes` means what is left of the task."""

    max_tasks: int = 5
    max_hours: float = 4
    task_minutes: float = 30
    attempt_minutes: float | None = None
    max_attempts: int = 3
    stop_after_failures: int = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """How the night is handed over; `pull_request` is session or none."""

    pull_request: str = "session"
    draft: bool = True
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    remote: str = "origin"


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The owner's safety policy; `path` is None where no file was found and the defaults hold."""

    path: str | None = None
    digest: str | None = None
    version: int = 1
    base: str | None = None
    task: TaskRules = TaskRules()
    change: ChangeRules = ChangeRules()
    gate: GateRules = GateRules()
    agent: AgentRules = AgentRules()
    session: SessionRules = SessionRules()
    delivery: DeliveryRules = DeliveryRules()
    key_places: Mapping[str, Place] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def place_of(self, key: str) -> Place | None:
        """Where the dotted key (`task.min_alignment`) stands in the file; None for a default."""
        return self.key_places.get(key)
