"""The owner's repository, read and never written."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from nightshift.errors import RepositoryError
from nightshift.model import Identity
from nightshift.workspace import process
from nightshift.workspace.environment import scrub_git
from nightshift.workspace.git import Git, program, search_path


@dataclass(frozen=True, slots=True, kw_only=True)
class Owner:
    """A repository with a work tree and at least one commit; paths are absolute and real."""

    root: Path
    git_dir: Path
    common_dir: Path

    @property
    def git(self) -> Git:
        """Git on the owner's repository, hardened; for commands that read."""
        return Git(self.git_dir, home=None)

    @property
    def head(self) -> str:
        """The commit that HEAD stands at now."""
        return self.git.line("rev-parse", "--verify", "--quiet", "HEAD^{commit}")

    @property
    def branch(self) -> str | None:
        """The branch that is checked out now, None for a detached HEAD."""
        completed = self.git.run("symbolic-ref", "--quiet", "HEAD", check=False)
        ref = completed.stdout.decode("utf-8", "surrogateescape").strip("\n")
        return ref.removeprefix("refs/heads/") if completed.ok else None

    @property
    def identity(self) -> Identity | None:
        """Who the owner's own commits would be by, None when git would not know."""
        name, email = (self._own_setting(key) for key in ("user.name", "user.email"))
        return Identity(name=name, email=email) if name and email else None

    @property
    def object_format(self) -> str:
        """The hash of the repository: sha1 or sha256."""
        return self.git.line("rev-parse", "--show-object-format")

    @property
    def is_shallow(self) -> bool:
        """Whether history was cut off when it was cloned."""
        return self.git.line("rev-parse", "--is-shallow-repository") == "true"

    @property
    def is_partial(self) -> bool:
        """Whether objects were left out when it was cloned, to be fetched when they are needed."""
        return self.git.run("config", "--get-regexp", r"^remote\..*\.promisor$", check=False).ok

    def commit_of(self, ref: str) -> str | None:
        """Return the commit that a full ref name or an object id stands for, None when there is none."""
        completed = self.git.run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}", check=False
        )
        return completed.stdout.decode("ascii").strip() if completed.ok else None

    def refs(self) -> dict[str, str]:
        """Map every full ref name to the object it stands at."""
        listed = self.git.bytes("for-each-ref", "--format=%(objectname) %(refname)")
        rows = (line.partition(" ") for line in listed.decode("utf-8", "surrogateescape").splitlines())
        return {name: at for at, _, name in rows}

    def branches(self, pattern: str = "refs/heads/*") -> dict[str, str]:
        """Map the full names of branches that match a pattern, whose `*` spans slashes, to their commits."""
        return {
            name: at
            for name, at in self.refs().items()
            if name.startswith("refs/heads/") and fnmatchcase(name, pattern)
        }

    def remote_url(self, name: str) -> str | None:
        """Return where a remote is fetched from, as configured; a relative path is made absolute."""
        listed = self.git.run("config", "--get-all", "-z", f"remote.{name}.url", check=False)
        url = listed.stdout.decode("utf-8", "surrogateescape").partition("\0")[0]
        if not listed.ok or not url:
            return None
        local = self.root / url
        return str(local.resolve()) if "://" not in url and local.exists() else url

    def tracked_files(self) -> tuple[str, ...]:
        """List the files in the owner's index."""
        listed = self.git.bytes("ls-files", "-z").decode("utf-8", "surrogateescape")
        return tuple(dict.fromkeys(path for path in listed.split("\0") if path))

    def _own_setting(self, key: str) -> str:
        """Read a setting as the owner's git does: with the owner's HOME and all that it includes."""
        completed = process.run(
            [program(), "config", "--get", key],
            cwd=self.root,
            env=_own_environment(os.environ) | {"GIT_DIR": str(self.git_dir)},
            timeout_seconds=30,
        )
        return completed.stdout.decode("utf-8", "replace").strip() if completed.ok else ""


def open_owner(folder: Path) -> Owner:
    """Find the repository around a folder; RepositoryError when a night cannot work with it."""
    if not folder.is_dir():
        raise RepositoryError(f"there is no folder {folder}", tip="name the repository with -C DIR")
    owner = _discover(folder.resolve())
    _ask_git(owner)
    if owner.commit_of("HEAD") is None:
        raise RepositoryError(
            f"{owner.root} has no commit yet", tip="git add … && git commit, then start the night from there"
        )
    return owner


def _discover(folder: Path) -> Owner:
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    from git import Repo
    from git.exc import InvalidGitRepositoryError, NoSuchPathError

    with _no_inherited_places():
        try:
            with Repo(folder, search_parent_directories=True, expand_vars=False) as repo:
                bare, git_dir, common_dir = repo.bare, Path(repo.git_dir), Path(repo.common_dir)
                root = repo.working_tree_dir
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise RepositoryError(
                f"{folder} is in no git repository", tip="cd into one, or name it with -C DIR"
            ) from error
    if bare or root is None:
        raise RepositoryError(
            f"{git_dir} is a bare repository: it has no checkout with a plan in it",
            tip=f"git clone {git_dir} and start nightshift in the clone",
        )
    return Owner(root=Path(root).resolve(), git_dir=git_dir.resolve(), common_dir=common_dir.resolve())


def _ask_git(owner: Owner) -> None:
    """See that git itself would work here: it may mistrust the folder, or not know its format."""
    completed = process.run(
        [program(), "rev-parse", "--absolute-git-dir"],
        cwd=owner.root,
        env=_own_environment(os.environ),
        timeout_seconds=30,
    )
    if not completed.ok:
        raise RepositoryError(
            f"git cannot use {owner.root}: {completed.tail(5).strip()}",
            tip="see that `git status` works there, as the user that nightshift runs as",
        )


def _own_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the owner's environment, without what a hook or another git left in it."""
    own = dict(environ)
    scrub_git(own)
    return own | {"PATH": search_path(environ), "GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0"}


@contextmanager
def _no_inherited_places() -> Iterator[None]:
    """Hide what a git hook left in our environment while GitPython looks around."""
    inherited = dict(os.environ)
    scrub_git(os.environ)
    try:
        yield
    finally:
        os.environ.update(inherited)
