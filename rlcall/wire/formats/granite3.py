"""Granite 3: a tag, and a JSON list of calls.

Granite 3.1 writes the tag as text, `<tool_call>`, and never closes it.

<|tool_call|>[{"name": "f", "arguments": {"a": 1}}]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_calls, read_list


def _write(calls: Sequence[Call]) -> str:
    return f"<|tool_call|>{dump_calls(calls)}"


FORMAT = Format(
    name="granite3",
    order=100,
    opening=re.compile(r"<\|tool_call\|>"),
    markers=("<|tool_call|>",),
    read=Blocks(re.compile(r"<\|tool_call\|>|<tool_call>"), "", read_list).read,
    write=_write,
    models="Granite 3.0 to 3.3",
    source="the chat templates of ibm-granite/granite-3.0-8b-instruct to 3.3",
    also_reads="`<tool_call>` for the tag",
    vllm=("granite",),
    special_tokens=("<|tool_call|>",),
)
