"""A script file read into a Script, or every complaint about it at once."""

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path, PurePosixPath
from types import MappingProxyType

from nightshift.agent.steps import (
    Attempts,
    Delete,
    Edit,
    Expect,
    Fail,
    Run,
    Say,
    Script,
    Sleep,
    Step,
    Write,
)
from nightshift.errors import AgentError
from nightshift.model import Place
from nightshift.policy.complaints import Code, Complaints, did_you_mean, line_of
from nightshift.policy.document import MAX_BYTES, Entries, Items, Node, Refused, Scalar, nodes_of
from nightshift.policy.words import shown

_TIP = "docs/scripted-agent.md shows every step"
_TOP = ("tasks", "default")


def load_script(path: Path, *, shown_as: str | None = None) -> Script:
    """Read a script file."""
    name = shown_as or str(path)
    try:
        with path.open("rb") as file:
            source = file.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise AgentError(f"the script {name} does not exist", tip="--agent scripted:FILE names it") from error
    except OSError as error:
        raise AgentError(f"the script {name} cannot be read: {error.strerror}", tip=_TIP) from error
    return parse_script(source, path=name)


def parse_script(source: bytes, *, path: str) -> Script:
    """Read a script from its bytes."""
    complaints = Complaints()
    reading = _Reading(complaints)
    root = nodes_of(source, path=path, complaints=complaints)
    script = reading.script(root, path=path)
    found = complaints.sorted()
    if found:
        raise AgentError("\n".join(map(line_of, found)), tip=_TIP)
    return script


class _Reading:
    """Walks the nodes; what is wrong becomes a complaint, and reading goes on."""

    def __init__(self, complaints: Complaints) -> None:
        self._complaints = complaints

    def script(self, root: Node | None, *, path: str) -> Script:
        """Read the whole file."""
        if root is None:
            # An empty file has no node, and neither has one that was complained about already.
            if not self._complaints.sorted():
                self._complain("the script is empty: it needs `tasks`", Place(path=path, line=1, column=1))
            return Script(path=path)
        top = self._keys(root, what="a script", known=_TOP)
        tasks, default = top.get("tasks"), top.get("default")
        if tasks is None and default is None and isinstance(root, Entries):
            self._complain("a script needs `tasks`", root.place)
        return Script(
            path=path,
            tasks=MappingProxyType(self._tasks(tasks) if tasks else {}),
            default=self._task(default) if default else None,
        )

    def _tasks(self, node: Node) -> dict[str, Attempts]:
        return {task_id: self._task(given) for task_id, given in self._keys(node, what="`tasks`").items()}

    def _task(self, node: Node) -> Attempts:
        """Read the attempts of a task; without `attempts` all are alike."""
        if not (isinstance(node, Entries) and any(_text(key) == "attempts" for key, _ in node.pairs)):
            return (self._attempt(node),)
        listed = self._keys(node, what="a task", known=("attempts",)).get("attempts")
        if isinstance(listed, Items) and not listed.items:
            self._complain("`attempts` needs at least one attempt", listed.place)
        return tuple(self._attempt(one) for one in self._items(listed, what="`attempts`"))

    def _attempt(self, node: Node) -> tuple[Step, ...]:
        steps: Node | None = node
        if isinstance(node, Entries):
            steps = self._keys(node, what="an attempt", known=("steps",), needed=("steps",)).get("steps")
        read = (self._step(one) for one in self._items(steps, what="`steps`"))
        return tuple(step for step in read if step is not None)

    def _step(self, node: Node) -> Step | None:
        known = (*_STEPS, "run")
        pairs = list(self._keys(node, what="a step", known=known).items())
        if len(pairs) != 1:
            if not isinstance(node, Refused) and (pairs or _is_empty(node)):
                self._complain(f"a step is one of {', '.join(known)}, not {len(pairs)} of them", node.place)
            return None
        (kind, given), place = pairs[0], node.place
        if kind == "run":
            args = tuple(
                self._word(word, what="a word of `run`") for word in self._items(given, what="`run`")
            )
            if isinstance(given, Items) and not args:
                self._complain("`run` needs a program", given.place)
            return Run(place=place, args=args)
        return _STEPS[kind](self, given, place)

    def write(self, node: Node, place: Place) -> Step:
        """Read `write: {path, text}`."""
        given = self._keys(node, what="`write`", known=("path", "text"), needed=("path", "text"))
        return Write(place=place, path=self._path(given.get("path")), text=self._word(given.get("text")))

    def edit(self, node: Node, place: Place) -> Step:
        """Read `edit: {path, old, new}`."""
        names = ("path", "old", "new")
        given = self._keys(node, what="`edit`", known=names, needed=names)
        old = self._word(given.get("old"), filled=True, what="`old`")
        return Edit(
            place=place, path=self._path(given.get("path")), old=old, new=self._word(given.get("new"))
        )

    def delete(self, node: Node, place: Place) -> Step:
        """Read `delete: path`."""
        return Delete(place=place, path=self._path(node))

    def say(self, node: Node, place: Place) -> Step:
        """Read `say: text`."""
        return Say(place=place, text=self._word(node))

    def fail(self, node: Node, place: Place) -> Step:
        """Read `fail: reason`."""
        return Fail(place=place, reason=self._word(node, filled=True, what="`fail`"))

    def sleep(self, node: Node, place: Place) -> Step:
        """Read `sleep: seconds`."""
        try:
            seconds = float(self._word(node, what="`sleep`"))
        except ValueError:
            seconds = math.nan
        if isinstance(node, Scalar) and not (math.isfinite(seconds) and seconds >= 0):
            self._complain("`sleep` takes seconds, such as 0.5", node.place)
        return Sleep(place=place, seconds=seconds)

    def expect(self, node: Node, place: Place) -> Step:
        """Read `expect: text`."""
        return Expect(place=place, text=self._word(node, filled=True, what="`expect`"))

    def _keys(
        self, node: Node, *, what: str, known: Iterable[str] | None = None, needed: tuple[str, ...] = ()
    ) -> Mapping[str, Node]:
        """Read a mapping; unknown, repeated and missing keys are complaints."""
        found: dict[str, Node] = {}
        if isinstance(node, Refused):
            return found
        if not isinstance(node, Entries):
            self._complain(f"{what} holds keys, not {_kind(node)}", node.place)
            return found
        for key, value in node.pairs:
            name = self._word(key, what=f"a key of {what}")
            if name in found:
                self._complain(f"`{shown(name)}` stands twice", key.place)
            elif known is not None and name and name not in known:
                hint = did_you_mean(name, known)
                self._complain(f"unknown key `{shown(name)}` in {what}", key.place, hint=hint)
            else:
                found[name] = value
        for name in needed:
            if name not in found:
                self._complain(f"{what} needs `{name}`", node.place)
        return found

    def _items(self, node: Node | None, *, what: str) -> tuple[Node, ...]:
        if isinstance(node, Items):
            return node.items
        if isinstance(node, Scalar | Entries):
            hint = "such as [pytest, -q]" if what == "`run`" else ""
            self._complain(f"{what} takes a list, not {_kind(node)}", node.place, hint=hint)
        return ()

    def _word(self, node: Node | None, *, what: str = "this", filled: bool = False) -> str:
        """Read a text as written; YAML's own types mean nothing here."""
        if isinstance(node, Items | Entries):
            self._complain(f"{what} takes a text, not {_kind(node)}", node.place)
        if not isinstance(node, Scalar):
            return ""
        if filled and not node.text:
            self._complain(f"{what} needs a text", node.place)
        if "\0" in node.text:
            self._complain(f"{what} holds a NUL", node.place)
        return node.text

    def _path(self, node: Node | None) -> str:
        text = self._word(node, what="a path")
        parts = PurePosixPath(text).parts
        if isinstance(node, Scalar) and (not parts or text.startswith("/") or ".." in parts):
            self._complain(f"`{shown(text)}` is no path inside the folder, such as src/app.py", node.place)
        return text

    def _complain(self, message: str, place: Place, *, hint: str = "") -> None:
        self._complaints.add(Code.STRUCTURE, message, place, hint=hint)


_STEPS: Mapping[str, Callable[[_Reading, Node, Place], Step]] = {
    "write": _Reading.write,
    "edit": _Reading.edit,
    "delete": _Reading.delete,
    "say": _Reading.say,
    "fail": _Reading.fail,
    "sleep": _Reading.sleep,
    "expect": _Reading.expect,
}


def _text(node: Node) -> str | None:
    return node.text if isinstance(node, Scalar) else None


def _is_empty(node: Node) -> bool:
    return isinstance(node, Entries) and not node.pairs


def _kind(node: Node) -> str:
    return {Items: "a list", Entries: "a mapping", Scalar: "a single value"}.get(type(node), "this")
