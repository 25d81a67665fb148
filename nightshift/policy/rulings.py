"""Every rule the judge knows, how bad a breach is and who may lift it: the one table.

| rule | breach | severity | an approval lifts it |
|---|---|---|---|
| task.min_alignment | missing, or too low | error | no |
| task.max_estimated_lines | missing | error | no |
| task.max_estimated_lines | over the limit | error | yes |
| task.require_tests | no tests, and the task is not about tests | error | no |
| task.forbidden_words | a word is there | error | yes |
| task.tests | a declared test file does not exist yet | warning | - |
| task.files | no pattern, or nothing in it may be changed | error | no |
| task.files | a file in it may not be changed | warning | - |
| task.files | the change leaves it | error | no |
| change.path | no honest path | critical | no |
| change.protected | plan, policy, gate, git's or an agent's own files | critical | no |
| change.forbidden_paths | matched | critical | no |
| change.forbidden_content | matched | critical | no |
| change.allow: symlink, submodule | happened | critical | no |
| change.allow: delete, rename, binary, mode | happened | error | no |
| change.allow: dependency | a manifest outside forbidden_paths changed | error | yes |
| change.allowed_paths | not matched | error | no |
| change.approval_paths | matched | error | yes |
| change.max_source_lines, max_lines, max_files | over the limit | error | yes, and a smaller change may do |
| change.max_file_bytes | over the limit | error | no |

An approval answers "may this be so large, may it touch this subject": size, authentication, dependencies, the
words that stand for migrations and outside services. It never opens what the policy forbids by path, content
or kind: for that the owner moves the pattern to `approval_paths` or adds the kind to `allow`, for all to see.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from nightshift.model import Judgement, Place, Policy, Severity, Task, Violation
from nightshift.policy.words import folded_words

_SHOWN_PER_RULE = 20
_ORDER = tuple(Severity)
_NOT_AN_APPROVAL = frozenset({"", "no", "none", "nobody", "pending", "tbd", "todo", "n a"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """One row of the table."""

    rule: str
    severity: Severity = Severity.ERROR
    liftable: bool = False


ALIGNMENT = Ruling(rule="task.min_alignment")
NO_ESTIMATE = Ruling(rule="task.max_estimated_lines")
ESTIMATE = Ruling(rule="task.max_estimated_lines", liftable=True)
TESTS = Ruling(rule="task.require_tests")
WORDS = Ruling(rule="task.forbidden_words", liftable=True)
NEW_TESTS = Ruling(rule="task.tests", severity=Severity.WARNING)
FILES = Ruling(rule="task.files")
FILES_REMARK = Ruling(rule="task.files", severity=Severity.WARNING)

PATH = Ruling(rule="change.path", severity=Severity.CRITICAL)
PROTECTED = Ruling(rule="change.protected", severity=Severity.CRITICAL)
FORBIDDEN = Ruling(rule="change.forbidden_paths", severity=Severity.CRITICAL)
CONTENT = Ruling(rule="change.forbidden_content", severity=Severity.CRITICAL)
ALLOWED = Ruling(rule="change.allowed_paths")
APPROVAL = Ruling(rule="change.approval_paths", liftable=True)
KIND = Ruling(rule="change.allow")
GRAVE_KIND = Ruling(rule="change.allow", severity=Severity.CRITICAL)
DEPENDENCY = Ruling(rule="change.allow", liftable=True)
SOURCE_LINES = Ruling(rule="change.max_source_lines", liftable=True)
LINES = Ruling(rule="change.max_lines", liftable=True)
FILE_COUNT = Ruling(rule="change.max_files", liftable=True)
FILE_BYTES = Ruling(rule="change.max_file_bytes")

_BUILT_IN = frozenset(ruling.rule for ruling in (NEW_TESTS, FILES, PATH, PROTECTED))

SMALLER_MAY_DO = frozenset(ruling.rule for ruling in (SOURCE_LINES, LINES, FILE_COUNT))
"""The rules that another, smaller attempt could keep."""


def found(
    ruling: Ruling, message: str, *, policy: Policy, place: Place | None, index: int | None = None
) -> Violation:
    """Return a violation whose message ends with the rule and the line of the policy it stands on."""
    return Violation(
        rule=ruling.rule,
        severity=ruling.severity,
        message=f"{message} ({stands_on(policy, ruling.rule, index=index)})",
        place=place,
        liftable=ruling.liftable,
    )


def stands_on(policy: Policy, rule: str, *, index: int | None = None) -> str:
    """Name the policy line behind a rule: the item if it is known, else the key, else the default."""
    key = rule if index is None else f"{rule}[{index}]"
    place = policy.place_of(key) or policy.place_of(rule)
    return f"{key}, {place or ('built in' if rule in _BUILT_IN else 'the default')}"


def approver(task: Task) -> str | None:
    """Return who approved the task; `Auto-approved` counts for nothing, and neither does `pending`."""
    name = (task.approved_by or "").strip()
    return None if folded_words(name) in _NOT_AN_APPROVAL else name


def judged(violations: Iterable[Violation], *, task: Task) -> Judgement:
    """Return the judgement: approved ones as warnings, critical ones first, long lists cut with a count."""
    name = approver(task)
    settled = (_lifted(one, name) if name and one.liftable else one for one in violations)
    ordered = sorted(settled, key=lambda one: _ORDER.index(one.severity))
    return Judgement(violations=tuple(_shortened(ordered)))


def _lifted(violation: Violation, name: str) -> Violation:
    message = f"{violation.message}; approved by {name}"
    return replace(violation, severity=Severity.WARNING, message=message, liftable=False)


def _shortened(violations: Iterable[Violation]) -> Iterator[Violation]:
    """Yield the first of each rule, then one violation that counts the rest: a flood buries nothing."""
    seen: Counter[tuple[str, Severity, bool]] = Counter()
    for one in violations:
        group = (one.rule, one.severity, one.liftable)
        seen[group] += 1
        if seen[group] <= _SHOWN_PER_RULE:
            yield one
    for (rule, severity, liftable), count in seen.items():
        if count > _SHOWN_PER_RULE:
            message = f"and {count - _SHOWN_PER_RULE} more of {rule}"
            yield Violation(rule=rule, severity=severity, message=message, liftable=liftable)
