"""SmolLM2: one tagged block with a JSON list of calls, `[]` where none is due.

    <tool_call>[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]</tool_call>

Source: the model card of HuggingFaceTB/SmolLM2-1.7B-Instruct, "Function calling".
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.calls import Call
from rlcall.wire import strict_json
from rlcall.wire.blocks import Blocks, Item, calls_of
from rlcall.wire.parsed import Parse, Unreadable
from rlcall.wire.rendering import call_object, can_render_objects
from rlcall.wire.syntax import MARKERS as ALL_MARKERS

NAME = "smollm2"
MARKERS = ALL_MARKERS["hermes"]
OPENING = re.compile(r"<tool_call>(?=\s*\[)")


def _read(text: str, start: int) -> tuple[list[Item], int]:
    value, end = strict_json.read(text, start)
    if not isinstance(value, list):
        raise Unreadable("not_a_call", "not a list of calls")
    return calls_of(value), end


_BLOCKS = Blocks(NAME, re.compile("<tool_call>"), "</tool_call>", _read)


def parse(text: str, tools: list[dict[str, Any]]) -> Parse:
    return _BLOCKS.parse(text, tools)


def can_render(calls: list[Call]) -> bool:
    return can_render_objects(calls)


def render(calls: list[Call]) -> str:
    return f"<tool_call>{strict_json.dump([call_object(call) for call in calls])}</tool_call>"
