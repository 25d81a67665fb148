"""The pages that are generated say what the program says now."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.mark.slow
@pytest.mark.row("S3.90", "promise 9")
def test_command_help_policy_page_and_the_transcript_of_the_demo_are_up_to_date() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts/docs.py", "--check"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_the_readme_names_every_command_and_only_those() -> None:
    from nightshift.cli import app

    readme = (ROOT / "README.md").read_text()
    for command in app.registered_commands:
        assert f"| `nightshift {command.name}" in readme
    assert readme.count("| `nightshift ") == len(app.registered_commands) + 1


def test_every_page_that_the_readme_links_to_is_there() -> None:
    readme = (ROOT / "README.md").read_text()
    links = [part.partition(")")[0] for part in readme.split("](")[1:]]

    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
