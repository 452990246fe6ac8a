"""Hermes, Qwen 2.5 and Qwen 3: one JSON object in one tagged block per call.

    <tool_call>
    {"name": "f", "arguments": {"a": 1}}
    </tool_call>

Hermes 2 Pro often writes the object in Python's spelling, `{'a': True}`: read, and noted as `python_literal`.
Sources: the chat templates of NousResearch/Hermes-2-Pro-Mistral-7B and Qwen/Qwen2.5-7B-Instruct.
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.calls import Call
from rlcall.wire import strict_json
from rlcall.wire.blocks import Blocks, Item, call_of
from rlcall.wire.literals import load_literal
from rlcall.wire.parsed import Parse, Problem, Unreadable
from rlcall.wire.rendering import can_render_objects, call_object
from rlcall.wire.syntax import MARKERS as ALL_MARKERS

NAME = "hermes"
MARKERS = ALL_MARKERS[NAME]
OPENING = re.compile("<tool_call>")
CLOSING = "</tool_call>"


def read_object(text: str, start: int) -> tuple[list[Item], int]:
    value, end = strict_json.read(text, start)
    return call_of(value), end


def _read(text: str, start: int) -> tuple[list[Item], int]:
    try:
        return read_object(text, start)
    except Unreadable as error:
        end = text.find(CLOSING, start)
        if error.code != "unreadable" or end < 0:
            raise
        items = call_of(_python_object(text[start:end], error))
        return [*items, Problem("python_literal", "an object in Python's spelling")], end


def _python_object(text: str, error: Unreadable) -> Any:
    try:
        return load_literal(text)
    except Unreadable as literal:
        raise (error if literal.code == "unreadable" else literal) from None


_BLOCKS = Blocks(NAME, OPENING, CLOSING, _read)


def parse(text: str, tools: list[dict[str, Any]]) -> Parse:
    return _BLOCKS.parse(text, tools)


def can_render(calls: list[Call]) -> bool:
    return can_render_objects(calls)


def render(calls: list[Call]) -> str:
    return "\n".join(f"{OPENING.pattern}\n{strict_json.dump(call_object(call))}\n{CLOSING}" for call in calls)
