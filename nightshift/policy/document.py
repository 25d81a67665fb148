"""YAML read into plain nodes with places; nothing is constructed, and what YAML does by magic is refused."""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nightshift.model import Place
from nightshift.policy.complaints import Code, Complaints
from nightshift.policy.words import shown

if TYPE_CHECKING:
    import yaml

MAX_BYTES = 1_000_000
_MAX_DEPTH = 20
_NO_YAML = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scalar:
    """A word as written; `plain` means without quotes."""

    place: Place
    text: str
    plain: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Items:
    """A list."""

    place: Place
    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """A mapping as its pairs, duplicates included."""

    place: Place
    pairs: tuple[tuple["Node", "Node"], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """What stands where something was refused, so that nobody complains twice."""

    place: Place


Node = Scalar | Items | Entries | Refused


def nodes_of(source: bytes, *, path: str, complaints: Complaints) -> Node | None:
    """Return the root node, None where there is none; what is wrong is added to the complaints."""
    text = _decoded(source, path=path, complaints=complaints)
    return None if text is None else _Reader(path, complaints).read(text)


def _decoded(source: bytes, *, path: str, complaints: Complaints) -> str | None:
    start = Place(path=path, line=1, column=1)
    if len(source) > MAX_BYTES:
        complaints.add(Code.UNREADABLE, f"larger than {MAX_BYTES} bytes", start)
        return None
    try:
        text = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = _place(path, source[: error.start].decode("utf-8", "replace"))
        complaints.add(Code.UNREADABLE, f"not UTF-8: byte {error.start} cannot be read", place)
        return None
    odd = _NO_YAML.search(text)
    if odd is not None:
        message = f"not YAML: the character {shown(odd[0])} is not allowed"
        complaints.add(Code.NO_YAML, message, _place(path, text[: odd.start()]))
        return None
    return text


def _place(path: str, before: str) -> Place:
    return Place(path=path, line=before.count("\n") + 1, column=len(before) - before.rfind("\n"))


class _Reader:
    """Builds nodes from YAML events; the stack is ours, so that no depth can break Python's."""

    def __init__(self, path: str, complaints: Complaints) -> None:
        self._path = path
        self._complaints = complaints
        self._open: list[tuple[Place, list[Node]]] = [(Place(path=path), [])]

    def read(self, text: str) -> Node | None:
        """Return the root node of a text; None when it is empty or broken."""
        import yaml

        try:
            for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
                place = self._at(event.start_mark)
                if not self._is_bearable(event, place):
                    return None
                self._take(event, place)
        except yaml.MarkedYAMLError as error:
            message = f"not YAML: {error.problem}"
            self._complaints.add(Code.NO_YAML, message, self._at(error.problem_mark))
            return None
        roots = self._open[0][1]
        return roots[0] if roots else None

    def _is_bearable(self, event: "yaml.Event", place: Place) -> bool:
        import yaml

        if isinstance(event, yaml.DocumentStartEvent) and self._open[0][1]:
            message = "a second document begins here; one is allowed"
        elif len(self._open) > _MAX_DEPTH:
            message = f"nested more than {_MAX_DEPTH} deep"
        else:
            return True
        self._complaints.add(Code.STRUCTURE, message, place)
        return False

    def _take(self, event: "yaml.Event", place: Place) -> None:
        import yaml

        if isinstance(event, yaml.CollectionEndEvent):
            self._close(is_list=isinstance(event, yaml.SequenceEndEvent))
        elif isinstance(event, yaml.NodeEvent):
            magic = self._refuses(event, place)
            if isinstance(event, yaml.CollectionStartEvent):
                self._open.append((place, []))
            elif magic or not isinstance(event, yaml.ScalarEvent):
                self._add(Refused(place=place))
            else:
                self._add(Scalar(place=place, text=event.value, plain=not event.style))

    def _refuses(self, event: "yaml.NodeEvent", place: Place) -> bool:
        """Complain about an alias, an anchor or a tag: what a policy says stands where it is read."""
        import yaml

        tag = getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            message = f"the alias `*{shown(str(event.anchor))}` is not allowed: write the value itself"
        elif event.anchor is not None:
            message = f"the anchor `&{shown(event.anchor)}` is not allowed: take it out"
        elif tag is not None:
            message = f"the tag `{shown(tag)}` is not allowed: take it out"
        else:
            return False
        self._complaints.add(Code.MAGIC, message, place)
        return True

    def _close(self, *, is_list: bool) -> None:
        place, nodes = self._open.pop()
        pairs = tuple(zip(nodes[::2], nodes[1::2], strict=False))
        self._add(Items(place=place, items=tuple(nodes)) if is_list else Entries(place=place, pairs=pairs))

    def _add(self, node: Node) -> None:
        self._open[-1][1].append(node)

    def _at(self, mark: "yaml.error.Mark | yaml._yaml.Mark | None") -> Place:
        return Place(
            path=self._path,
            line=mark.line + 1 if mark else None,
            column=mark.column + 1 if mark else None,
        )
