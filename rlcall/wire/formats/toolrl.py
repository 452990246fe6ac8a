"""ToolRL: one tagged block with one JSON object a line, each with `parameters` in the place of `arguments`.

    <tool_call>
    {"name": "Search Managers", "parameters": {"name": "Alex Ferguson"}}
    {"name": "g", "parameters": {}}
    </tool_call>

Source: the data of qiancheng0/ToolRL, dataset/rlla_4k.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_object, calls_of, read_values
from rlcall.wire.reading.parsed import Item, Tools


def _read(text: str, start: int, _tools: Tools) -> tuple[list[Item], int]:
    values, end = read_values(text, start, "")
    return calls_of(values, "parameters"), end


def _render(calls: Sequence[Call]) -> str:
    lines = "".join(f"{strict_json.dump(call_object(call, 'parameters'))}\n" for call in calls)
    return f"<tool_call>\n{lines}</tool_call>" if calls else ""


_BLOCKS = Blocks("toolrl", re.compile("<tool_call>"), "</tool_call>", _read)
FORMAT = Format(
    "toolrl", re.compile(r'<tool_call>(?=\s*\{[^{}]*"parameters"\s*:)'), _BLOCKS.parse, _render
)
