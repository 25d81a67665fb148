"""Every code of the plan's lint, how bad it is and what it means: the one table."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from nightshift.model import Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One row of the table; a task that is not about to run gets warnings only where `eases`."""

    code: str
    explanation: str
    severity: Severity = Severity.ERROR
    eases: bool = False


MALFORMED_ID = Code(code="NS001", explanation="The id of a task cannot name a branch.")
DUPLICATE_ID = Code(code="NS002", explanation="Two tasks have the same id, upper and lower case being one.")
NO_TITLE = Code(code="NS003", explanation="A task says nothing behind its id.", eases=True)
DISAGREES = Code(code="NS004", explanation="The status does not agree with the heading above the task.")
NO_STATUS = Code(
    code="NS005",
    explanation="A task under the Ready heading has no status, so it is not run.",
    severity=Severity.WARNING,
)
UNKNOWN_STATUS = Code(code="NS006", explanation="The status is none of the five words.", eases=True)
UNREADABLE = Code(code="NS007", explanation="The value of a field cannot be understood.", eases=True)
TWICE = Code(code="NS008", explanation="A field is given twice, so neither counts.", eases=True)
NO_ALIGNMENT = Code(code="NS009", explanation="A READY task has no alignment score.")
NO_ESTIMATE = Code(code="NS010", explanation="A READY task has no estimate of its lines.")
UNKNOWN_FIELD = Code(
    code="NS011", explanation="A field is almost one that we know, but not quite.", severity=Severity.WARNING
)
ALMOST_A_TASK = Code(
    code="NS012", explanation="A line looks like a task, but is none.", severity=Severity.WARNING
)
MISPLACED = Code(
    code="NS013", explanation="A field stands where it does not count.", severity=Severity.WARNING
)
UNKNOWN_HEADING = Code(
    code="NS014",
    explanation="A heading is almost one that we know, but not quite.",
    severity=Severity.WARNING,
)
NOWHERE_TO_RUN = Code(
    code="NS015",
    explanation="A READY task stands under a heading whose tasks are not run.",
    severity=Severity.WARNING,
)
UNKNOWN_DEPENDENCY = Code(
    code="NS016", explanation="A task depends on one that the plan does not have.", severity=Severity.WARNING
)

TABLE: Mapping[str, Code] = MappingProxyType(
    {
        row.code: row
        for row in (
            MALFORMED_ID,
            DUPLICATE_ID,
            NO_TITLE,
            DISAGREES,
            NO_STATUS,
            UNKNOWN_STATUS,
            UNREADABLE,
            TWICE,
            NO_ALIGNMENT,
            NO_ESTIMATE,
            UNKNOWN_FIELD,
            ALMOST_A_TASK,
            MISPLACED,
            UNKNOWN_HEADING,
            NOWHERE_TO_RUN,
            UNKNOWN_DEPENDENCY,
        )
    }
)
