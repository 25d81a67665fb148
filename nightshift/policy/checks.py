"""What a text in the policy must look like; each check returns the complaint, None where it is content."""

import re
import warnings
from collections.abc import Callable
from pathlib import PurePosixPath

from nightshift.policy.path_rules import is_pattern

Check = Callable[[str], str | None]

_UNBOUNDED = re.compile(r"[*+]|\{\d*,\}")
_NAME = re.compile(r"[^\s-][^\s]*")
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|@\{|/\.|\.lock(?:/|$)))[^-./\s~^:?*\[\\][^\s~^:?*\[\\]*(?<![./])")


def words(text: str) -> str | None:
    """Check text on one line."""
    if not text.strip():
        return "it is empty"
    return None if text.isprintable() else "it holds a control character"


def command(text: str) -> str | None:
    """Check a command for a shell, which may have several lines."""
    return words(text.replace("\n", " ").replace("\t", " "))


def name(text: str) -> str | None:
    """Check a word that becomes an argument of a program, which must not look like an option."""
    return words(text) or (
        None if _NAME.fullmatch(text) else "it must be one word that does not begin with `-`"
    )


def label(text: str) -> str | None:
    """Check a text that becomes an argument of a program, which must not look like an option."""
    return words(text) or ("it must not begin with `-`" if text.startswith("-") else None)


def branch(text: str) -> str | None:
    """Check the name of a branch."""
    return words(text) or (None if _BRANCH.fullmatch(text) else "it is no name of a branch")


def inside(text: str) -> str | None:
    """Check a path inside the repository."""
    complaint = words(text)
    if complaint:
        return complaint
    parts = PurePosixPath(text).parts
    if text.startswith(("/", "~", "-")) or ".." in parts or not parts or "\\" in text:
        return "it must be a path inside the repository, such as `scripts/check`"
    return "git's own folder is not for this" if parts[0].casefold() == ".git" else None


def pattern(text: str) -> str | None:
    """Check a gitignore pattern."""
    return words(text) or (None if is_pattern(text) else "it is no gitignore pattern that could match")


def regex(text: str) -> str | None:
    """Check a regular expression that is safe to run over lines of anybody's making."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            compiled = re.compile(text, re.IGNORECASE)
    except (re.error, OverflowError, RecursionError, FutureWarning, DeprecationWarning) as error:
        return f"it is no regular expression: {error}"
    if compiled.search("") is not None:
        return "it matches every line"
    if has_nested_repeat(text):
        return "a repeat inside a repeat can search for ever: make the inner one possessive (`a++`)"
    return None


def has_nested_repeat(text: str) -> bool:
    """Tell whether an endless repeat stands inside a group that is itself repeated endlessly."""
    plain = re.sub(r"\\.", "x", text, flags=re.DOTALL)
    plain = re.sub(r"\[\^?\]?[^\]]*\]", "x", plain)
    plain = re.sub(r"(?:[*+]|\{\d*,\})\+", "", plain)
    repeats = [False]
    for position, char in enumerate(plain):
        if char == "(":
            repeats.append(False)
        elif char == ")" and len(repeats) > 1:
            inner = repeats.pop()
            if inner and _UNBOUNDED.match(plain, position + 1):
                return True
            repeats[-1] |= inner
        elif _UNBOUNDED.match(plain, position):
            repeats[-1] = True
    return False
