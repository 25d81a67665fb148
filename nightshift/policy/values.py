"""One value of a policy: from a node as written to the type its key asks for."""

import re

from nightshift.policy.complaints import Code, Complaints, did_you_mean
from nightshift.policy.document import Entries, Items, Node, Refused, Scalar
from nightshift.policy.table import Key, Kind
from nightshift.policy.words import shown

_NULL = re.compile(r"null|Null|NULL|~|")
_BOOLEAN = re.compile(r"true|True|TRUE|false|False|FALSE")
_INTEGER = re.compile(r"[-+]?[0-9]+")
_NUMBER = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_ODD_NUMBER = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)")
_SPOKEN = {"yes": "true", "on": "true", "true": "true", "no": "false", "off": "false", "false": "false"}
_LONGEST_NUMBER = 20

Value = str | int | float | bool | None | tuple[str, ...]


class _WrongError(Exception):
    """A value that its key does not take."""

    def __init__(self, code: Code, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.hint = hint


def is_null(node: Node) -> bool:
    """Tell whether a node says nothing: `null`, `~` or no text at all."""
    return isinstance(node, Scalar) and node.plain and _NULL.fullmatch(node.text) is not None


def value_of(key: Key, node: Node, complaints: Complaints) -> tuple[Value] | None:
    """Return the value in a tuple of one, None after a complaint."""
    if isinstance(node, Refused):
        return None
    try:
        if key.many:
            return _listed(key, node, complaints)
        return (None,) if key.nullable and is_null(node) else (_single(key, node),)
    except _WrongError as wrong:
        _complain(key.name, wrong, node, complaints)
        return None


def _complain(name: str, wrong: _WrongError, node: Node, complaints: Complaints) -> None:
    complaints.add(wrong.code, f"`{name}` {wrong.message}", node.place, hint=wrong.hint)


def _listed(key: Key, node: Node, complaints: Complaints) -> tuple[Value] | None:
    if not isinstance(node, Items):
        hint = f"write [{shown(node.text)}]" if isinstance(node, Scalar) and not is_null(node) else "write []"
        raise _WrongError(Code.TYPE, f"must be a list, not {_described(node)}", hint)
    if key.filled and not node.items:
        raise _WrongError(Code.RANGE, "must not be empty")
    items = [_item(key, item, complaints, index) for index, item in enumerate(node.items)]
    kept = tuple(item for item in items if item is not None)
    return (kept,) if len(kept) == len(items) else None


def _item(key: Key, node: Node, complaints: Complaints, index: int) -> str | None:
    if isinstance(node, Refused):
        return None
    try:
        return _text(key, node)
    except _WrongError as wrong:
        _complain(f"{key.name}[{index}]", wrong, node, complaints)
        return None


def _single(key: Key, node: Node) -> Value:
    if key.kind is Kind.BOOLEAN:
        return _boolean(node)
    return _text(key, node) if key.kind is Kind.TEXT else _number(key, node)


def _text(key: Key, node: Node) -> str:
    if not isinstance(node, Scalar) or _described(node) not in {"text", "empty text"}:
        hint = f'write "{shown(node.text)}" in quotes' if isinstance(node, Scalar) and node.text else ""
        raise _WrongError(Code.TYPE, f"must be text, not {_described(node)}", hint)
    if key.choices:
        return _choice(key, node.text)
    complaint = key.check(node.text)
    if complaint:
        raise _WrongError(Code.TEXT, f"cannot be `{shown(node.text)}`: {complaint}")
    return node.text


def _choice(key: Key, text: str) -> str:
    if text in key.choices:
        return text
    wanted = "must be " + " or ".join(f"`{choice}`" for choice in key.choices)
    if text in key.later:
        raise _WrongError(Code.LATER, f"`{text}` is not in this version: it {wanted}")
    raise _WrongError(Code.CHOICE, f"{wanted}, not `{shown(text)}`", did_you_mean(text, key.choices))


def _boolean(node: Node) -> bool:
    if isinstance(node, Scalar) and node.plain and node.text in {"true", "false"}:
        return node.text == "true"
    spoken = _SPOKEN.get(node.text.casefold()) if isinstance(node, Scalar) else None
    hint = f"write {spoken} without quotes" if spoken else ""
    said = f"`{shown(node.text)}`" if isinstance(node, Scalar) and node.text else _described(node)
    raise _WrongError(Code.TYPE, f"must be `true` or `false`, not {said}", hint)


def _number(key: Key, node: Node) -> int | float:
    shape = _INTEGER if key.kind is Kind.INTEGER else _NUMBER
    wanted = "a whole number" if key.kind is Kind.INTEGER else "a number"
    if not (isinstance(node, Scalar) and node.plain and shape.fullmatch(node.text)):
        raise _WrongError(Code.TYPE, f"must be {wanted}, not {_described(node)}")
    too_long = len(node.text) > _LONGEST_NUMBER
    number = float(node.text) if too_long or key.kind is Kind.NUMBER else int(node.text)
    low = (key.least is not None and number < key.least) or (key.above is not None and number <= key.above)
    if low or too_long or (key.most is not None and number > key.most):
        raise _WrongError(Code.RANGE, f"must be {_range(key)}, not {shown(node.text, limit=_LONGEST_NUMBER)}")
    return number


def _range(key: Key) -> str:
    start = f"more than {key.above:g}" if key.above is not None else f"at least {key.least:g}"
    return f"{start} and at most {key.most:.0f}"


def _described(node: Node) -> str:
    """Say in words what a node is, as YAML 1.2 reads it."""
    if not isinstance(node, Scalar):
        return "a mapping" if isinstance(node, Entries) else "a list"
    if not node.plain:
        return "text" if node.text else "empty text"
    named = (
        (_NULL, "nothing"),
        (_BOOLEAN, "a boolean"),
        (_INTEGER, "a number"),
        (_NUMBER, "a number"),
        (_ODD_NUMBER, "a number"),
    )
    return next((name for shape, name in named if shape.fullmatch(node.text)), "text")
