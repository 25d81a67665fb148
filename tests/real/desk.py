"""An owner's desk: a home, a repository, and an environment that says nothing about this machine."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

NOTHING_MORE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """An owner's home and repository, and what their own environment would hold."""

    home: Path
    repository: Path
    environment: dict[str, str]

    def run(
        self, *words: str, stdin: str = "", check: bool = True, environment: Mapping[str, str] = NOTHING_MORE
    ) -> subprocess.CompletedProcess[str]:
        """Run a program as the owner would, in the repository."""
        done = subprocess.run(
            words,
            check=False,
            cwd=self.repository,
            env={**self.environment, **environment},
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert not check or done.returncode == 0, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def git(self, *words: str) -> str:
        """Run git and return what it says."""
        return self.run("git", *words).stdout.strip()
