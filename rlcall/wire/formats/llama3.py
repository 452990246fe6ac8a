"""Llama 3.1 and later: JSON objects with `parameters`, separated by `;`, with or without a tag before them.

    <|python_tag|>{"name": "f", "parameters": {"a": 1}}; {"name": "g", "parameters": {}}
    {"name": "f", "parameters": {"a": 1}}

Source: the chat template of meta-llama/Llama-3.1-8B-Instruct.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import WITH_ID, call_object, calls_of, read_values
from rlcall.wire.reading.parsed import Item, Parse, Tools, Unreadable

_TAG = re.compile(r"<\|python_tag\|>")
_OPENING = re.compile(r'<\|python_tag\|>|(?:```\w*\s*)?\s*\{[^{}]*"parameters"\s*:')


def _read(text: str, start: int, _tools: Tools) -> tuple[list[Item], int]:
    values, end = read_values(text, start, ";")
    return calls_of(values, "parameters", WITH_ID), end


def _read_bare(text: str, tools: Tools) -> list[Item]:
    items, end = _read(text, 0, tools)
    if text[end:].strip():
        raise Unreadable("text_around", f"there is more after the JSON, at character {end}")
    return items


def _parse(text: str, tools: Tools) -> Parse:
    bare = _BARE.parse(text, tools)
    return _TAGGED.parse(text, tools) if not bare.calls and _TAG.search(text) else bare


def _render(calls: Sequence[Call]) -> str:
    return "; ".join(strict_json.dump(call_object(call, "parameters")) for call in calls)


_TAGGED = Blocks("llama3", _TAG, "", _read)
_BARE = Bare("llama3", _OPENING, _read_bare)
FORMAT = Format("llama3", _OPENING, _parse, _render)
