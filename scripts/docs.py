#!/usr/bin/env python3
"""Write the generated pages of docs/ and the demo's transcript in the README; `--check` only compares.

scripts/docs.py            writes docs/commands.md, docs/policy.md and the transcript
scripts/docs.py --check    exit 1 and the names of those that are out of date
"""

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
WIDTH = "96"
README = ROOT / "README.md"
BEGIN, END = "<!-- demo -->", "<!-- /demo -->"
MASKS = (
    (r"\d{8}-\d{6}-[0-9a-f]{4}", "RUN"),
    (r"\d{4}-\d\d-\d\dT[\d:]+(?:\+00:00|Z)", "TIME"),
    (r"\b(?:\d+ h )?(?:\d+ min )?\d+(?:\.\d+)? s\b", "SECONDS"),
    (r"\b[0-9a-f]{10,64}\b", "HASH"),
)


def commands_page() -> str:
    """Return every command's help, as the program prints it."""
    os.environ |= {"COLUMNS": WIDTH, "TERMINAL_WIDTH": WIDTH, "NO_COLOR": "1", "TERM": "dumb"}
    from typer.testing import CliRunner

    from nightshift.cli import app

    names = [command.name for command in app.registered_commands]
    parts = ["# Commands\n\nGenerated from the program's own help by `scripts/docs.py`.\n"]
    for name in (None, *names):
        title = f"nightshift {name}" if name else "nightshift"
        help_text = (
            CliRunner().invoke(app, [name, "--help"] if name else ["--help"], prog_name="nightshift").stdout
        )
        body = "\n".join(line.rstrip() for line in help_text.strip().splitlines())
        parts.append(
            f"## {title}\n\n```text\n{re.sub(r'(?m)^Usage: root', 'Usage: nightshift', body)}\n```\n"
        )
    return "\n".join(parts)


def policy_page() -> str:
    """Return every key of the policy, from the loader's own table."""
    from nightshift.policy.table import KEYS

    lines = [
        "# The policy",
        "",
        "`constraints.yaml` at the repository's root; every key may be left out. `constraints.example.yaml`",
        "holds every key with its default. Generated from the loader's own table by `scripts/docs.py`.",
        "",
        "| key | default | what it does |",
        "|---|---|---|",
    ]
    for key in KEYS:
        items = key.default if isinstance(key.default, tuple) else (key.default,)
        default = "; ".join(f"`{item if isinstance(item, str) else json.dumps(item)}`" for item in items)
        lines.append(f"| `{key.name}` | {default or 'empty'} | {key.line} |")
    return "\n".join(lines) + "\n"


def readme() -> str:
    """Return the README with what the demo prints now, unless only what differs each night differs."""
    text = README.read_text()
    before, _, rest = text.partition(BEGIN)
    old, _, after = rest.partition(END)
    new = f"\n~~~~text\n$ nightshift demo demo\n{demo_output()}\n~~~~\n"
    return text if masked(old) == masked(new) else f"{before}{BEGIN}{new}{END}{after}"


def demo_output() -> str:
    """Return what `nightshift demo demo` prints, from an empty folder and an empty home."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        done = subprocess.run(
            [sys.executable, "-m", "nightshift", "demo", "demo"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=300,
            check=True,
        )
    return done.stdout.strip()


def masked(text: str) -> str:
    """Blank what is another in every night: run ids, times and hashes."""
    for pattern, blank in MASKS:
        text = re.sub(pattern, blank, text)
    return text


def main() -> int:
    """Write or compare the pages."""
    pages = {
        ROOT / "docs/commands.md": commands_page(),
        ROOT / "docs/policy.md": policy_page(),
        README: readme(),
    }
    stale = [path for path, text in pages.items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        for path in stale:
            sys.stderr.write(f"{path.relative_to(ROOT)} is out of date: scripts/docs.py writes it\n")
        return 1 if stale else 0
    for path in stale:
        path.write_text(pages[path])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
