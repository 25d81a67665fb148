"""Words that a shell reads back as they were meant, quoted as a person would."""

from pathlib import Path

import pytest

from nightshift.project.shell import quoted
from nightshift.workspace import process

WORDS = {
    "plain": ("pytest", "pytest"),
    "a version": ("pytest>=8", '"pytest>=8"'),
    "an extra": (".[test]", '".[test]"'),
    "a marker": ("attrs; os_name == 'nt'", "\"attrs; os_name == 'nt'\""),
    "a dollar": ("$HOME", "'$HOME'"),
    "a backtick": ("`id`", "'`id`'"),
    "a double quote": ('a"b', "'a\"b'"),
    "a backslash": ("a\\b", "'a\\b'"),
    "no ASCII": ("tést", "'tést'"),
    "a line end": ("a\nb", "'a\nb'"),
    "empty": ("", "''"),
}


@pytest.mark.parametrize(("word", "written"), WORDS.values(), ids=WORDS)
def test_a_word_is_quoted_as_little_as_it_must_be(tmp_path: Path, word: str, written: str) -> None:
    assert quoted(word) == written
    done = process.run(
        ["/bin/sh", "-c", f"printf %s {quoted(word)}"], cwd=tmp_path, env={"PATH": "/bin"}, timeout_seconds=10
    )
    assert done.stdout.decode() == word
