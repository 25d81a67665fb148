"""What a repository tracks: the paths a policy should allow there, and the sources it does allow."""

import re
from collections.abc import Iterable, Iterator

from nightshift.model import Policy
from nightshift.policy.kinds import has_test_name, is_docs, is_source, is_test
from nightshift.policy.paths import compiled, is_protected

_SIDE_FOLDERS = frozenset(
    {"scripts", "tools", "ci", "hack", "vendor", "third_party", "node_modules", "dist", "build", "target"}
    | {"examples", "example", "benchmarks", "bench", "benches"}
)
_TEST_FOLDERS = ("tests", "test", "__tests__", "spec", "specs", "testing", "e2e")
_NOTES = ("CHANGES*", "HISTORY*", "NEWS*")
_NO_PROGRAM = (".sh", ".bash", ".zsh", ".ps1", ".sql")
_TOGETHER = (".go",)
"""Where the files of one folder are one package, a new file beside them is ordinary work."""
_NODE = (".js", ".mjs", ".cjs", ".ts")
_NODE_FOLDERS = ("lib/**", "src/**")
"""Where a project of top-level files grows its first folder."""


def suggest_allowed(paths: Iterable[str]) -> tuple[str, ...]:
    """Return the allowed paths that fit what a repository tracks."""
    tracked = tuple(sorted(paths))
    tops = {path.split("/")[0] for path in tracked if "/" in path}
    docs = "doc/**" if "doc" in tops and "docs" not in tops else "docs/**"
    sources = tuple(_sources(tracked)) or ("src/**",)
    tests = tuple(_tests(tracked, tops)) or ("tests/**",)
    notes = (note for note in _NOTES if any(path.startswith(note[:-1]) for path in tracked))
    return tuple(dict.fromkeys((*sources, *tests, docs, "README*", "CHANGELOG*", *notes)))


def allowed_sources(paths: Iterable[str], policy: Policy) -> tuple[str, ...]:
    """Return the tracked sources that a policy lets change; a base without any contradicts no policy."""
    tracked = tuple(path for path in sorted(paths) if not is_protected(path, protected=(policy.gate.script,)))
    sources = tuple(path for path in tracked if is_source(path))
    if not sources:
        return tracked
    patterns = policy.change.allowed_paths
    allowed, forbidden = compiled(patterns), compiled(policy.change.forbidden_paths)
    # Who allows nothing but tests or docs means it; everybody else means to have sources changed.
    wanted = tracked if all(is_test(one) or is_docs(one) for one in patterns) else sources
    return tuple(path for path in wanted if allowed.cover(path) and forbidden.find(path) is None)


def _sources(tracked: tuple[str, ...]) -> Iterator[str]:
    """Yield the places of programs, else of scripts, else of whatever lies in a folder."""
    scripts = [path for path in tracked if is_source(path)]
    programs = [path for path in scripts if not path.casefold().endswith(_NO_PROGRAM)]
    main = [path for path in programs if path.split("/")[0] not in _SIDE_FOLDERS]
    flat = bool(main) and not any("/" in path for path in main)
    for path in main or programs or scripts or _anything(tracked):
        top, slash, _ = path.partition("/")
        yield f"{_escaped(top)}/**" if slash else _at_the_top(top, is_flat=flat)
    if flat and any(path.casefold().endswith(_NODE) for path in main):
        yield from _NODE_FOLDERS


def _at_the_top(name: str, *, is_flat: bool) -> str:
    """Return the pattern for a top-level file, with its kin where a new one beside it is ordinary work."""
    together = is_flat or name.endswith(_TOGETHER)
    return f"/*{name[name.rfind('.') :]}" if together else f"/{_escaped(name)}"


def _anything(tracked: tuple[str, ...]) -> list[str]:
    inside = [path for path in tracked if "/" in path and not path.startswith(".")]
    return [
        path
        for path in inside
        if not is_test(path) and not is_docs(path) and not is_protected(path, protected=())
    ]


def _tests(tracked: tuple[str, ...], tops: set[str]) -> Iterator[str]:
    yield from (f"{folder}/**" for folder in _TEST_FOLDERS if folder in tops)
    for path in tracked:
        if "/" not in path and has_test_name(path) and not path.startswith("conftest"):
            python = path.startswith("test_") and path.endswith(".py")
            yield "/test_*.py" if python else f"/{_escaped(path)}"


def _escaped(name: str) -> str:
    return re.sub(r"([\\*?\[!#])", r"\\\1", name)
