"""LFM2: Python calls as a list between control tokens, with arguments that are objects as JSON.

<|tool_call_start|>[f(city='Paris'), g()]<|tool_call_end|>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.python_source import SourceBlock, write_source

_OPENING = re.compile(r"<\|tool_call_start\|>")
_CLOSING = "<|tool_call_end|>"


def _write(calls: Sequence[Call]) -> str:
    return f"<|tool_call_start|>{write_source(calls, json_objects=True)}{_CLOSING}"


FORMAT = Format(
    name="lfm2",
    order=140,
    opening=_OPENING,
    markers=("<|tool_call_start|>", _CLOSING),
    read=Blocks(_OPENING, _CLOSING, SourceBlock(_CLOSING)).read,
    write=_write,
    models="LFM2, LFM2.5",
    source="the chat templates that TRL ships, lfm2_v2.jinja and lfm2_2_5.jinja",
    vllm=("lfm2",),
)
