"""The judge of a measured change."""

from dataclasses import replace
from typing import Any

import pytest

from nightshift.model import (
    Change,
    ChangeRules,
    DeclaredTests,
    FileChange,
    Judgement,
    Line,
    Place,
    Policy,
    Section,
    Severity,
    Task,
    Violation,
)
from nightshift.policy import SMALLER_MAY_DO, judge_change, parse
from nightshift.policy.budgets import LINE_WIDTH
from nightshift.policy.contents import OVERLAP, WINDOW

TASK = Task(id="t1", title="Add a model", section=Section.READY, place=Place(path="PROJECT_PLAN.md", line=5))
APPROVED = replace(TASK, approved_by="Olive Owner")
ONE, TWO = "a" * 40, "b" * 40


def edited(path: str, *lines: str, **facts: Any) -> FileChange:
    """Return a file that was there before, with these lines added."""
    usual: dict[str, Any] = {
        "old_mode": "100644",
        "new_mode": "100644",
        "old_blob": ONE,
        "new_blob": TWO,
        "old_size": 10,
        "new_size": 20,
        "added": len(lines),
        "added_lines": tuple(Line(number=number, text=text) for number, text in enumerate(lines, start=1)),
    }
    return FileChange(path=path, **(usual | facts))


def new(path: str, *lines: str, **facts: Any) -> FileChange:
    """Return a file that was not there before."""
    return edited(path, *lines, **({"old_mode": None, "old_blob": None, "old_size": 0} | facts))


def gone(path: str, **facts: Any) -> FileChange:
    """Return a file that is deleted."""
    return edited(path, **({"new_mode": None, "new_blob": None, "new_size": 0} | facts))


def moved(old: str, to: str, **facts: Any) -> tuple[FileChange, FileChange]:
    """Return both sides of a rename of a long file."""
    lines = [f"line {number}" for number in range(500)]
    return gone(old, deleted=500, **facts), new(to, *lines, new_blob=ONE, **facts)


def ruled(**rules: Any) -> Policy:
    """Return the default policy with other rules for changes."""
    return Policy(change=replace(ChangeRules(), **rules))


def judged(*files: FileChange, policy: Policy | None = None, task: Task = TASK, **more: Any) -> Judgement:
    """Judge a change of these files."""
    change = Change(old_tree=ONE, new_tree=TWO, files=files)
    return judge_change(change, policy or Policy(), task=task, **more)


def rules(judgement: Judgement) -> list[str]:
    """Return the names of the rules broken."""
    return [found.rule for found in judgement.violations]


def test_an_ordinary_change_is_safe() -> None:
    judgement = judged(edited("src/app.py", "x = 1"), new("tests/test_app.py", "def test(): ..."))
    assert judgement.safe_for_autonomous


def test_no_change_breaks_no_rule() -> None:
    assert judged().safe_for_autonomous


FORBIDDEN = {
    "S3.24": (".env", ".env.local", "src/.env"),
    "S3.25": ("docker-compose.yml", "src/docker-compose.override.yaml", "Dockerfile", "src/Dockerfile.dev"),
    "S3.27": (
        "requirements.txt",
        "src/requirements-dev.txt",
        "pyproject.toml",
        "setup.cfg",
        "setup.py",
        "package.json",
        "uv.lock",
        "src/package-lock.json",
        "poetry.lock",
        "go.mod",
        "go.sum",
        "Cargo.toml",
        "Cargo.lock",
    ),
    "S3.33": ("src/app/migrations/0002_users.py", "migrations/1.sql", "src/db/schema.sql"),
    "S3.34": ("config/production.yml", "config/production/app.toml"),
}
FORBIDDEN_PATHS = [path for paths in FORBIDDEN.values() for path in paths] + [".gitlab-ci.yml"]


@pytest.mark.row(*FORBIDDEN, "users 23")
@pytest.mark.parametrize("made", [new, edited, gone], ids=["new", "edited", "deleted"])
@pytest.mark.parametrize("path", FORBIDDEN_PATHS)
def test_a_forbidden_path_is_refused(path: str, made: Any) -> None:
    everywhere = ruled(allowed_paths=("**",), allow=("delete",))
    judgement = judged(made(path), policy=everywhere)
    assert {found.severity for found in judgement.violations} == {Severity.CRITICAL}
    assert set(rules(judgement)) <= {"change.forbidden_paths", "change.protected"}
    assert not judgement.needs_approval


@pytest.mark.parametrize("path", FORBIDDEN_PATHS)
def test_an_approval_opens_no_forbidden_path(path: str) -> None:
    assert not judged(edited(path), policy=ruled(allowed_paths=("**",)), task=APPROVED).can_proceed


PROTECTED = [
    ".gitignore",
    "src/.gitattributes",
    ".gitmodules",
    ".github/workflows/ci.yml",
    "src/.git/config",
    "SRC/.GIT/hooks/pre-commit",
    "git~1/config",
    ".claude/settings.json",
    "src/.claude/commands/x.md",
    ".claude",
    "CLAUDE.md",
    "docs/claude.local.md",
    "AGENTS.md",
    "src/agents.md",
    "GEMINI.md",
    ".mcp.json",
    ".cursor/rules/x.mdc",
    "PROJECT_PLAN.md",
    "project_plan.md",
    "constraints.yaml",
    ".ai-validation/check_quality.sh",
    ".AI-validation/CHECK_quality.sh",
]


@pytest.mark.row("S3.26", "S3.28", "S3.35", "promise 3")
@pytest.mark.parametrize("path", PROTECTED)
def test_no_policy_and_no_approval_opens_the_judges_own_files(path: str) -> None:
    open_policy = ruled(allowed_paths=("**",), forbidden_paths=(), approval_paths=())
    (found,) = judged(edited(path), policy=open_policy, task=APPROVED).violations
    assert (found.rule, found.severity, found.liftable) == ("change.protected", Severity.CRITICAL, False)


@pytest.mark.row("S3.35")
@pytest.mark.parametrize("path", ["ops/gate.sh", "ops/GATE.sh", "ops/gate.sh/sub", "plans/night.md"])
def test_what_the_caller_protects_is_protected(path: str) -> None:
    judgement = judged(
        new(path), policy=ruled(allowed_paths=("**",)), protected=("./ops/gate.sh", "plans/night.md")
    )
    assert rules(judgement) == ["change.protected"]


@pytest.mark.row("S3.31")
@pytest.mark.parametrize("path", ["app.py", "lib/app.py", "Src/app.py", "srcs/app.py", ".hidden/x"])
def test_a_path_outside_the_allowed_ones_is_refused(path: str) -> None:
    (found,) = judged(edited(path)).violations
    assert (found.rule, found.severity, found.liftable) == ("change.allowed_paths", Severity.ERROR, False)


def test_an_exception_from_the_allowed_paths_holds_in_any_spelling() -> None:
    policy = ruled(allowed_paths=("src/**", "!src/vendor/**"))
    assert not judged(edited("src/Vendor/x.py"), policy=policy).can_proceed
    assert judged(edited("src/own/x.py"), policy=policy).can_proceed


@pytest.mark.row("S3.32", "S3.43")
@pytest.mark.parametrize("path", ["src/auth/login.py", "src/Auth/login.py", "src/app/security/x.py"])
def test_auth_and_security_need_an_approval(path: str) -> None:
    refused, lifted = judged(edited(path)), judged(edited(path), task=APPROVED)
    assert (rules(refused), refused.needs_approval) == (["change.approval_paths"], True)
    assert (lifted.can_proceed, lifted.safe_for_autonomous) == (True, False)
    assert "approved by Olive Owner" in lifted.violations[0].message


@pytest.mark.row("S3.30")
def test_a_deletion_is_refused() -> None:
    (found,) = judged(gone("src/app.py", deleted=5)).violations
    assert (found.rule, found.liftable) == ("change.allow", False)
    assert "deleted" in found.message


def test_a_deletion_can_be_allowed() -> None:
    assert judged(gone("src/app.py", deleted=5), policy=ruled(allow=("delete",))).safe_for_autonomous


@pytest.mark.row("S3.30")
def test_a_rename_inside_the_allowed_paths_counts_as_one_file_and_no_line() -> None:
    assert judged(*moved("src/old.py", "src/new.py"), policy=ruled(max_files=1)).safe_for_autonomous


@pytest.mark.row("S3.30", "users 23")
@pytest.mark.parametrize(
    ("old", "to", "rule"),
    [
        ("pyproject.toml", "src/x.toml", "change.forbidden_paths"),
        ("src/x.toml", "pyproject.toml", "change.forbidden_paths"),
        ("src/x.py", "out/x.py", "change.allowed_paths"),
        ("out/x.py", "src/x.py", "change.allowed_paths"),
        ("CLAUDE.md", "docs/c.md", "change.protected"),
        ("src/x.py", "src/auth/x.py", "change.approval_paths"),
    ],
)
def test_both_sides_of_a_rename_are_judged(old: str, to: str, rule: str) -> None:
    assert rules(judged(*moved(old, to))) == [rule]


def test_a_rename_that_is_not_allowed_is_named_as_one() -> None:
    judgement = judged(*moved("src/old.py", "src/new.py"), policy=ruled(allow=()))
    assert rules(judgement) == ["change.allow"]
    assert "src/old.py is renamed to src/new.py" in judgement.violations[0].message


HINT = "if it moved, an exact rename is allowed, or the policy says `allow: [rename, delete]`"


def test_a_rename_with_an_edit_is_a_deletion_whose_message_says_what_would_do() -> None:
    moved = (gone("src/old.py", deleted=5), new("src/new.py", "x"))
    (found,) = judged(*moved).violations
    assert f"src/old.py is deleted, and `delete` is not among what a change may do; {HINT} (" in found.message


@pytest.mark.parametrize(
    ("files", "allow"),
    [
        ((gone("src/old.py"),), ("rename",)),
        ((gone("src/old.py"), new("src/new.py", "x")), ()),
        ((gone("src/old.py"), edited("src/new.py", "x")), ("rename",)),
        ((gone("tests/test_a.py"), new("src/a.py", "x")), ("rename",)),
    ],
    ids=["nothing new", "no renames", "an edit elsewhere", "a test that would be lost"],
)
def test_what_could_not_be_an_exact_rename_is_told_of_none(
    files: tuple[FileChange, ...], allow: tuple[str, ...]
) -> None:
    (found,) = judged(*files, policy=ruled(allow=allow)).violations
    assert "is deleted" in found.message
    assert HINT not in found.message


def test_where_only_deleting_is_allowed_a_rename_is_a_deletion_and_a_new_file() -> None:
    judgement = judged(*moved("src/old.py", "src/new.py"), policy=ruled(allow=("delete",)))
    assert rules(judgement) == ["change.max_source_lines", "change.max_lines"]


NOT_A_RENAME = {
    "another mode": (gone("src/a.py"), new("src/b.py", new_blob=ONE, new_mode="100755")),
    "another blob": (gone("src/a.py"), new("src/b.py")),
    "a test that is no test any more": (gone("tests/test_a.py"), new("src/a.txt", new_blob=ONE)),
    "a test that no runner finds": (gone("tests/test_a.py"), new("tests/a_test_off.py", new_blob=ONE)),
    "two empty files of other names": (gone("src/a.py", old_size=0), new("src/b.py", new_blob=ONE)),
    "two deletions and one new file": (
        gone("src/a.py"),
        gone("src/b.py"),
        new("src/c.py", new_blob=ONE),
    ),
    "a symbolic link": (
        gone("src/a", old_mode="120000"),
        new("src/b", new_blob=ONE, new_mode="120000"),
    ),
}


@pytest.mark.row("S3.30", "users 6")
@pytest.mark.parametrize("files", NOT_A_RENAME.values(), ids=NOT_A_RENAME)
def test_this_is_a_deletion_and_no_rename(files: tuple[FileChange, ...]) -> None:
    judgement = judged(*files)
    assert [found.message for found in judgement.violations if "is deleted" in found.message]


@pytest.mark.row("users 6")
@pytest.mark.parametrize("to", ["src/test_a.py", "src/test_b.py", "docs/a.md"])
def test_a_test_may_not_be_renamed_out_of_the_tests(to: str) -> None:
    """The first two still look like tests to a runner; what counts is that a runner finds them."""
    stays = to != "docs/a.md"
    files = (gone("tests/helpers/a.py"), new(to, new_blob=ONE))
    assert judged(*files).can_proceed is stays


def test_an_empty_file_of_the_same_name_may_move() -> None:
    old = gone("src/a/__init__.py", old_size=0)
    assert judged(old, new("src/b/__init__.py", new_blob=ONE, new_size=0)).safe_for_autonomous


def test_a_file_is_paired_with_its_namesake_first() -> None:
    files = (
        gone("src/a/x.py"),
        gone("src/a/y.py"),
        new("src/b/y.py", new_blob=ONE),
        new("src/b/x.py", new_blob=ONE),
    )
    judgement = judged(*files, policy=ruled(allow=()))
    assert {
        (found.message.split()[0], found.message.split()[4].rstrip(",")) for found in judgement.violations
    } == {
        ("src/a/x.py", "src/b/x.py"),
        ("src/a/y.py", "src/b/y.py"),
    }


def test_thousands_of_equal_files_are_paired_in_no_time() -> None:
    new_sides = (new(f"src/new/{number}.py", new_blob=ONE) for number in range(2000))
    judgement = judged(*(gone(f"src/old/{number}.py") for number in range(2000)), *new_sides)
    assert rules(judgement) == ["change.max_files"]


def test_a_copy_is_new_lines() -> None:
    lines = [f"line {number}" for number in range(31)]
    judgement = judged(gone("src/a.py"), new("src/b.py", new_blob=ONE), new("src/c.py", *lines, new_blob=ONE))
    assert rules(judgement) == ["change.max_source_lines"]


KINDS = {
    "symlink": (new("src/link", "../docs/x.md", new_mode="120000"), Severity.CRITICAL),
    "a file turned into a symlink": (edited("src/link", "x", new_mode="120000"), Severity.CRITICAL),
    "a symlink turned into a file": (edited("src/link", "x", old_mode="120000"), Severity.CRITICAL),
    "submodule": (new("src/sub", new_mode="160000"), Severity.CRITICAL),
    "a moved submodule": (edited("src/sub", old_mode="160000", new_mode="160000"), Severity.CRITICAL),
    "mode": (edited("src/run.py", new_mode="100755", new_blob=ONE), Severity.ERROR),
    "mode back": (edited("src/run.py", old_mode="100755", new_blob=ONE), Severity.ERROR),
    "an unheard-of mode": (new("src/x.py", new_mode="100600"), Severity.ERROR),
    "binary": (new("src/logo.png", binary=True), Severity.ERROR),
    "text turned binary": (edited("src/app.py", binary=True), Severity.ERROR),
}


@pytest.mark.row("S3.36", "users 23")
@pytest.mark.parametrize(("file", "severity"), KINDS.values(), ids=KINDS)
def test_a_kind_of_change_that_is_not_allowed_is_refused(file: FileChange, severity: Severity) -> None:
    (found,) = judged(file, task=APPROVED).violations
    assert (found.rule, found.severity, found.liftable) == ("change.allow", severity, False)


@pytest.mark.parametrize(("file", "severity"), KINDS.values(), ids=KINDS)
def test_a_kind_of_change_that_is_allowed_passes(file: FileChange, severity: Severity) -> None:
    policy = ruled(allow=("symlink", "submodule", "mode", "binary"), allowed_paths=("src/**", "docs/**"))
    (file,) = (replace(file, added_lines=(Line(number=1, text="../docs/x.md"),)),)
    assert judged(file, policy=policy).safe_for_autonomous


@pytest.mark.row("S3.36")
def test_deleting_a_submodule_is_both() -> None:
    judgement = judged(gone("src/sub", old_mode="160000"))
    assert rules(judgement) == ["change.allow", "change.allow"]


@pytest.mark.row("S3.27", "S3.30")
def test_where_deleting_is_allowed_deleting_a_manifest_still_needs_an_approval() -> None:
    policy = ruled(**_open(), allow=("delete",))
    assert judged(gone("requirements.txt"), policy=policy).needs_approval
    assert judged(gone("src/link", old_mode="120000"), policy=policy).safe_for_autonomous


def test_a_new_program_is_no_change_of_mode() -> None:
    assert judged(new("src/tool", "#!/bin/sh", new_mode="100755")).safe_for_autonomous


def test_a_mode_that_git_itself_tidies_is_no_change() -> None:
    assert judged(edited("old/forgotten.py", old_mode="100664", new_blob=ONE)).safe_for_autonomous


@pytest.mark.row("S3.36")
@pytest.mark.parametrize("target", ["/etc/passwd", "../../outside", "../.git/config", "../pyproject.toml"])
def test_an_allowed_link_still_may_not_leave(target: str) -> None:
    file = new("src/link", target, new_mode="120000")
    (found,) = judged(file, policy=ruled(allow=("symlink",))).violations
    assert (found.severity, target in found.message) == (Severity.CRITICAL, True)


def test_a_link_whose_target_is_unknown_is_taken_for_one_that_leaves() -> None:
    file = new("src/link", new_mode="120000")
    assert not judged(file, policy=ruled(allow=("symlink",))).can_proceed


@pytest.mark.row("S3.27", "S3.43")
def test_a_manifest_that_the_paths_allow_still_needs_an_approval() -> None:
    policy = ruled(allowed_paths=("**",), forbidden_paths=())
    file = edited("pyproject.toml", "dependencies = ['httpx']")
    assert judged(file, policy=policy).needs_approval
    assert judged(file, policy=policy, task=APPROVED).can_proceed
    assert judged(file, policy=ruled(**_open(), allow=("dependency",))).safe_for_autonomous


def _open() -> dict[str, Any]:
    return {"allowed_paths": ("**",), "forbidden_paths": ()}


HOSTILE = {
    "climbs": "src/../etc/x",
    "absolute": "/etc/passwd",
    "backslash": "src\\..\\x.py",
    "wide backslash": "src\uff3cx.py",
    "newline": "src/a\nb.py",
    "escape": "src/\x1b[31m.py",
    "right to left": "src/\u202egnp.py",
    "invisible": "src/a\u200bb.py",
    "no UTF-8": "src/\udcff.py",
    "dot": "src/./x.py",
    "empty part": "src//x.py",
    "wide dots": "src/\uff0e\uff0e/x.py",
}


@pytest.mark.row("S3.36", "users 23")
@pytest.mark.parametrize("path", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_honest_path_is_refused(path: str) -> None:
    (found,) = judged(
        new(path), policy=ruled(allowed_paths=("**",), forbidden_paths=()), task=APPROVED
    ).violations
    assert (found.rule, found.severity) == ("change.path", Severity.CRITICAL)
    assert found.message.isprintable()
    assert str(found.place).isprintable()


@pytest.mark.row("S3.36")
def test_two_paths_that_a_careless_file_system_takes_for_one_are_refused() -> None:
    judgement = judged(new("src/App.py"), edited("src/app.py"))
    assert rules(judgement) == ["change.path", "change.path"]


def test_a_rename_of_case_only_is_a_rename() -> None:
    assert judged(*moved("src/App.py", "src/app.py")).safe_for_autonomous


@pytest.mark.row("S3.20", "users 14")
@pytest.mark.parametrize(
    ("path", "lines", "fits"),
    [
        ("src/app.py", 30, True),
        ("src/app.py", 31, False),
        ("tests/test_app.py", 100, True),
        ("docs/guide.py", 100, True),
        ("README.md", 100, True),
        ("src/docs/app.py", 31, False),
    ],
)
def test_source_lines_have_a_budget_of_their_own(path: str, lines: int, fits: bool) -> None:
    judgement = judged(edited(path, *["x"] * lines))
    assert rules(judgement) == ([] if fits else ["change.max_source_lines"])
    assert judgement.needs_approval is not fits


@pytest.mark.row("S3.20", "S3.43")
def test_an_exceeded_budget_names_both_numbers_and_can_be_approved() -> None:
    file = edited("src/app.py", *["x"] * 31)
    (found,) = judged(file).violations
    assert "31" in found.message
    assert "30" in found.message
    assert found.rule in SMALLER_MAY_DO
    assert judged(file, task=APPROVED).can_proceed


@pytest.mark.row("S3.20")
@pytest.mark.parametrize(("added", "deleted", "fits"), [(100, 100, True), (100, 101, False), (0, 201, False)])
def test_all_lines_added_and_deleted_have_a_budget(added: int, deleted: int, fits: bool) -> None:
    judgement = judged(edited("tests/test_app.py", *["x"] * added, deleted=deleted))
    assert rules(judgement) == ([] if fits else ["change.max_lines"])


@pytest.mark.row("S3.20", "users 14")
@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 1),
        ("x" * LINE_WIDTH, 1),
        ("x" * (LINE_WIDTH + 1), 2),
        ("x" * LINE_WIDTH * 31, 31),
        ("x\r", 1),
        ("a\rb\rc", 3),
        ("a\u2028b", 2),
    ],
    ids=["empty", "full", "over", "huge", "crlf", "bare returns", "line separator"],
)
def test_no_line_is_longer_than_it_counts(text: str, counted: int) -> None:
    file = edited("src/app.py", text)
    assert judged(file, policy=ruled(max_source_lines=counted)).safe_for_autonomous
    assert rules(judged(file, policy=ruled(max_source_lines=counted - 1))) == ["change.max_source_lines"]


def test_lines_that_were_counted_but_not_kept_count() -> None:
    assert rules(judged(edited("src/app.py", added=31))) == ["change.max_source_lines"]


@pytest.mark.row("S3.20")
@pytest.mark.parametrize(("count", "fits"), [(12, True), (13, False)])
def test_files_have_a_budget(count: int, fits: bool) -> None:
    judgement = judged(*(new(f"src/m{number}.py", "x") for number in range(count)))
    assert rules(judgement) == ([] if fits else ["change.max_files"])


@pytest.mark.row("S3.36", "users 14")
@pytest.mark.parametrize(
    ("old", "now", "fits"),
    [
        (0, 200_000, True),
        (0, 200_001, False),
        (199_999, 200_001, False),
        (300_000, 300_010, True),
        (300_000, 500_001, False),
        (300_000, 100, True),
    ],
)
def test_a_file_may_not_become_too_large(old: int, now: int, fits: bool) -> None:
    judgement = judged(edited("tests/data.json", old_size=old, new_size=now))
    assert rules(judgement) == ([] if fits else ["change.max_file_bytes"])
    assert not judgement.needs_approval


@pytest.mark.row("S3.29")
@pytest.mark.parametrize(
    "text",
    [
        "DROP TABLE users;",
        "    cursor.execute('drop table users')",
        "delete from users",
        "Alter  Table users",
        "DROP\tTABLE x",
        "x" * 5000 + "DROP TABLE x" + "y" * 5000,
        "x" * (WINDOW - 3) + "DROP TABLE x",
    ],
    ids=["plain", "inside", "lower", "spaces", "tab", "deep in a long line", "across a window"],
)
def test_forbidden_content_is_found_with_its_line(text: str) -> None:
    file = edited("tests/test_db.py", "import db", text)
    found = next(
        one for one in judged(file, task=APPROVED).violations if one.rule == "change.forbidden_content"
    )
    assert (found.severity, found.liftable) == (Severity.CRITICAL, False)
    assert found.place == Place(path="tests/test_db.py", line=2)


@pytest.mark.row("S3.29")
@pytest.mark.parametrize("text", ["drop the table", "DROPTABLE", "from table delete"])
def test_other_content_is_not_forbidden(text: str) -> None:
    assert judged(edited("tests/test_db.py", text)).safe_for_autonomous


@pytest.mark.row("S3.29")
@pytest.mark.parametrize(
    "text",
    [
        "# delete from the cache when stale",
        '"""Delete from the list."""',
        "Delete  from\tYour basket, and alter table  some day.",
        "Delete From The List",
        "x" * (WINDOW - 12) + " delete from the cache" + "y" * WINDOW,
    ],
    ids=["comment", "docstring", "white space", "heading", "the word after the window"],
)
def test_prose_in_another_case_than_the_pattern_is_not_forbidden(text: str) -> None:
    policy = ruled(max_source_lines=100)
    assert judged(edited("src/app.py", text), policy=policy).safe_for_autonomous


@pytest.mark.row("S3.29")
@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("DELETE FROM", "DELETE FROM the"),
        ("delete from", "delete from the cache"),
        ("DELETE FROM", "delete from theses"),
        ("DELETE FROM", "drop table any_thing; delete from all.users"),
        ("DELETE FROM", "execute('delete from a')"),
        ("DELETE FROM", "# delete from the cache: delete from users"),
        ("DELETE.*FROM", "delete from users  # never delete from the cache"),
        ("DELETE FROM|FROM THE VAULT", "delete from the vault"),
        ("KEY=", "key=the"),
        ("(?i)delete from", "Delete from the cache"),
        ("DELETE (?!FROM)", "DELETE from the cache"),
    ],
    ids=[
        *("own case", "own lower case", "longer word", "schema", "quoted", "both", "greedy", "overlapping"),
        *("no word", "any case is its own", "own case of what must not follow"),
    ],
)
def test_a_determiner_saves_no_sql_in_the_line(pattern: str, text: str) -> None:
    policy = ruled(forbidden_content=(pattern,))
    assert rules(judged(edited("src/app.py", text), policy=policy)) == ["change.forbidden_content"]


@pytest.mark.parametrize(
    "pattern", ["DELETE FROM", "DELETE FROM ", r"DELETE\s+FROM\s*", "FROMS?", "(?<=FROM)"]
)
def test_prose_is_seen_however_the_pattern_ends(pattern: str) -> None:
    policy = ruled(forbidden_content=(pattern,))
    for text in ("delete from the list", "delete  from  the list"):
        assert judged(edited("src/app.py", text), policy=policy).safe_for_autonomous


def test_content_that_only_moved_is_not_added() -> None:
    new_side = new("src/b.sql", "DROP TABLE x", new_blob=ONE)
    assert judged(gone("src/a.sql"), new_side).safe_for_autonomous


def test_a_match_as_long_as_the_overlap_is_found_wherever_it_stands() -> None:
    needle = "a" * OVERLAP
    policy = ruled(forbidden_content=(f"b{needle[1:]}",), max_source_lines=100)
    for start in range(0, 2 * WINDOW, 250):
        line = "x" * start + "b" + needle[1:] + "x" * WINDOW
        assert rules(judged(edited("src/app.py", line), policy=policy)) == ["change.forbidden_content"]


def test_a_start_of_line_is_not_the_start_of_a_window() -> None:
    policy = ruled(forbidden_content=("^y",), max_source_lines=100)
    assert judged(edited("src/app.py", "x" * (WINDOW - OVERLAP) + "y" * WINDOW), policy=policy).can_proceed


@pytest.mark.row("users 23")
@pytest.mark.parametrize(
    ("declared", "path", "inside"),
    [
        ("src/app.py", "src/app.py", True),
        ("./src/app.py", "src/app.py", True),
        ("src/", "src/deep/app.py", True),
        ("src", "src/deep/app.py", True),
        ("src/*.py", "src/app.py", True),
        ("app.py", "src/app.py", True),
        ("src/[id]/page.py", "src/[id]/page.py", True),
        ("src/app.py", "src/other.py", False),
        ("src/*.py", "src/deep/app.py", False),
        ("!", "src/app.py", False),
    ],
)
def test_a_change_stays_inside_the_files_of_its_task(declared: str, path: str, inside: bool) -> None:
    judgement = judged(edited(path), task=replace(TASK, files=(declared,)))
    assert rules(judgement) == ([] if inside else ["task.files"])
    assert not judgement.needs_approval


def test_the_tests_that_a_task_names_belong_to_its_files() -> None:
    tests = DeclaredTests(defined=True, paths=("tests/test_app.py",))
    task = replace(TASK, files=("src/app.py",), tests=tests)
    assert judged(new("tests/test_app.py"), task=task).safe_for_autonomous
    assert rules(judged(new("tests/test_other.py"), task=task)) == ["task.files"]


@pytest.mark.row("S3.36")
def test_what_could_not_be_read_is_passed_on() -> None:
    nested = Violation(rule="change.path", severity=Severity.CRITICAL, message="src/sub is a repository")
    change = Change(old_tree=ONE, new_tree=TWO, unreadable=(nested,))
    assert judge_change(change, Policy(), task=APPROVED).violations == (nested,)


@pytest.mark.row("S3.41")
def test_critical_violations_come_first() -> None:
    judgement = judged(edited("src/auth/x.py"), edited("lib/x.py"), gone("src/y.py"), edited(".env"))
    severities = [found.severity for found in judgement.violations]
    assert (severities[0], judgement.violations[0].rule) == (Severity.CRITICAL, "change.forbidden_paths")
    assert severities == sorted(severities, key=list(Severity).index)


@pytest.mark.row("S3.41")
def test_a_flood_of_violations_is_cut_with_its_count_and_buries_nothing() -> None:
    flood = [edited(f"lib/m{number}.py") for number in range(500)]
    judgement = judged(*flood, edited(".env"), policy=ruled(max_files=9000))
    assert len(judgement.violations) == 22
    assert judgement.violations[0].rule == "change.forbidden_paths"
    assert judgement.violations[-1].message == "and 480 more of change.allowed_paths"


@pytest.mark.row("S3.41", "users 23")
def test_a_violation_names_the_rule_and_the_line_of_the_policy_that_it_stands_on() -> None:
    source = b'change:\n  forbidden_paths:\n    - ".env*"\n    - "secret/**"\n'
    (found,) = judged(edited("secret/x"), policy=parse(source, path="constraints.yaml")).violations
    assert "(change.forbidden_paths[1], constraints.yaml:4:7)" in found.message
    (found,) = judged(edited("lib/x"), policy=parse(source, path="constraints.yaml")).violations
    assert found.message.endswith("(change.allowed_paths, the default)")
    (found,) = judged(edited("CLAUDE.md")).violations
    assert found.message.endswith("(change.protected, built in)")


@pytest.mark.parametrize("name", ["", " ", "no", "None", "⏳ pending", "-", "TBD", "n/a"])
def test_this_is_no_approval(name: str) -> None:
    assert judged(edited("src/auth/x.py"), task=replace(TASK, approved_by=name)).needs_approval
