"""Calls from a parsed Python text, with calls inside calls and assigned names as references.

Script(ast.parse("a = g(y=1)\\nf(x=a.id)"), {}).calls
# [Call("g", {"y": 1}, "a"), Call("f", {"x": Reference("a", ("id",))})]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from keyword import iskeyword
from typing import Any
from unicodedata import is_normalized

from rlcall.calls import Call, Reference, decode
from rlcall.wire.reading.literals import JSON_WORDS, value_of
from rlcall.wire.reading.parsed import MAX_CALLS, Unreadable

_BY_POSITION = re.compile(r"var\d+")


def is_name(text: str) -> bool:
    """Return whether Python reads the text as one name, and as no other than itself."""
    return text.isidentifier() and not iskeyword(text) and is_normalized("NFKC", text)


def is_label(text: str) -> bool:
    """Return whether the text can name the result of a call."""
    return is_name(text) and text not in JSON_WORDS


class Script:
    """The calls of a module, in the order in which they would be made: inner ones come first.

    `names` are those that stand for a tool whose own name is no Python identifier.
    """

    def __init__(self, tree: ast.Module, names: Mapping[str, str]) -> None:
        self.calls: list[Call] = []
        self._names = names
        self._labels = _assigned_names(tree)
        for statement in tree.body:
            self._read_statement(statement)

    def _read_statement(self, node: ast.stmt) -> None:
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, ast.Name) and isinstance(node.value, ast.Call):
                self._add(node.value, 0, target.id)
                return
        if not isinstance(node, ast.Expr):
            raise Unreadable("unreadable", f"{type(node).__name__} is not a call")
        value = node.value
        for item in value.elts if isinstance(value, ast.List | ast.Tuple) else [value]:
            if not isinstance(item, ast.Call):
                raise Unreadable("unreadable", f"{type(item).__name__} in place of a call")
            self._add(item, 0)

    def _add(self, node: ast.Call, depth: int, label: str | None = None) -> None:
        name = _dotted(node.func)
        arguments = decode(self._arguments(node, depth))
        if len(self.calls) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls")
        self.calls.append(Call(self._names.get(name, name), arguments, label))

    def _arguments(self, node: ast.Call, depth: int) -> dict[str, Any]:
        if node.args:
            raise Unreadable("not_a_call", "an argument without a name")
        arguments: dict[str, Any] = {}
        for keyword in node.keywords:
            value = value_of(keyword.value, depth + 1, self._resolve)
            more = value if keyword.arg is None else {keyword.arg: value}  # None: f(**value)
            if not isinstance(more, dict):
                raise Unreadable("not_a_call", "** before what is not an object")
            if arguments.keys() & more.keys():
                raise Unreadable("duplicate_key", "a call gives the same argument twice")
            arguments.update(more)
        return arguments

    def _resolve(self, node: ast.expr, depth: int) -> Reference:
        """Return a name or a call inside arguments, with the path after it, as a reference."""
        path: list[str | int] = []
        while isinstance(node, ast.Attribute | ast.Subscript):
            path.insert(0, node.attr if isinstance(node, ast.Attribute) else _index(node.slice))
            node = node.value
        if isinstance(node, ast.Call):
            return Reference(self._add_inner(node, depth), tuple(path))
        if isinstance(node, ast.Name) and self._is_label(node.id):
            return Reference(node.id, tuple(path))
        message = f"{type(node).__name__} is neither a literal nor a reference"
        raise Unreadable("unreadable", message)

    def _is_label(self, name: str) -> bool:
        return name in self._labels or _BY_POSITION.fullmatch(name) is not None

    def _add_inner(self, node: ast.Call, depth: int) -> str:
        """Add a call inside another's arguments, and return the label that it gets."""
        self._add(node, depth)
        label = f"var{len(self.calls)}"
        while label in self._labels:
            label += "_"
        last = self.calls[-1]
        self.calls[-1] = Call(last.name, last.arguments, label)
        return label


def _assigned_names(tree: ast.Module) -> set[str]:
    names = set()
    for statement in tree.body:
        if isinstance(statement, ast.Assign):
            names |= {target.id for target in statement.targets if isinstance(target, ast.Name)}
    return names


def _dotted(node: ast.expr) -> str:
    """Return `a.b.c` of a function's name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        raise Unreadable("unreadable", "a call of what is not a name")
    return ".".join((node.id, *reversed(parts)))


def _index(node: ast.expr) -> str | int:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Unreadable("unreadable", "an index that is neither a whole number nor text")
    return value
