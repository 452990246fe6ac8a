"""ToolRL: one tagged block, a JSON object a line, with `parameters` instead of `arguments`.

<tool_call>
{"name": "Search Managers", "parameters": {"name": "Alex Ferguson"}}
{"name": "g", "parameters": {}}
</tool_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import calls_of, dump_call, read_values
from rlcall.wire.reading.parsed import Item, Tools


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    values, end = read_values(text, start, "")
    return calls_of(values, "parameters"), end


def _write(calls: Sequence[Call]) -> str:
    if not calls:
        return ""
    lines = [dump_call(call, "parameters") for call in calls]
    return "\n".join(["<tool_call>", *lines, "</tool_call>"])


FORMAT = Format(
    name="toolrl",
    order=30,
    opening=re.compile(r'<tool_call>(?=\s*\{[^{}]*"parameters"\s*:)'),
    markers=("<tool_call>", "</tool_call>"),
    read=Blocks(re.compile("<tool_call>"), "</tool_call>", _read).read,
    write=_write,
    models="models trained on ToolRL's data",
    source="the data of qiancheng0/ToolRL, dataset/rlla_4k",
)
