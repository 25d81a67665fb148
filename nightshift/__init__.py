"""Nightshift works through a Markdown plan while its owner sleeps."""

__version__ = "0.1.0"
