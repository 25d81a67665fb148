"""What a task must declare before an agent is started for it."""

import re
from collections.abc import Callable, Iterator

from nightshift.model import Judgement, Policy, Task, Violation
from nightshift.policy import rulings
from nightshift.policy.kinds import is_test
from nightshift.policy.path_rules import Objection, guarded, is_pattern, objection
from nightshift.policy.rulings import found, judged
from nightshift.policy.words import folded_text, has_word, shown

_GLOB = re.compile(r"[*?\[]")
_ABOUT_TESTS = re.compile(
    r"\W*(?:"
    r"(?:add|write|create|extend|improve|increase|raise|complete)\s+(?:[\w-]+\s+){0,4}?"
    r"(?:tests|test\s+(?:coverage|cases?|suites?|for|that|of))\b"
    r"|cover\s.*\btests\b"
    r"|test\s+(?:the|that|how|all|every|whether)\b"
    r"|(?:[\w-]+\s+){0,2}?tests\s+(?:for|of|that)\b"
    r")"
)


def judge_task(task: Task, policy: Policy, *, exists: Callable[[str], bool] | None = None) -> Judgement:
    """Judge what a task declares; `exists` tells whether a path is there in the base."""
    return judged(
        [
            *task.refusals,
            *_alignment(task, policy),
            *_estimate(task, policy),
            *_tests(task, policy),
            *_new_tests(task, policy, exists),
            *_words(task, policy),
            *_files(task, policy),
        ],
        task=task,
    )


def _alignment(task: Task, policy: Policy) -> Iterator[Violation]:
    least, place = policy.task.min_alignment, task.place_of("alignment")
    if task.alignment is None:
        message = f"it has no alignment score; at least {least} is wanted"
        yield found(rulings.ALIGNMENT, message, policy=policy, place=place)
    elif task.alignment < least:
        message = f"its alignment score is {task.alignment}; at least {least} is wanted"
        yield found(rulings.ALIGNMENT, message, policy=policy, place=place)


def _estimate(task: Task, policy: Policy) -> Iterator[Violation]:
    most, place = policy.task.max_estimated_lines, task.place_of("estimated_lines")
    if task.estimated_lines is None:
        message = f"it has no estimate of its lines; at most {most} are allowed"
        yield found(rulings.NO_ESTIMATE, message, policy=policy, place=place)
    elif task.estimated_lines > most:
        message = (
            f"it is estimated at {task.estimated_lines} lines; at most {most} are allowed without an approval"
        )
        yield found(rulings.ESTIMATE, message, policy=policy, place=place)


def _tests(task: Task, policy: Policy) -> Iterator[Violation]:
    if not policy.task.require_tests or is_about_tests(task):
        return
    if task.tests is None:
        message = "it does not say which tests prove it"
        yield found(rulings.TESTS, message, policy=policy, place=task.place_of("tests"))
    elif not task.tests.defined:
        message = "its tests are not defined yet"
        yield found(rulings.TESTS, message, policy=policy, place=task.place_of("tests"))


def is_about_tests(task: Task) -> bool:
    """Tell whether writing tests is the task itself."""
    only_tests = bool(task.files) and all(is_test(path) for path in task.files)
    return only_tests or _ABOUT_TESTS.match(folded_text(task.title)) is not None


def _new_tests(task: Task, policy: Policy, exists: Callable[[str], bool] | None) -> Iterator[Violation]:
    if exists is None or task.tests is None:
        return
    for path in task.tests.paths:
        if not exists(path):
            message = f"{shown(path)} does not exist yet, so the task has to write it"
            yield found(rulings.NEW_TESTS, message, policy=policy, place=task.place_of("tests"))


def _words(task: Task, policy: Policy) -> Iterator[Violation]:
    fields = (("title", task.title), ("description", task.description), ("notes", task.notes or ""))
    for index, word in enumerate(policy.task.forbidden_words):
        for name, text in fields:
            if has_word(text, word):
                message = f"its {name} speaks of `{word}`, which needs an approval"
                place = task.place_of(name)
                yield found(rulings.WORDS, message, policy=policy, place=place, index=index)


def _files(task: Task, policy: Policy) -> Iterator[Violation]:
    """Judge the files a task names outright; what a pattern stands for is only known afterwards."""
    against = {path: _against_declared(path, task, policy) for path in task.files}
    hopeless = all(one is not None and one.ruling is not rulings.APPROVAL for one in against.values())
    place = task.place_of("files")
    for path, one in against.items():
        if one is None:
            continue
        ruling = one.ruling
        if ruling is not rulings.APPROVAL:
            ruling = rulings.FILES if hopeless else rulings.FILES_REMARK
        message = f"{shown(path)} under Files: {one.reason}"
        yield found(ruling, message, policy=policy, place=place, index=one.index)


def _against_declared(path: str, task: Task, policy: Policy) -> Objection | None:
    if not is_pattern(path):
        return Objection(ruling=rulings.FILES, reason="that is no path or pattern")
    if _GLOB.search(path):
        return None
    protected = guarded(policy, task)
    name = path.removeprefix("./").rstrip("/")
    against = objection(name, policy, protected=protected)
    if against is None or against.ruling is not rulings.ALLOWED:
        return against
    # A bare name may stand in any folder, and a name may be that of a folder.
    return against if "/" in name and objection(f"{name}/any", policy, protected=protected) else None
