"""The sample project of `nightshift demo`, and the ending that its night is described to have."""

from nightshift.demo.build import DemoProject, build
from nightshift.demo.ending import EXPECTED, Expected, expected_ending, next_steps

__all__ = ["EXPECTED", "DemoProject", "Expected", "build", "expected_ending", "next_steps"]
