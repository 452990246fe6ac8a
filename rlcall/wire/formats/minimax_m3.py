"""MiniMax M3: a tag with its own name for each argument, for what is inside it, and for each item.

]<]minimax[>[<tool_call>
]<]minimax[>[<invoke name="f">]<]minimax[>[<city>Paris]<]minimax[>[</city>]<]minimax[>[</invoke>
]<]minimax[>[</tool_call>

Every tag has the mark `]<]minimax[>[` before it. The items of a list are in tags `item`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.bounded_json import MAX_DEPTH
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable
from rlcall.wire.reading.typed import ParameterTypes, Wanted, parameters_of, typed

_MARK = "]<]minimax[>["
_BEGIN, _END = f"{_MARK}<tool_call>", f"{_MARK}</tool_call>"
_ESCAPED = re.escape(_MARK)
_OPENING = re.compile(re.escape(_BEGIN))
_INVOKE = re.compile(rf'\s*+{_ESCAPED}\s*+<invoke name="([^"<>\n]*+)">')
_INVOKE_END = re.compile(rf"\s*+{_ESCAPED}\s*+</invoke>")
_TAG = re.compile(rf"\s*+{_ESCAPED}\s*+<([^<>\n/][^<>\n]*+)>")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while invoke := _INVOKE.match(text, start):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls", start)
        types = parameters_of(tools, invoke[1])
        children, end = _children(text, invoke.end(), types, types.root, 0)
        ending = _INVOKE_END.match(text, end)
        if ending is None:
            message = f"neither an argument nor the call's end at character {end}"
            raise Unreadable("unreadable", message)
        items += call_of({"name": invoke[1], "arguments": _object(children)})
        start = ending.end()
    return items, start


def _children(
    text: str, at: int, types: ParameterTypes, schema: Any, depth: int
) -> tuple[list[tuple[str, Any]], int]:
    """Return the tags from a position on, each with its value, and where the last one ends."""
    if depth > MAX_DEPTH:
        raise Unreadable("too_large", f"deeper than {MAX_DEPTH} levels", at)
    children: list[tuple[str, Any]] = []
    while tag := _TAG.match(text, at):
        name = tag[1]
        inner = types.behind(_inner(schema, name, len(children)))
        value, at = _value(text, tag.end(), types, inner, name, depth)
        children.append((name, value))
    return children, at


def _value(
    text: str, start: int, types: ParameterTypes, schema: Any, tag: str, depth: int
) -> tuple[Any, int]:
    """Return the value inside a tag, and where the tag's end is."""
    closing = f"{_MARK}</{tag}>"
    if not _TAG.match(text, start):
        end = text.find(closing, start)
        if end < 0:
            raise Unreadable("truncated", f"no {closing}")
        wanted = types.wanted_by(schema) if depth else types.wanted(tag)
        return _leaf(text[start:end], wanted), end + len(closing)
    children, end = _children(text, start, types, schema, depth + 1)
    end = len(text) - len(text[end:].lstrip())
    if not text.startswith(closing, end):
        raise Unreadable("unreadable", f"no {closing} at character {end}")
    is_list = {name for name, _ in children} == {"item"} and not _has_property(schema, "item")
    value = [item for _, item in children] if is_list else _object(children)
    return value, end + len(closing)


def _leaf(text: str, wanted: Wanted) -> Any:
    if _MARK in text:
        raise Unreadable("unreadable", f"a value with {_MARK} in it")
    if not text and wanted.types in ({"array"}, {"object"}):
        return [] if wanted.types == {"array"} else {}
    return typed(text, wanted)


def _object(children: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(children)
    if len(value) != len(children):
        raise Unreadable("duplicate_key", "an object gives the same key twice")
    return value


def _has_property(schema: Any, name: str) -> bool:
    properties = schema.get("properties") if isinstance(schema, dict) else None
    return isinstance(properties, dict) and name in properties


def _inner(schema: Any, name: str, index: int) -> Any:
    """Return the schema of a property or, for the tag `item`, of a list's item."""
    if not isinstance(schema, dict):
        return None
    if _has_property(schema, name):
        return schema["properties"][name]
    if name != "item":
        return schema.get("additionalProperties")
    first = schema.get("prefixItems")
    return first[index] if isinstance(first, list) and index < len(first) else schema.get("items")


def _write(calls: Sequence[Call]) -> str:
    if not calls:
        return ""
    lines = [_BEGIN]
    for call in calls:
        inside = _text_of(encode(call.arguments))
        lines.append(f'{_MARK}<invoke name="{call.name}">{inside}{_MARK}</invoke>')
    return "\n".join([*lines, _END])


def _text_of(value: Any) -> str:
    if isinstance(value, dict):
        return "".join([_tagged(key, item) for key, item in value.items()])
    if isinstance(value, list):
        return "".join([_tagged("item", item) for item in value])
    return value if isinstance(value, str) else bounded_json.dump(value)


def _tagged(tag: str, value: Any) -> str:
    return f"{_MARK}<{tag}>{_text_of(value)}{_MARK}</{tag}>"


FORMAT = Format(
    name="minimax_m3",
    order=295,
    opening=_OPENING,
    markers=(_MARK,),
    turn_ends=("[e~[",),
    read=Blocks(_OPENING, _END, _read).read,
    write=_write,
    labels=False,
    models="MiniMax M3",
    source="SGLang's parser, minimax_m3.py, and XGrammar's structural tags",
    also_reads="line breaks and spaces between tags",
    vllm=("minimax_m3",),
    special_tokens=(_MARK,),
)
