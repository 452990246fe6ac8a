"""Kimi K3: all calls in one element, with an element for each argument that names its type.

<|open|>tools<|sep|><|open|>call tool="f" index="1"<|sep|><|open|>argument key="city" type="string"
<|sep|>Paris<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|>

There are no line breaks between the tokens. What the model says is in an element `response` before
it, often an empty one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable

_BEGIN, _END = "<|open|>tools<|sep|>", "<|close|>tools<|sep|>"
_RESPONSE = r"(?:<\|open\|>response<\|sep\|>\s*+)?(?:<\|close\|>response<\|sep\|>\s*+)?"
_OPENING = re.compile(r"<\|open\|>tools<\|sep\|>")
_CALL = re.compile(r'\s*+<\|open\|>call tool="([^"\n]*+)" index="\d++"<\|sep\|>')
_CALL_END = re.compile(r"\s*+<\|close\|>call<\|sep\|>")
_ARGUMENT = re.compile(
    r'\s*+<\|open\|>(?:json type="object"|argument key="([^"\n]*+)" '
    r'type="(string|number|integer|boolean|null|object|array)")<\|sep\|>'
)
_TYPES = {str: "string", bool: "boolean", type(None): "null", dict: "object", list: "array"}


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while begin := _CALL.match(text, start):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls", start)
        arguments, end = _arguments(text, begin.end())
        ending = _CALL_END.match(text, end)
        if ending is None:
            message = f"neither an argument nor the call's end at character {end}"
            raise Unreadable("unreadable", message)
        items += call_of({"name": _unescaped(begin[1]), "arguments": arguments})
        start = ending.end()
    return items, start


def _arguments(text: str, at: int) -> tuple[dict[str, Any], int]:
    """Return a call's arguments: an element each, or all of them as one JSON object."""
    arguments: dict[str, Any] = {}
    while begin := _ARGUMENT.match(text, at):
        key, kind = begin.groups()
        closing = f"<|close|>{'json' if key is None else 'argument'}<|sep|>"
        end = text.find(closing, begin.end())
        if end < 0:
            raise Unreadable("truncated", f"no {closing}")
        written = text[begin.end() : end]
        value = written if kind == "string" else bounded_json.load(written)
        more = value if key is None else {_unescaped(key): value}
        if not isinstance(more, dict):
            raise Unreadable("not_a_call", "arguments that are no object")
        if arguments.keys() & more.keys():
            raise Unreadable("duplicate_key", "a call gives the same argument twice")
        arguments.update(more)
        at = end + len(closing)
    return arguments, at


def _unescaped(text: str) -> str:
    return text.replace("&quot;", '"').replace("&amp;", "&")


def _write(calls: Sequence[Call]) -> str:
    if not calls:
        return ""
    elements = []
    for number, call in enumerate(calls, 1):
        elements.append(f'<|open|>call tool="{_escaped(call.name)}" index="{number}"<|sep|>')
        elements += [_argument(key, encode(value)) for key, value in call.arguments.items()]
        elements.append("<|close|>call<|sep|>")
    return f"{_BEGIN}{''.join(elements)}{_END}"


def _argument(key: str, value: Any) -> str:
    kind = _TYPES.get(type(value), "number")
    written = value if isinstance(value, str) else bounded_json.dump(value)
    head = f'<|open|>argument key="{_escaped(key)}" type="{kind}"<|sep|>'
    return f"{head}{written}<|close|>argument<|sep|>"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;")


FORMAT = Format(
    name="kimi_k3",
    order=325,
    opening=_OPENING,
    markers=(_BEGIN, _END, "<|open|>call", "<|open|>argument", "<|close|>call<|sep|>"),
    turn_ends=("<|end_of_msg|>", "<|close|>message<|sep|>"),
    read=Blocks(re.compile(_RESPONSE + _OPENING.pattern), _END, _read).read,
    write=_write,
    labels=False,
    models="Kimi K3",
    source="llama.cpp's template Kimi-K3.jinja",
    also_reads="an element `json` with all arguments",
    vllm=("kimi_k3",),
)
