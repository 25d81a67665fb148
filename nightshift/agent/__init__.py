"""Who does the work: claude, a command, or a script; what it is told, and what came of it."""

from nightshift.agent.choose import choose
from nightshift.agent.job import Agent, Job
from nightshift.agent.prompt import render_prompt

__all__ = ["Agent", "Job", "choose", "render_prompt"]
