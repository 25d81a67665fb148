"""Which of the declared sets of requirements the tests and checks need."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from nightshift.project.declared import NeedSet, Source, listed, normalised
from nightshift.project.hints import Hints

_TESTS = frozenset({"test", "tests", "testing", "pytest", "unittest", "unittests"})
_DEVELOPMENT = frozenset({"dev", "devel", "develop", "development", "ci", "qa", "all"})
_ELSEWHERE = frozenset({"doc", "docs", "example", "examples", "benchmark", "benchmarks", "github"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What is to be installed beside the project itself."""

    sets: tuple[NeedSet, ...] = ()
    also: tuple[NeedSet, ...] = ()
    """What the installer brings without being asked: uv's and poetry's default groups."""

    def of(self, source: Source) -> tuple[str, ...]:
        """Return the names of the chosen sets of one source."""
        return tuple(chosen.name for chosen in self.sets if chosen.source is source)

    @property
    def requirements(self) -> tuple[str, ...]:
        """Requirements to hand to the installer as they are."""
        return tuple(item for chosen in self.sets for item in chosen.requirements)

    def bring(self, tool: str) -> bool:
        """Tell whether `tool` is installed by what was chosen."""
        return any(tool in chosen.names for chosen in (*self.sets, *self.also))


@dataclass(slots=True)
class _Choice:
    """Collects sets, each once."""

    also: tuple[NeedSet, ...]
    sets: list[NeedSet] = field(default_factory=list)

    def take(self, chosen: Iterable[NeedSet]) -> None:
        self.sets.extend(each for each in chosen if each not in self.sets)

    def brings(self, tool: str) -> bool:
        found = (*self.sets, *self.also)
        # A test extra whose content is computed in setup.py is trusted to hold what its name says.
        return any(tool in each.names or (is_for_tests(each) and not each.names) for each in found)


def choose(
    declared: Sequence[NeedSet],
    hints: Sequence[Hints],
    *,
    bare: tuple[str, ...],
    tools: Sequence[str] = (),
    also: tuple[NeedSet, ...] = (),
) -> Needs:
    """Choose what the tests and the `tools` need; `bare` is pytest and its plugins, empty for unittest."""
    choice = _Choice(also=also)
    named = [each for each in declared if each.source in {Source.EXTRA, Source.GROUP}]
    files = [each for each in declared if each.source is Source.FILE and not _is_elsewhere(each)]
    choice.take(_for_tests(named))
    choice.take(each for each in named if _is_hinted(each, hints))
    if not bare:
        _without_runner(choice, named, files)
    elif not choice.brings(bare[0]):
        choice.take(_with_runner(bare, named, files, hints))
    for tool in tools:
        if not choice.brings(tool):
            choice.take(_smallest(_bringing(tool, [*named, *files])))
    return Needs(sets=tuple(choice.sets), also=also)


def _without_runner(choice: _Choice, named: list[NeedSet], files: list[NeedSet]) -> None:
    """Plain unittest: what is named for tests, else for development, is all there can be."""
    if not choice.sets:
        development = filter(_is_for_development, [*named, *files])
        choice.take(_smallest(filter(is_for_tests, files)) or _smallest(development))


def _with_runner(
    bare: tuple[str, ...], named: list[NeedSet], files: list[NeedSet], hints: Sequence[Hints]
) -> tuple[NeedSet, ...]:
    """Return the set that brings the runner: the best named one first, the bare runner at last."""
    runner = bare[0]
    in_named, in_files = _bringing(runner, named), _bringing(runner, files)
    ladder: tuple[Iterable[NeedSet], ...] = (
        filter(_is_for_development, in_named),
        in_named,
        _bringing(runner, _hinted_sets(files, hints)),
        filter(is_for_tests, in_files),
        filter(_is_for_development, in_files),
        in_files,
    )
    if found := next(filter(None, map(_smallest, ladder)), ()):
        return found
    return listed(f"{runner}, which nothing declares", bare)


def _hinted_sets(files: list[NeedSet], hints: Sequence[Hints]) -> list[NeedSet]:
    requirements = [each for hint in hints for each in listed(hint.where, hint.requirements)]
    return [*(each for each in files if _is_hinted(each, hints)), *requirements]


def _is_hinted(each: NeedSet, hints: Sequence[Hints]) -> bool:
    names = {
        Source.EXTRA: [normalised(name) for hint in hints for name in hint.extras],
        Source.GROUP: [normalised(name) for hint in hints for name in hint.groups],
        Source.FILE: [name for hint in hints for name in hint.files],
    }[each.source]
    return (each.name if each.source is Source.FILE else normalised(each.name)) in names


def _for_tests(named: Iterable[NeedSet]) -> list[NeedSet]:
    """Return the sets whose whole name says tests, else the shortest that has it in its name."""
    fitting = [each for each in named if is_for_tests(each)]
    exact = [each for each in fitting if len(_words(each)) == 1]
    return exact or list(_smallest(fitting))


def _bringing(tool: str, sets: Iterable[NeedSet]) -> list[NeedSet]:
    return [each for each in sets if tool in each.names]


def _smallest(sets: Iterable[NeedSet]) -> tuple[NeedSet, ...]:
    """Return the set with the shortest name and the fewest requirements, if there is any."""
    return tuple(sorted(sets, key=lambda each: (len(_words(each)), len(each.names), each.name))[:1])


def is_for_tests(each: NeedSet) -> bool:
    """Tell whether the set's name tells of tests."""
    return not _TESTS.isdisjoint(_words(each))


def _is_for_development(each: NeedSet) -> bool:
    return not _DEVELOPMENT.isdisjoint(_words(each))


def _is_elsewhere(each: NeedSet) -> bool:
    return not is_for_tests(each) and not _ELSEWHERE.isdisjoint(_words(each))


def _words(each: NeedSet) -> list[str]:
    return [word for word in re.split(r"[-_./]+", each.name.lower()) if word not in {"", "txt", "in"}]
