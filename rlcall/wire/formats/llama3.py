"""Llama 3.1 and later: JSON objects with `parameters`, separated by `;`, perhaps after a tag.

<|python_tag|>{"name": "f", "parameters": {"a": 1}}; {"name": "g", "parameters": {}}
{"name": "f", "parameters": {"a": 1}}
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import WITH_ID, calls_of, dump_call, read_values
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_TAG = re.compile(r"<\|python_tag\|>")
_BARE_OPENING = re.compile(r'(?:```\w*\s*)?\s*\{[^{}]*"parameters"\s*:')


def _read_block(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    values, end = read_values(text, start, ";")
    return calls_of(values, "", WITH_ID), end


def _read_all(text: str, tools: Tools) -> list[Item]:
    items, end = _read_block(text, 0, tools)
    if text[end:].strip():
        raise Unreadable("text_around", f"there is more after the JSON, at character {end}")
    return items


_TAGGED = Blocks(_TAG, "", _read_block)
_BARE = Bare(_BARE_OPENING, _read_all)


def _read(text: str, tools: Tools) -> list[Item]:
    items = _BARE.read(text, tools)
    if any(isinstance(item, Call) for item in items) or not _TAG.search(text):
        return items
    return _TAGGED.read(text, tools)


def _write(calls: Sequence[Call]) -> str:
    return "; ".join(dump_call(call, "parameters") for call in calls)


FORMAT = Format(
    name="llama3",
    order=70,
    opening=_TAG,
    bare_opening=_BARE_OPENING,
    markers=("<|python_tag|>",),
    read=_read,
    write=_write,
    models="Llama 3.1, 3.2 and 3.3",
    source="the chat templates that TRL ships, llama3_1.jinja and llama3_2.jinja",
    also_reads="`<|python_tag|>` before it; `arguments` for `parameters`",
    vllm=("llama3_json", "llama4_json"),
    special_tokens=("<|python_tag|>",),
)
