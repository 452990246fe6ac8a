"""Python source as calls, and calls as Python source, for the formats that hold some.

read_source("[f(a=1), g()]", tools)     # [Call("f", {"a": 1}), Call("g", {})]
"""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, Reference, encode, references
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bounded_json import MAX_CHARS
from rlcall.wire.reading.literals import parse_source
from rlcall.wire.reading.parsed import Item, Tools, Unreadable
from rlcall.wire.reading.python_calls import Script, is_label, is_name
from rlcall.wire.reading.syntax import tool_names

STRING = (
    r'"""(?:[^\\]|\\.)*?"""|'
    r"'''(?:[^\\]|\\.)*?'''|"
    r'"(?:[^"\\\n]|\\.)*+"|'
    r"'(?:[^'\\\n]|\\.)*+'"
)
_ALIAS = "\ua7ff"  # a letter that nobody writes; a source that has it gets no aliases
_COMMENT = re.compile(rf"{STRING}|(#)", re.DOTALL)


def read_source(text: str, tools: Tools) -> list[Item]:
    """Return the calls of a Python source. Raises `Unreadable` where it is anything else."""
    source, names = _identifiers(text.strip(), tools)
    tree = parse_source(source, "exec")
    assert isinstance(tree, ast.Module)
    calls = Script(tree, names).calls
    if "#" in source and any(match[1] for match in _COMMENT.finditer(source)):
        raise Unreadable("text_around", "a comment next to the calls")
    return list(calls)


def _identifiers(source: str, tools: Tools) -> tuple[str, dict[str, str]]:
    """Return the source with an identifier for each tool's name that Python does not read as one.

    With it comes what the identifiers stand for: identifier -> name.
    """
    aliases: dict[str, str] = {}
    for name in tool_names(tools):
        if name and name in source and not all(map(is_name, name.split("."))):
            aliases.setdefault(name, f"{_ALIAS}{len(aliases)}")
    if not aliases or _ALIAS in source or len(source) > MAX_CHARS:
        return source, {}

    def renamed(match: re.Match[str]) -> str:
        return aliases[match[1]] if match[1] else match[0]

    longest_first = "|".join(map(re.escape, sorted(aliases, key=len, reverse=True)))
    pattern = re.compile(rf"{STRING}|(?<![\w.-])({longest_first})(?=\()", re.DOTALL)
    return pattern.sub(renamed, source), {alias: name for name, alias in aliases.items()}


def write_source(calls: Sequence[Call], *, json_objects: bool = False) -> str:
    """Return a list where nothing has a label, otherwise a call a line after its label.

    With `json_objects`, arguments that are objects without references are written as JSON.
    """
    labels = frozenset(call.label for call in calls if call.label and is_label(call.label))
    texts = [_text_of_call(call, labels, json_objects) for call in calls]
    if not labels:
        return f"[{', '.join(texts)}]"
    for number, call in enumerate(calls):
        if call.label is not None:
            texts[number] = f"{call.label} = {texts[number]}"
    return "\n".join(texts)


def _text_of_call(call: Call, labels: frozenset[str], json_objects: bool) -> str:
    plain, odd = [], []
    for key, value in call.arguments.items():
        if json_objects and isinstance(value, dict) and not any(references(value)):
            text = bounded_json.dump(encode(value))
        else:
            text = _text_of(value, labels)
        if is_name(key):
            plain.append(f"{key}={text}")
        else:
            odd.append(f"{key!r}: {text}")
    if odd:
        plain.append("**{" + ", ".join(odd) + "}")
    return f"{call.name}({', '.join(plain)})"


def _text_of(value: Any, labels: frozenset[str]) -> str:
    if isinstance(value, Reference) and value.label in labels and "*" not in value.path:
        return _text_of_reference(value)
    if isinstance(value, list):
        return "[" + ", ".join(_text_of(item, labels) for item in value) + "]"
    if isinstance(value, dict):
        pairs = [f"{key!r}: {_text_of(item, labels)}" for key, item in value.items()]
        return "{" + ", ".join(pairs) + "}"
    return repr(encode(value))


def _text_of_reference(reference: Reference) -> str:
    text = reference.label
    for step in reference.path:
        text += f".{step}" if isinstance(step, str) and is_name(step) else f"[{step!r}]"
    return text


class SourceBlock:
    """The reader of a block that holds Python source and ends with a tag, for `Blocks`.

    A tag inside a text of the source, `f(a="<|python_end|>")`, ends nothing.
    """

    def __init__(self, closing: str) -> None:
        self._closing = closing
        self._source = re.compile(rf"(?:{STRING}|(?!{re.escape(closing)})[^'\"])*+", re.DOTALL)

    def __call__(self, text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
        """Return the calls of the source, and where its closing tag begins."""
        source = self._source.match(text, start)
        assert source is not None  # it matches the empty string
        end = source.end()
        if not text.startswith(self._closing, end):
            raise Unreadable("unreadable", f"no Python source before a {self._closing}")
        return read_source(text[start:end], tools), end
