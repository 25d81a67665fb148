"""A small project with a remote, a dirty checkout and a vault, built once and copied for each test."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pytest

from nightshift.model import Base
from nightshift.workspace.base import FoundBase, find_base
from nightshift.workspace.owner import Owner, open_owner
from nightshift.workspace.slot import Slot
from nightshift.workspace.vault import Vault

PEOPLE = {
    f"GIT_{role}_{what}": value
    for role in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "Olive Owner"),
        ("EMAIL", "olive@example.invalid"),
        ("DATE", "2025-06-01T12:00:00Z"),
    )
}


@dataclass(frozen=True, kw_only=True)
class Project:
    """The owner's repository, its bare remote, and git as the owner starts it."""

    root: Path
    remote: Path
    home: Path

    @property
    def environ(self) -> dict[str, str]:
        """The owner's environment."""
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "GIT_CONFIG_NOSYSTEM": "1"}

    @property
    def owner(self) -> Owner:
        """The repository as nightshift opens it."""
        return open_owner(self.root)

    def git(self, *args: str, cwd: Path | None = None, stdin: bytes = b"") -> str:
        """Run git as the owner; it must succeed."""
        done = subprocess.run(
            ["git", *args],
            cwd=cwd or self.root,
            env=self.environ | PEOPLE,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode(errors="replace")
        return done.stdout.decode("utf-8", "surrogateescape").strip("\n")

    def write(self, path: str, text: str | bytes) -> Path:
        """Write a file of the checkout."""
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(text.encode() if isinstance(text, str) else text)
        return target

    def commit(self, files: Mapping[str, str | bytes], *, message: str = "more", push: bool = False) -> str:
        """Commit files, and nothing else of the checkout; return the commit."""
        for path, text in files.items():
            self.write(path, text)
        self.git("add", "--force", "--", *files)
        self.git("commit", "--quiet", "--no-verify", "--message", message, "--only", "--", *files)
        if push:
            self.git("push", "--quiet", "origin", "HEAD")
        return self.git("rev-parse", "HEAD")

    def find_base(self, **wanted: object) -> FoundBase:
        """Find the base with nothing asked for but what is given."""
        defaults: dict[str, object] = {
            "wanted": None,
            "policy_base": None,
            "remote": "origin",
            "environ": self.environ,
            "offline": False,
            "local": False,
        }
        return find_base(self.owner, **(defaults | wanted))  # type: ignore[arg-type]  # a table of defaults

    def photograph(self) -> dict[str, str]:
        """Return every file of checkout and git directory but for objects, with mode, time and contents."""
        return photograph(self.root, but_not=(".git/objects",))


def photograph(top: Path, *, but_not: tuple[str, ...] = ()) -> dict[str, str]:
    """Return every file below a folder with its mode, its time and a digest of what it holds."""
    seen: dict[str, str] = {}
    for folder, folders, files in os.walk(top):
        here = Path(folder).relative_to(top)
        folders[:] = [each for each in folders if str(here / each) not in but_not]
        for name in files:
            path = Path(folder) / name
            found = path.lstat()
            held = str(path.readlink()).encode() if path.is_symlink() else path.read_bytes()
            digest = hashlib.sha256(held).hexdigest()[:16]
            seen[str(here / name)] = f"{found.st_mode:o} {found.st_mtime_ns} {digest}"
    return seen


@dataclass(kw_only=True)
class Night:
    """A vault that holds a project's base, a slot, and the project itself once it is asked for."""

    vault: Vault
    base: Base
    slot: Slot
    built: Project
    folder: Path

    @cached_property
    def project(self) -> Project:
        """A copy of the project of one's own."""
        return copy_project(self.built, self.folder / "owner")

    def slot_with(self, *carry: str) -> Slot:
        """Make another slot on the same vault, which carries these names."""
        return Slot(self.slot.folder.with_name("carrying"), vault=self.vault, carry=carry)

    def files(self, slot: Slot | None = None) -> dict[str, bytes]:
        """Return what stands at the slot's path, the .git aside."""
        top = (slot or self.slot).path
        return {
            str(path.relative_to(top)): path.read_bytes()
            for path in top.rglob("*")
            if path.is_file() and path.relative_to(top).parts[0] != ".git"
        }

    def tree_of(self, files: Mapping[str, str | bytes], *, parent: str | None = None) -> str:
        """Return a tree of the vault that is the base's, or another, with these files written."""
        tree = parent or self.base.tree
        for path, text in files.items():
            data = text.encode() if isinstance(text, str) else text
            tree = self.vault.tree_with(tree, path, self.vault.write_blob(data))
        return tree


def build_project(folder: Path) -> Project:
    """Build the project: two commits, two tags, a remote, a stash, and a checkout in disarray."""
    home = folder / "home"
    home.mkdir(parents=True)
    (home / ".gitconfig").write_text(
        "[user]\n\tname = Olive Owner\n\temail = olive@example.invalid\n[init]\n\tdefaultBranch = main\n"
        "[commit]\n\tgpgsign = false\n"
    )
    project = Project(root=folder / "project", remote=folder / "remote.git", home=home)
    project.root.mkdir()
    project.git("init", "--quiet", "--template=", "--initial-branch=main")
    project.git("init", "--quiet", "--template=", "--bare", "--initial-branch=main", str(project.remote))
    project.git("remote", "add", "origin", str(project.remote))
    files = {
        "src/app.py": "def answer():\n    return 42\n",
        "src/deep/er/module.py": "x = 1\n",
        "tests/test_app.py": "def test_answer():\n    assert True\n",
        "README.md": "# A project\n",
        ".gitignore": "*.log\n.env\nbuild/\n.venv/\n",
    }
    project.commit(files, message="first")
    project.git("tag", "v1")
    gate = project.write("gate.sh", "#!/bin/sh\nexit 0\n")
    gate.chmod(0o755)
    project.git("add", "gate.sh")
    project.git("commit", "--quiet", "--message", "gate")
    project.git("tag", "--annotate", "--message", "the second", "v2")
    project.git("push", "--quiet", "origin", "main", "--tags")
    project.git("remote", "set-head", "origin", "main")
    project.write("README.md", "# A project, stashed\n")
    project.git("stash")
    project.write("src/app.py", "staged = True\n")
    project.git("add", "src/app.py")
    project.write("src/app.py", "staged = True\nand_edited = True\n")
    project.write("notes.txt", "untracked\n")
    project.write(".env", "SECRET=1\n")
    project.write(".git/hooks/pre-commit", "#!/bin/sh\nexit 1\n").chmod(0o755)
    project.write(".git/FETCH_HEAD", "nothing of ours\n")
    for repository in (project.root, project.remote):
        project.git("repack", "-adq", cwd=repository)  # fewer files to copy
    return project


def copy_project(built: Project, folder: Path) -> Project:
    """Copy a project with its remote, and point one at the other."""
    shutil.copytree(built.root.parent, folder, symlinks=True)
    copied = Project(root=folder / "project", remote=folder / "remote.git", home=folder / "home")
    config = copied.root / ".git" / "config"
    config.write_text(config.read_text().replace(str(built.remote), str(copied.remote)))
    return copied


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Build the project once."""
    return build_project(tmp_path_factory.mktemp("built") / "a")


@pytest.fixture(scope="session")
def built_vault(built: Project, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Base]:
    """Fetch the project's base into a vault once."""
    folder = tmp_path_factory.mktemp("vault")
    (folder / "empty").mkdir()
    vault = Vault(folder / "vault.git", home=folder / "empty")
    vault.open()
    base = vault.fetch_base(built.owner, built.find_base(), built.environ)
    built.git("repack", "-adq", cwd=vault.folder)
    return vault.folder, base


@pytest.fixture
def project(built: Project, tmp_path: Path) -> Project:
    """Give a copy of the project of one's own."""
    return copy_project(built, tmp_path / "owner")


@pytest.fixture
def vault(tmp_path: Path) -> Vault:
    """Give an empty, open vault."""
    (tmp_path / "empty").mkdir()
    vault = Vault(tmp_path / "vault.git", home=tmp_path / "empty")
    vault.open()
    return vault


@pytest.fixture
def night(built: Project, built_vault: tuple[Path, Base], tmp_path: Path) -> Iterator[Night]:
    """Give a vault that holds the project's base, and a slot."""
    folder, base = built_vault
    (tmp_path / "empty").mkdir(exist_ok=True)
    shutil.copytree(folder, tmp_path / "night.git")
    vault = Vault(tmp_path / "night.git", home=tmp_path / "empty")
    vault.open()
    slot = Slot(tmp_path / "slot", vault=vault)
    yield Night(vault=vault, base=base, slot=slot, built=built, folder=tmp_path)
    slot.close()


@pytest.fixture
def run_in() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run a command line as an agent would, in a folder, whatever comes of it."""

    def run(folder: Path, script: str, **env: str) -> subprocess.CompletedProcess[str]:
        environ = {"PATH": os.environ["PATH"], "HOME": str(folder.parent / "agent-home")} | env
        return subprocess.run(
            ["/bin/sh", "-c", script], cwd=folder, env=environ, capture_output=True, text=True, check=False
        )

    return run
