"""The vault: a bare repository of ours. What an agent made is committed here, and nowhere else."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nightshift.errors import ContainmentError, DeliveryError, NightshiftError, RepositoryError, StateError
from nightshift.model import Base, Identity
from nightshift.workspace.bare import configuration, format_on_disk, make
from nightshift.workspace.base import FoundBase
from nightshift.workspace.clear import clear
from nightshift.workspace.git import Git, GitError
from nightshift.workspace.interruption import Interruption
from nightshift.workspace.mending import (
    MENDED,
    keep_newest,
    may_be_damage,
    put_aside,
    put_back,
    see_readable,
)
from nightshift.workspace.objects import Objects
from nightshift.workspace.owner import Owner
from nightshift.workspace.receiving import bring_base, receive

COMMITTER = Identity(name="nightshift", email="nightshift@localhost")
NIGHT_BRANCHES = "refs/heads/nightshift/"
KEPT_ATTEMPTS = "refs/nightshift/"
_FILE = "100644"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """The refs that the owner's repository has now, and the bundles of those that git refused."""

    written: tuple[str, ...] = ()
    bundles: tuple[Path, ...] = ()


class Vault:
    """A bare repository with an object store of its own; `home` is a folder that is always empty."""

    def __init__(self, folder: Path, *, home: Path, interruption: Interruption | None = None) -> None:
        self.folder = folder
        self.home = home
        self._interruption = interruption
        self._object_format = "sha1"
        self._tags: dict[str, bytes] = {}

    @property
    def git(self) -> Git:
        """Git on the vault; it refuses to start once the vault's configuration is not ours any more."""
        config = configuration(self._object_format)
        return Git(self.folder, home=self.home, config=config, interruption=self._interruption)

    @property
    def objects(self) -> Objects:
        """What stands in the vault's commits and trees."""
        return Objects(self.git)

    @property
    def object_format(self) -> str:
        """The hash of the vault's objects: sha1 or sha256."""
        return self._object_format

    def open(self, *, object_format: str | None = None) -> None:
        """Create the vault, or take the one that is there; what a killed night left locked is freed."""
        self._object_format = object_format or format_on_disk(self.folder)
        try:
            make(self.folder, self._object_format, home=self.home)
        except OSError as error:
            raise StateError(
                f"{self.folder} cannot be written: {error.strerror}",
                tip="see that the disk is not full and the folder yours, or set NIGHTSHIFT_STATE_DIR",
            ) from error

    def fetch_base(self, owner: Owner, found: FoundBase, environ: Mapping[str, str]) -> Base:
        """Bring the base with its history and tags into the vault; the owner's refs stay as they are.

        A vault that cannot take it is made anew; Base.source says so.
        """
        try:
            return self._fetch(owner, found, environ)
        except (GitError, RepositoryError) as error:
            if not may_be_damage(error):
                raise
        return self._fetch_anew(owner, found, environ)

    def _fetch_anew(self, owner: Owner, found: FoundBase, environ: Mapping[str, str]) -> Base:
        """Fetch into a new vault; when that fails as well it was not the old one's fault, which stays."""
        object_format = owner.object_format
        aside = put_aside(self.folder)
        try:
            self.open(object_format=object_format)
            base = self._fetch(owner, found, environ)
        except NightshiftError:
            put_back(aside, self.folder)
            self._object_format = format_on_disk(self.folder)
            raise
        keep_newest(self.folder)
        return replace(base, source=f"{base.source}; {MENDED}")

    def _fetch(self, owner: Owner, found: FoundBase, environ: Mapping[str, str]) -> Base:
        self._match(owner.object_format)
        self._tags.clear()
        source, commit = bring_base(self, owner, found, environ)
        tree = self.git.line("rev-parse", f"{commit}^{{tree}}")
        see_readable(self.git, tree)
        return Base(branch=found.branch, commit=commit, tree=tree, source=source)

    def commit(
        self, tree: str, *, parent: str | None, message: str, author: Identity, date: datetime | str
    ) -> str:
        """Commit a tree by the owner, with nightshift as committer; return the commit."""
        when = date if isinstance(date, str) else date.isoformat(timespec="seconds")
        people = {
            f"GIT_{role}_{what}": _plain(value)
            for role, who in (("AUTHOR", author), ("COMMITTER", COMMITTER))
            for what, value in (("NAME", who.name), ("EMAIL", who.email), ("DATE", when))
        }
        parents = ("-p", parent) if parent else ()
        text = message.replace("\0", " ").encode("utf-8", "replace")
        return self.git.line("commit-tree", tree, *parents, "-F", "-", stdin=text, env=people)

    def set_ref(self, ref: str, commit: str) -> None:
        """Let a ref of the vault stand at a commit."""
        self.git.run("update-ref", "--no-deref", ref, commit)

    def refs(self, *patterns: str) -> dict[str, str]:
        """Map the vault's refs that match one of git's patterns to their commits."""
        listed = self.git.bytes("for-each-ref", "--format=%(objectname) %(refname)", *patterns)
        rows = (line.partition(" ") for line in listed.decode("utf-8", "surrogateescape").splitlines())
        return {name: at for at, _, name in rows}

    def packed_tags(self, commit: str) -> bytes:
        """Return the tags reachable from a commit as the lines of a packed-refs file."""
        if commit not in self._tags:
            form = "--format=%(objectname) %(refname)%(if)%(*objectname)%(then)%0a^%(*objectname)%(end)"
            self._tags[commit] = self.git.bytes("for-each-ref", f"--merged={commit}", form, "refs/tags")
        return self._tags[commit]

    def write_blob(self, data: bytes) -> str:
        """Store the contents of a file."""
        return self.git.line("hash-object", "-w", "--stdin", stdin=data)

    def tree_with(self, tree: str, path: str, blob: str) -> str:
        """Return a tree that differs from another in the contents of one file; its mode is kept."""
        stood = self.objects.entry(tree, path)
        mode = stood.mode if stood else _FILE
        entry = f"{mode} {blob}\t{path}\0".encode("utf-8", "surrogateescape")
        index = self.folder / "nightshift.index"
        git = Git(self.folder, home=self.home, index=index, config=self.git.config)
        try:
            git.run("read-tree", tree)
            git.run("update-index", "-z", "--index-info", stdin=entry)
            return git.line("write-tree")
        finally:
            clear(index)

    def hand_to(self, owner: Owner, refs: Mapping[str, str], *, bundles: Path | None = None) -> HandedOver:
        """Fetch refs of ours into the owner's repository: never with force, and no other ref.

        The night's branches come in one call. Each kept attempt comes in its own; one that git
        refuses is saved as a bundle in `bundles`.
        """
        foreign = [ref for ref in refs if not ref.startswith((NIGHT_BRANCHES, KEPT_ATTEMPTS))]
        if foreign:
            raise ContainmentError(f"{foreign[0]} is no ref of nightshift's, so it is not written")
        branches = {ref: commit for ref, commit in refs.items() if ref.startswith(NIGHT_BRANCHES)}
        if branches:
            self._hand_branches(owner, branches)
        refused = [
            (ref, commit)
            for ref, commit in refs.items()
            if ref not in branches and not self._hand(owner, ref, commit)
        ]
        folder = bundles or self.folder.parent / "bundles"
        saved = {ref: self._bundle(ref, commit, folder) for ref, commit in refused}
        return HandedOver(
            written=tuple(ref for ref in refs if ref not in saved),
            bundles=tuple(saved.values()),
        )

    def _hand_branches(self, owner: Owner, branches: Mapping[str, str]) -> None:
        try:
            receive(owner, self.folder, branches)
        except GitError as error:
            raise DeliveryError(
                f"the night's branches could not be fetched into {owner.root}: {error.message}",
                tip=f"they are kept in {self.folder}",
            ) from error

    def _hand(self, owner: Owner, ref: str, commit: str) -> bool:
        try:
            receive(owner, self.folder, {ref: commit})
        except GitError:
            return False
        return True

    def _bundle(self, ref: str, commit: str, folder: Path) -> Path:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / (ref.removeprefix(KEPT_ATTEMPTS).replace("/", "-") + ".bundle")
        self.set_ref(ref, commit)
        self.git.run("bundle", "create", "--quiet", str(path), f"{commit}^!", ref)
        return path

    def _match(self, object_format: str) -> None:
        """See that the vault hashes as the owner's repository does; one that holds nothing is made anew."""
        if object_format == self._object_format:
            return
        if self.refs(NIGHT_BRANCHES, KEPT_ATTEMPTS):
            raise StateError(
                f"{self.folder} holds nights of a repository with other object names",
                tip="move it away; the next night makes a new one",
            )
        clear(self.folder)
        self.open(object_format=object_format)


def _plain(text: str) -> str:
    """Keep what git takes as a name or a date: one line, no NUL."""
    return " ".join(text.replace("\0", " ").split()) or "nobody"
