"""What a night leaves behind for the next one: state folder, lock, journal, effects, runs."""

from nightshift.records.atomic import unwritable, write_atomically
from nightshift.records.effect import effect
from nightshift.records.journal import Journal, read_journal
from nightshift.records.lock import Lock
from nightshift.records.runs import is_run_id, list_runs, new_run_id
from nightshift.records.state import make_private, repository_key, state_folder

__all__ = [
    "Journal",
    "Lock",
    "effect",
    "is_run_id",
    "list_runs",
    "make_private",
    "new_run_id",
    "read_journal",
    "repository_key",
    "state_folder",
    "unwritable",
    "write_atomically",
]
