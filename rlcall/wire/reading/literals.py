"""Python literals as JSON values, read by walking `ast`; nothing is evaluated.

    value_of(parse_source("{'a': -1, 'b': [true]}", "eval").body)     # {"a": -1, "b": [True]}

Literals, unary minus and containers are read. Raises `Unreadable`, and nothing else, for the rest.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Callable
from typing import Any

from rlcall.wire.reading.bounded_json import MAX_CHARS, MAX_DEPTH, check_one
from rlcall.wire.reading.parsed import EXCERPT, Unreadable

MAX_PIECES = 4_096  # separators and operators; `ast` takes milliseconds for some thousand of them
MAX_BRACES = 512  # braces are dearer: in an f-string each is a parse of its own
JSON_WORDS = {"true": True, "false": False, "null": None}  # models mix the two spellings

# What CPython 3.11 to 3.13 say of a text that is cut short or beyond the parser's own limits.
_FAULTS = {
    "never closed": "truncated",
    "unterminated": "truncated",
    "Exceeds the limit": "too_large",
    "too many nested": "too_large",
}
_SHORT = 2_048  # a text of this length takes `ast` a few milliseconds at worst, whatever it holds
_PIECES = ",;\n([=<>.+-*/%&|^@~!: "

Resolve = Callable[[ast.expr, int], Any]


def parse_source(text: str, mode: str) -> ast.AST:
    """Return `ast.parse(text)`, within limits.

    Raises `Unreadable` for a text that is not Python, or too much of it.
    """
    _check_size(text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text, mode=mode)
    except SyntaxError as error:
        raise _unreadable(error) from None
    except (MemoryError, RecursionError):
        raise Unreadable("too_large", "deeper than Python's parser goes") from None
    except ValueError as error:
        raise Unreadable("unreadable", f"not Python: {error}"[:EXCERPT]) from None


def _unreadable(error: SyntaxError) -> Unreadable:
    code = "unreadable"
    for words, meaning in _FAULTS.items():
        if words in str(error.msg):
            code = meaning
            break
    return Unreadable(code, f"not Python: {error.msg}"[:EXCERPT])


def value_of(node: ast.expr, depth: int = 0, resolve: Resolve | None = None) -> Any:
    """Return a literal's JSON value.

    `resolve` reads the nodes that are not literals: names, and calls inside calls.
    """
    if depth > MAX_DEPTH:
        raise Unreadable("too_large", f"deeper than {MAX_DEPTH} levels")
    if isinstance(node, ast.Constant):
        return _scalar(node.value)
    if isinstance(node, ast.List | ast.Tuple):
        return [value_of(item, depth + 1, resolve) for item in node.elts]
    if isinstance(node, ast.Dict):
        return _object(node, depth, resolve)
    if isinstance(node, ast.Name) and node.id in JSON_WORDS:
        return JSON_WORDS[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return _negative(node.operand)
    if resolve is None:
        raise Unreadable("unreadable", f"{type(node).__name__} is not a literal")
    return resolve(node, depth)


def _object(node: ast.Dict, depth: int, resolve: Resolve | None) -> dict[str, Any]:
    keys = [key.value if isinstance(key, ast.Constant) else None for key in node.keys]
    if not all(isinstance(key, str) for key in keys):
        raise Unreadable("unreadable", "an object's key is not text")
    if len(set(keys)) != len(keys):
        raise Unreadable("duplicate_key", "an object gives the same key twice")
    value = {}
    for key, item in zip(keys, node.values, strict=True):
        check_one(key)
        value[str(key)] = value_of(item, depth + 1, resolve)
    return value


def _scalar(value: Any) -> Any:
    check_one(value)
    return value


def _negative(node: ast.expr) -> int | float:
    value = node.value if isinstance(node, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unreadable("unreadable", "a minus before what is not a number")
    check_one(value)
    return -value


def _check_size(text: str) -> None:
    if len(text) <= _SHORT:
        return
    pieces = sum(map(text.count, _PIECES))
    if len(text) > MAX_CHARS or pieces > MAX_PIECES or text.count("{") > MAX_BRACES:
        raise Unreadable("too_large", "more Python than is read")
