"""The owner's own plan, unchanged, with a benign agent."""

from pathlib import Path

import pytest

from nightshift.model import Verdict
from nightshift.testing.project import Project

OWNERS = Path(__file__).parents[1] / "plan" / "owner-plan.md"
MODEL = '''"""Users."""


class User:
    """A user."""

    def __init__(self, email: str) -> None:
        self.email = email
'''
MODEL_TEST = """from src.models import User


def test_a_user_has_an_email():
    assert User("a").email == "a"
"""
HASHING = '''"""Passwords."""


def hashed(password: str) -> str:
    """Hash a password."""
    return password[::-1]
'''
HASHING_TEST = """from src.hashing import hashed


def test_it_is_not_the_password():
    assert hashed("ab") != "ab"
"""
BENIGN = {
    "task_3": [
        {"write": {"path": "src/models.py", "text": MODEL}},
        {"write": {"path": "tests/unit/test_models.py", "text": MODEL_TEST}},
    ],
    "task_5": [
        {"write": {"path": "src/hashing.py", "text": HASHING}},
        {"write": {"path": "tests/unit/test_auth.py", "text": HASHING_TEST}},
    ],
}


@pytest.mark.row("S3.1", "S3.2", "S3.3", "S3.5", "S3.7", "S3.8", "S3.9")
def test_the_two_ready_tasks_land_and_the_others_are_left_alone(project: Project) -> None:
    project.write("PROJECT_PLAN.md", OWNERS.read_bytes())
    project.commit("The owner's plan")

    result = project.night(BENIGN, pull_request=False)

    assert [(one.task.id, one.verdict) for one in result.results] == [
        ("task_3", Verdict.LANDED),
        ("task_5", Verdict.LANDED),
    ]
    assert [(task.id, task.section.value) for task in result.night.plan.tasks][2:] == [
        ("task_4", "pending approval"),
        ("task_6", "not ready"),
        ("task_7", "not ready"),
    ]
    report = next(project.state.glob("*/runs/*/report.md")).read_text()
    for left_alone in ("task_4", "task_6", "task_7", "Requires external credentials"):
        assert left_alone in report
    plan = project.git("show", f"nightshift/{result.night.run}/_session:PROJECT_PLAN.md")
    assert plan == OWNERS.read_text().rstrip("\n").replace("Status: READY", "Status: DONE")


def test_validate_finds_no_error_in_it(project: Project) -> None:
    project.write("PROJECT_PLAN.md", OWNERS.read_bytes())

    done = project.cli("validate")

    assert (done.exit_code, done.stdout) == (0, b"")
