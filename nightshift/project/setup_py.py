"""What a setup.py says, read from its text: it is never run."""

import ast
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Reader:
    """Evaluates what is plainly written; anything computed is left out."""

    names: dict[str, object] = field(default_factory=dict)

    def value(self, node: ast.expr) -> object:
        """Return the value of a constant, list, dict, sum or known name, else None."""
        found: object = None
        match node:
            case ast.Constant():
                found = node.value
            case ast.List() | ast.Tuple():
                found = self._items(node.elts)
            case ast.Dict():
                found = self._dict(node)
            case ast.Name():
                found = self.names.get(node.id)
            case ast.Subscript():
                found = self._subscript(node)
            case ast.BinOp(op=ast.Add()):
                found = _sum(self.value(node.left), self.value(node.right))
            case ast.Call(func=ast.Name(id="dict")):
                found = {word.arg: self.value(word.value) for word in node.keywords if word.arg}
        return found

    def _items(self, nodes: list[ast.expr]) -> list[object]:
        return [
            item
            for node in nodes
            for item in (
                _list(self.value(node.value)) if isinstance(node, ast.Starred) else [self.value(node)]
            )
        ]

    def _dict(self, node: ast.Dict) -> dict[str, object]:
        pairs = zip(node.keys, node.values, strict=True)
        return {str(self.value(key)): self.value(value) for key, value in pairs if key is not None}

    def _subscript(self, node: ast.Subscript) -> object:
        holder, key = self.value(node.value), self.value(node.slice)
        return holder.get(str(key)) if isinstance(holder, Mapping) else None

    def learn(self, statement: ast.stmt) -> None:
        """Remember what a top-level assignment gives a name, or an item of one."""
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return
        target, value = statement.targets[0], self.value(statement.value)
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name):
            holder = self.names.get(target.value.id)
            if isinstance(holder, dict):
                holder[str(self.value(target.slice))] = value


def _sum(left: object, right: object) -> object:
    if isinstance(left, str) and isinstance(right, str):
        return left + right
    return [*_list(left), *_list(right)]


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def setup_arguments(source: str) -> dict[str, object]:
    """Return the keyword arguments of `setup(...)` as far as they are plainly written."""
    module = parsed(source)
    reader = _Reader()
    for statement in module.body:
        reader.learn(statement)
    calls = [node for node in ast.walk(module) if isinstance(node, ast.Call) and _is_setup(node.func)]
    return {word.arg: reader.value(word.value) for call in calls for word in call.keywords if word.arg}


def _is_setup(function: ast.expr) -> bool:
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name == "setup"


def parsed(source: str) -> ast.Module:
    """Parse Python; an empty module when it cannot be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return ast.Module(body=[], type_ignores=[])
