"""As much of GraphQL as gh speaks: what a document is called, and which fields of an answer it asks for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|\.\.\.|[A-Za-z_]\w*|[{}():@]|[^\s\w,]')
OPERATION = re.compile(r"\s*(?:query|mutation)\s+(\w+)")


@dataclass(slots=True)
class Selection:
    """The fields between two braces, each with what is asked of it, and the fragments spread among them."""

    fields: "list[tuple[str, Selection | None]]" = field(default_factory=list)
    spreads: "list[str | Selection]" = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A query or mutation: its name, what it selects, and its named fragments."""

    name: str
    roots: tuple[Selection, ...]
    fragments: Mapping[str, Selection]

    def prune(self, answer: Mapping[str, Any]) -> dict[str, Any]:
        """Keep what was asked for: gh's typed queries take no other field."""
        pruned: dict[str, Any] = {}
        for root in self.roots:
            pruned |= self._pruned(answer, root)
        return pruned

    def _pruned(self, value: Any, asked: Selection | None) -> Any:
        if asked is None or value is None:
            return value
        if isinstance(value, list):
            return [self._pruned(one, asked) for one in value]
        kept: dict[str, Any] = {}
        for name, inner in self._fields(asked):
            found = self._pruned(value.get(name), inner)
            both = isinstance(found, dict) and isinstance(kept.get(name), dict)
            kept[name] = kept[name] | found if both else found
        return kept

    def _fields(self, asked: Selection) -> "Iterator[tuple[str, Selection | None]]":
        yield from asked.fields
        for spread in asked.spreads:
            yield from self._fields(self.fragments[spread] if isinstance(spread, str) else spread)


def read(text: str) -> Document:
    """Read a document."""
    reader = _Reader(tokens=TOKEN.findall(text))
    roots, fragments = reader.definitions()
    found = OPERATION.match(text)
    return Document(name=found[1] if found else "", roots=tuple(roots), fragments=fragments)


@dataclass(slots=True)
class _Reader:
    tokens: list[str]
    at: int = 0

    def definitions(self) -> tuple[list[Selection], dict[str, Selection]]:
        roots: list[Selection] = []
        fragments: dict[str, Selection] = {}
        while self.at < len(self.tokens):
            token = self._next()
            if token == "fragment":
                name = self._next()
                self.at += 3
                fragments[name] = self._selection()
            elif token == "(":
                self._close()
            elif token == "{":
                roots.append(self._selection())
        return roots, fragments

    def _selection(self) -> Selection:
        """Read up to the brace that closes the one just read."""
        selection = Selection()
        while (token := self._next()) != "}":
            if token == "...":
                selection.spreads.append(self._spread())
            else:
                selection.fields.append((token, self._field()))
        return selection

    def _spread(self) -> "str | Selection":
        name = self._next()
        if name != "on":
            return name
        self.at += 2
        return self._selection()

    def _field(self) -> Selection | None:
        """Read what follows a field's name: an alias's target, arguments, directives, and a selection."""
        if self._take(":"):
            self.at += 1
        if self._take("("):
            self._close()
        while self._take("@"):
            self.at += 1
            if self._take("("):
                self._close()
        return self._selection() if self._take("{") else None

    def _close(self) -> None:
        """Skip to the round bracket that closes the one just read."""
        depth = 1
        while depth:
            depth += {"(": 1, ")": -1}.get(self._next(), 0)

    def _next(self) -> str:
        self.at += 1
        return self.tokens[self.at - 1]

    def _take(self, token: str) -> bool:
        if self.tokens[self.at] != token:
            return False
        self.at += 1
        return True
