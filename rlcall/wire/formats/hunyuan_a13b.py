"""Hunyuan A13B: all calls as a JSON list between tags, as Jamba writes them, too.

<tool_calls>[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]</tool_calls>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_calls, read_list

_OPENING = re.compile("<tool_calls>")


def _write(calls: Sequence[Call]) -> str:
    return f"<tool_calls>{dump_calls(calls)}</tool_calls>"


FORMAT = Format(
    name="hunyuan_a13b",
    order=210,
    opening=_OPENING,
    markers=("<tool_calls>", "</tool_calls>"),
    read=Blocks(_OPENING, "</tool_calls>", read_list).read,
    write=_write,
    models="Hunyuan A13B, Jamba 1.5 to 1.7",
    source="vLLM's parsers, hunyuan_a13b_tool_parser.py and jamba_tool_parser.py",
    vllm=("hunyuan_a13b", "jamba"),
)
