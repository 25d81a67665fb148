"""Broken plans by the thousand: the parser never crashes, and an edit never changes another byte."""

import os
import random
import sys

from nightshift.errors import PlanError
from nightshift.model import Status
from nightshift.plan import differs_only_in_statuses, lint, parse, ready, write_statuses

ROUNDS = 20 * int(os.environ.get("NIGHTSHIFT_TESTS_ROUNDS", "5"))
PLAN = """# Plan

## 📋 Task Queue

### Ready for Autonomous Execution ✅

→ **[task_1]** Add a model
  - Alignment score: 95/100
  - Estimated lines: 10
  - Tests defined: ✅ Yes (tests/test_model.py)
  - Priority: P1
  - Files: src/model.py
  - Status: READY

- **[task_2]** Add a view
  - Alignment score: 90/100
  - Depends on: task_1
  - Status: READY

### Pending Approval ⏳

- **[task_3]** Add a login
  - Status: PENDING

### Not Ready ❌

- **[task_4]** Design a schema
  - Reason: needs a decision
""".encode()
FRAGMENTS = (
    b"\r\n",
    b"\n\n",
    b"\t",
    b"    ",
    b"```\n",
    b"<!--",
    b"-->",
    b"> ",
    b"### Ready for Autonomous Execution \xe2\x9c\x85\n",
    b"\xe2\x86\x92 **[task_9]** Nine\n",
    b"- **[../../x]** Ten\n",
    b"  - Status: READY\n",
    b"  - Status: ",
    b"\xff",
    b"\x00",
    b"\xef\xbb\xbf",
    b"* **[a]** b",
    b"**[",
    b"]**",
    b"| a | b |\n",
    b"1. ",
    b"  - Estimated lines: 9e99\n",
    b"  - Depends on: task_9\n",
    b"\xf0\x9f\x93\x8b",
    b"\\",
    b"\r",
)  # fmt: skip - one line per kind of trouble would hide that it is a heap


def spoiled(source: bytes, chance: random.Random) -> bytes:
    """Cut, double and stuff a plan here and there."""
    for _ in range(chance.randint(1, 8)):
        start = chance.randint(0, len(source))
        end = min(len(source), start + chance.choice((0, 0, 1, 3, 40, 400)))
        source = source[:start] + chance.choice((*FRAGMENTS, source[start:end] * 2)) + source[end:]
    return source


def test_spoiled_plans() -> None:
    tasks = refused = 0
    for seed in range(ROUNDS):
        source = spoiled(PLAN, random.Random(seed))  # noqa: S311 - a seed repeats the same plan, no secret
        try:
            plan = parse(source, path="PROJECT_PLAN.md")
        except PlanError:
            refused += 1
            continue
        lint(plan)
        tasks += len(ready(plan))
        edited = write_statuses(source, {task.id: Status.DONE for task in plan.tasks})
        assert differs_only_in_statuses(source, edited), f"seed {seed}"
        assert write_statuses(source, {}) == source, f"seed {seed}"
    sys.stdout.write(
        f"\nplan: {ROUNDS} spoiled plans, {refused} refused, {tasks} tasks ready, no other byte changed\n"
    )
