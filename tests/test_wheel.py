"""What a user installs: the wheel holds the command and its templates, and needs nothing of the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

ROOT = Path(__file__).parents[1]
BESIDE = ("constraints.example.yaml", "cron.example")
DRAFTS = {"__pycache__"}

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """A Python of its own with the wheel in it."""

    wheel: Path
    bin: Path

    def run(self, program: str, *words: str, home: Path) -> subprocess.CompletedProcess[str]:
        """Run one of its programs, knowing nothing of this machine but where git is."""
        environment = {"PATH": f"{self.bin}:{os.environ['PATH']}", "HOME": str(home), "LANG": "C.UTF-8"}
        return subprocess.run(
            [self.bin / program, *words],
            check=False,
            cwd=home,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
        )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel and install it beside the libraries of the running Python, without a network."""
    folder = tmp_path_factory.mktemp("wheel")
    _python("-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT), home=folder)
    wheel = next(folder.glob("*.whl"))
    fresh = folder / "venv"
    venv.create(fresh, symlinks=True)
    python = fresh / "bin" / "python"
    offline = ("install", "--no-deps", "--no-index", "--quiet")
    _python("-m", "pip", "--python", str(python), *offline, str(wheel), home=folder)
    _lend_libraries(fresh)
    return Installed(wheel=wheel, bin=fresh / "bin")


def _python(*words: str, home: Path) -> None:
    command = [sys.executable, *words]
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    done = subprocess.run(command, check=False, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def _lend_libraries(fresh: Path) -> None:
    """Let it import our libraries after its own; an editable install of ours is not followed."""
    ours = sysconfig.get_path("purelib", scheme="venv", vars={"base": str(fresh), "platbase": str(fresh)})
    theirs = dict.fromkeys(sysconfig.get_path(kind) for kind in ("purelib", "platlib"))
    (Path(ours) / "lent.pth").write_text("\n".join(theirs) + "\n")


def test_the_wheel_holds_the_package_the_templates_and_the_licence_and_no_tests(installed: Installed) -> None:
    names = set(ZipFile(installed.wheel).namelist())
    templates = {
        f"nightshift/templates/{path.relative_to(ROOT / 'templates').as_posix()}"
        for path in (ROOT / "templates").rglob("*")
        if path.is_file() and not DRAFTS & set(path.parts)
    }
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "nightshift").rglob("*.py")}
    beside = {f"nightshift/templates/{name}" for name in BESIDE}
    assert templates
    assert (templates | modules | beside | {"nightshift/py.typed"}) - names == set()
    assert [name for name in names if name.startswith("tests/") or "__pycache__" in name] == []
    assert any(name.endswith("/licenses/LICENSE") for name in names)


def test_the_command_says_its_version(installed: Installed, tmp_path: Path) -> None:
    done = installed.run("nightshift", "--version", home=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("nightshift ")


@pytest.mark.row("S3.12", "S3.17")
def test_init_writes_the_templates_that_came_with_the_wheel(installed: Installed, tmp_path: Path) -> None:
    project = tmp_path / "project"
    (project / "src" / "shop").mkdir(parents=True)
    (project / "src" / "shop" / "__init__.py").write_text('"""A shop."""\n')
    (tmp_path / ".gitconfig").write_text("[user]\n\tname = Olive\n\temail = olive@example.invalid\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "start"]):
        subprocess.run(
            ["git", "-C", str(project), *words], check=True, env={**os.environ, "HOME": str(tmp_path)}
        )

    where = installed.run("python", "-c", "import nightshift; print(nightshift.__file__)", home=tmp_path)
    done = installed.run("nightshift", "-C", str(project), "init", home=tmp_path)

    assert Path(where.stdout.strip()).is_relative_to(installed.bin.parent)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    for name in ("PROJECT_PLAN.md", "constraints.yaml", ".ai-validation/check_quality.sh"):
        assert (project / name).is_file(), name
    assert os.access(project / ".ai-validation" / "check_quality.sh", os.X_OK)
    checked = installed.run("nightshift", "-C", str(project), "validate", home=tmp_path)
    assert checked.returncode == 0, checked.stdout + checked.stderr
