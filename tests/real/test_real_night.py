"""One night and the next with the real claude, the real gh and a real push, started as cron starts them."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Timer

import pytest

from tests.real.desk import Desk
from tests.real.fake_anthropic import FakeAnthropic, Script, Turn
from tests.real.fake_github import FakeGitHub

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 60
GREETINGS = {"task_1": ("english", "Hello"), "task_2": ("french", "Bonjour")}

PLAN = """# Project plan

### Ready for Autonomous Execution
"""
TASK = """
→ **[{id}]** Greet in {language}
  - Alignment score: 95/100
  - Estimated lines: 5
  - Tests defined: Yes (tests/test_{language}.py)
  - Status: READY
"""
POLICY = """version: 1
change:
  allowed_paths: ["src/**", "tests/**"]
agent:
  command: [{claude}]
  sandbox: none
delivery:
  labels: [nightshift]
"""
GATE = """#!/bin/sh
set -eu
git ls-files --error-unmatch src/greet/__init__.py >/dev/null
PYTHONPATH=src exec {python} -m unittest discover -q -s tests
"""
MODULE = '"""Greets in {language}."""\n\nGREETING = "{word}"\n'
TEST = (
    "import unittest\n\nfrom greet.{language} import GREETING\n\n\nclass TestGreeting(unittest.TestCase):\n"
    '    def test_greeting(self) -> None:\n        self.assertEqual(GREETING, "{word}")\n'
)


def script(task: str) -> Script:
    """Let the model write a test and a module, try them, and say that it is done."""
    language, word = GREETINGS[task]
    module, test = (text.format(language=language, word=word) for text in (MODULE, TEST))
    return Script(
        match=rf"\*\*\[{task}\]\*\*",
        turns=(
            Turn(
                text="First the test.",
                uses=(("Write", {"file_path": f"{{cwd}}/tests/test_{language}.py", "content": test}),),
            ),
            Turn(uses=(("Write", {"file_path": f"{{cwd}}/src/greet/{language}.py", "content": module}),)),
            Turn(uses=(("Bash", {"command": "git status --short", "description": "Look at what changed"}),)),
            Turn(text=f"{task} is done."),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What one start of nightshift came to."""

    exit_code: int
    words: str
    report: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bedroom:
    """The owner's project with its servers, ready for cron."""

    desk: Desk
    api: FakeAnthropic
    github: FakeGitHub
    path: str

    def cron(self) -> dict[str, str]:
        """Return cron's four variables and those of the environment file; nothing else."""
        given = {"HOME": str(self.desk.home), "LOGNAME": "olive", "SHELL": "/bin/sh", "PATH": self.path}
        file = {
            "ANTHROPIC_API_KEY": "sk-ant-dummy",
            "ANTHROPIC_BASE_URL": self.api.url,
            "NO_PROXY": "127.0.0.1",
            **self.github.environment(),
        }
        # The tree under test is the one beside this file, whether or not it is installed.
        return {**given, **file, "PYTHONPATH": str(ROOT)}

    def start(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Start nightshift as cron does, in the owner's home and with no terminal."""
        command = [sys.executable, "-m", "nightshift", "-C", str(self.desk.repository), *words]
        with subprocess.Popen(
            command,
            cwd=self.desk.home,
            env=self.cron(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as child:
            # Asked to end, a night that takes too long takes its claude along; killed, it could not.
            timer = Timer(LIMIT_SECONDS, child.terminate)
            timer.start()
            shown, said = child.communicate()
            timer.cancel()
        return subprocess.CompletedProcess(command, child.returncode, shown, said)

    def night(self) -> Night:
        """Run a night and read its report."""
        done = self.start("run", "--json")
        assert done.stdout.startswith("{"), done.stderr
        return Night(exit_code=done.returncode, words=done.stderr, report=json.loads(done.stdout))

    def fingerprint(self) -> dict[str, str]:
        """Digest all of the owner's repository but objects and our own branches; refs are read one by one."""
        folder = self.desk.repository
        refs = self.desk.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
        files = [path for path in folder.rglob("*") if path.is_file() and not _ours(path.relative_to(folder))]
        digests = {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}
        return digests | {line: "ref" for line in refs if "refs/heads/nightshift/" not in line}


def _ours(path: Path) -> bool:
    folder = path.as_posix()
    ours = ("objects/", "refs/heads/nightshift/", "refs/nightshift/", "logs/refs/heads/nightshift/")
    return folder.startswith(tuple(f".git/{name}" for name in ours))


@pytest.fixture
def bedroom(desk: Desk, github: FakeGitHub, claude: str, gh: str) -> Iterator[Bedroom]:
    """Give the owner a project with two READY tasks, pushed, and an unsaved note."""
    files = {
        "PROJECT_PLAN.md": PLAN
        + "".join(TASK.format(id=task, language=GREETINGS[task][0]) for task in GREETINGS),
        "constraints.yaml": POLICY.format(claude=json.dumps(claude)),
        ".ai-validation/check_quality.sh": GATE.format(python=sys.executable),
        "src/greet/__init__.py": '"""Greets."""\n',
        "tests/test_greet.py": "import unittest\n\nimport greet\n\n\nclass TestGreet(unittest.TestCase):\n"
        "    def test_doc(self) -> None:\n        self.assertTrue(greet.__doc__)\n",
    }
    for name, text in files.items():
        path = desk.repository / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (desk.repository / ".ai-validation/check_quality.sh").chmod(0o755)
    desk.git("add", "-A")
    desk.git("commit", "-q", "-m", "Plan two tasks")
    desk.git("push", "-q", "origin", "main")
    (desk.repository / "note.txt").write_text("not committed\n")
    folders = dict.fromkeys([str(Path(gh).parent), "/usr/bin", "/bin"])
    with FakeAnthropic(tuple(script(task) for task in GREETINGS)) as api:
        yield Bedroom(desk=desk, api=api, github=github, path=":".join(folders))


@pytest.mark.row("S3.83", "S3.49", "S3.71", "S3.80", "promise 1", "promise 4", "promise 7")
def test_two_tasks_become_one_draft_pull_request_and_the_next_night_repeats_nothing(bedroom: Bedroom) -> None:
    desk, github = bedroom.desk, bedroom.github
    before = bedroom.fingerprint()

    first = bedroom.night()

    assert first.exit_code == 0, first.words
    [pull] = github.opened
    assert (pull.base, pull.draft, pull.labels, pull.state) == ("main", True, ("nightshift",), "OPEN")
    assert pull.head.startswith("nightshift/")
    assert pull.head.endswith("/_session")
    assert all(task in pull.body for task in GREETINGS)
    listing = desk.git("ls-tree", "-r", "--name-only", pull.commit).splitlines()
    assert {"src/greet/english.py", "src/greet/french.py", "tests/test_french.py"} <= set(listing)
    assert desk.git("show", f"{pull.commit}:PROJECT_PLAN.md").count("Status: DONE") == len(GREETINGS)
    landed = desk.git(
        "log", "--format=%(trailers:key=Nightshift-Task,valueonly,separator=%x2c)", "main.." + pull.commit
    )
    assert [line for line in reversed(landed.splitlines()) if line] == list(GREETINGS)
    assert bedroom.fingerprint() == before
    assert {asked.key for asked in bedroom.api.asked} == {"sk-ant-dummy"}
    assert github.refused == []

    asked, pushed = len(bedroom.api.asked), github.operations.count("git git-receive-pack")
    second = bedroom.night()

    assert second.exit_code == 0, second.words
    assert (len(bedroom.api.asked), len(github.opened)) == (asked, 1)
    assert github.operations.count("git git-receive-pack") == pushed
    assert pull.head.rpartition("/")[0] in json.dumps(second.report)
    assert bedroom.fingerprint() == before


@pytest.mark.row("S3.71", "S3.73")
def test_what_github_refused_at_night_is_delivered_once_in_the_morning(bedroom: Bedroom) -> None:
    github = bedroom.github
    github.refuse["PullRequestCreate"] = "Something went wrong"

    night = bedroom.night()
    refused = list(github.opened)
    github.refuse.clear()
    morning = bedroom.start("deliver", str(night.report["run"]))
    again = bedroom.start("deliver", str(night.report["run"]))

    assert (night.exit_code, refused) == (8, []), night.words
    assert f"nightshift deliver {night.report['run']}" in json.dumps(night.report)
    assert (morning.returncode, again.returncode) == (0, 0), morning.stderr + again.stderr
    assert [pull.head for pull in github.opened] == [f"nightshift/{night.report['run']}/_session"]
    assert github.opened[0].url in morning.stdout
