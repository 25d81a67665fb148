"""Paths in every spelling."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nightshift.model import Change, ChangeRules, FileChange, Place, Policy, Section, Task
from nightshift.policy import judge_change
from nightshift.policy.path_rules import is_pattern, objection
from nightshift.policy.paths import compiled, faults, folded

TASK = Task(
    id="t1", title="Add", section=Section.READY, place=Place(path="PROJECT_PLAN.md"), approved_by="Olive"
)
EVERYTHING = Policy(change=ChangeRules(allowed_paths=("**",)))
CLOSED = (
    ".env",
    "src/.env.local",
    "docker-compose.yml",
    ".github/workflows/ci.yml",
    "requirements-dev.txt",
    "pyproject.toml",
    "src/app/migrations/0001.py",
    "src/schema.sql",
    "config/production.yml",
    ".gitignore",
    ".git/config",
    "CLAUDE.md",
    "AGENTS.md",
    ".claude/settings.json",
    ".mcp.json",
    "PROJECT_PLAN.md",
    "constraints.yaml",
    ".ai-validation/check_quality.sh",
)
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e\x7f"


def wide(char: str) -> str:
    """Return the full-width twin of a character, itself where it has none."""
    return chr(ord(char) + 0xFEE0) if "!" <= char <= "~" and char != "/" else char


@st.composite
def spellings(draw: st.DrawFn) -> str:
    """Spell a closed path as a careless file system would still read it."""
    respelled = (
        str.upper,
        str.lower,
        str.title,
        lambda text: "".join(map(wide, text)),
        lambda text: unicodedata.normalize("NFD", text),
    )
    path = draw(st.sampled_from(respelled))(draw(st.sampled_from(CLOSED)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(path)))
        path = path[:at] + draw(st.sampled_from(INVISIBLE)) + path[at:]
    return "/".join(part + draw(st.sampled_from(["", ".", " ", ". ."])) for part in path.split("/"))


def blocked(path: str) -> bool:
    """Tell whether a change to the path is refused, though the task is approved and all paths are allowed."""
    file = FileChange(path=path, old_mode="100644", new_mode="100644", old_blob="a", new_blob="b")
    change = Change(old_tree="1", new_tree="2", files=(file,))
    return not judge_change(change, EVERYTHING, task=TASK).can_proceed


@pytest.mark.row("S3.35", "users 23")
@settings(deadline=None)
@given(path=spellings())
def test_a_closed_path_stays_closed_in_every_spelling(path: str) -> None:
    assert blocked(path)


@pytest.mark.row("S3.31")
@settings(deadline=None)
@given(path=st.text(min_size=1, max_size=30))
def test_a_path_that_no_allowed_pattern_covers_is_refused(path: str) -> None:
    policy = Policy(change=ChangeRules(allowed_paths=("src/**",)))
    if not path.startswith("src/"):
        assert objection(path, policy, protected=()) is not None


@settings(deadline=None)
@given(path=st.text(max_size=30))
def test_folding_twice_is_folding_once_and_no_path_breaks_the_judge(path: str) -> None:
    assert folded(folded(path)) == folded(path)
    objection(path, EVERYTHING, protected=(path,))


@settings(deadline=None)
@given(pattern=st.text(max_size=12))
def test_no_pattern_breaks_the_loader(pattern: str) -> None:
    if is_pattern(pattern):
        assert compiled((pattern,)).find("src/app.py") in {None, 0}


@pytest.mark.parametrize(
    "path", ["src/app.py", "docs/über uns.md", "src/日本.py", "a…/b", "-rf", "src/a b.py"]
)
def test_an_honest_path_has_no_fault(path: str) -> None:
    assert list(faults(path)) == []


@pytest.mark.parametrize(
    "pattern", ["\uff01src/**", "\uff03src/**", "src/\uff3ba\uff3d", "ﬁle", "ÄÖ/**", "src/**"]
)
def test_a_pattern_in_odd_letters_means_what_it_says(pattern: str) -> None:
    """Folding must not make a negation, a comment or a wildcard of it."""
    assert compiled((pattern,)).find(pattern.replace("**", "x")) == 0


@pytest.mark.parametrize("text", ["", " ", "#x", "!", "/", "[", "a\\", "\\"])
def test_what_matches_nothing_is_no_pattern(text: str) -> None:
    assert not is_pattern(text)
