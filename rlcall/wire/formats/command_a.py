"""Command A and Command R7B: all calls as a JSON list between control tokens.

<|START_ACTION|>[
    {"tool_call_id": "0", "tool_name": "f", "parameters": {"a": 1}},
    {"tool_call_id": "1", "tool_name": "g", "parameters": {}}
]<|END_ACTION|>
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_object, calls_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r"<\|START_ACTION\|>")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    values, end = bounded_json.read(text, start)
    if not isinstance(values, list):
        raise Unreadable("not_a_call", "not a list of calls")
    return calls_of(map(_named, values), "parameters", frozenset({"tool_call_id"})), end


def _named(value: Any) -> Any:
    """Return a call with its name under `name`, anything else as it is."""
    if not isinstance(value, dict) or "tool_name" not in value or "name" in value:
        return value
    named = dict(value)
    named["name"] = named.pop("tool_name")
    return named


def _write(calls: Sequence[Call]) -> str:
    lines = []
    for number, call in enumerate(calls):
        value = call_object(call, "parameters")
        value = {"tool_call_id": str(number), "tool_name": value.pop("name"), **value}
        lines.append(f"    {bounded_json.dump(value)}")
    listed = ",\n".join(lines)
    return f"<|START_ACTION|>[\n{listed}\n]<|END_ACTION|>"


FORMAT = Format(
    name="command_a",
    order=170,
    opening=_OPENING,
    markers=("<|START_ACTION|>", "<|END_ACTION|>"),
    turn_ends=("<|END_OF_TURN_TOKEN|>",),
    read=Blocks(_OPENING, "<|END_ACTION|>", _read).read,
    write=_write,
    models="Command A, Command R7B",
    source="llama.cpp's template CohereForAI-c4ai-command-r7b-12-2024-tool_use.jinja",
    also_reads="`name` for `tool_name`, calls without `tool_call_id`",
    vllm=("cohere_command3", "cohere_command4"),
    special_tokens=("<|START_ACTION|>", "<|END_ACTION|>"),
)
