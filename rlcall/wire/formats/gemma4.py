"""Gemma 4: a tagged block per call, texts between `<|"|>` marks, keys without quotes.

<|tool_call>call:f{city:<|"|>Paris<|"|>,days:[1,2],at:{lat:48.9}}<tool_call|>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.unquoted import UnquotedCalls

_OPENING = re.compile(r"<\|tool_call>")
_CALLS = UnquotedCalls('<|"|>')


def _write(calls: Sequence[Call]) -> str:
    return "".join([f"<|tool_call>{_CALLS.write(call)}<tool_call|>" for call in calls])


FORMAT = Format(
    name="gemma4",
    order=130,
    opening=_OPENING,
    markers=("<|tool_call>", "<tool_call|>"),
    turn_ends=("<turn|>", "<|tool_response>"),
    read=Blocks(_OPENING, "<tool_call|>", _CALLS.read).read,
    write=_write,
    labels=False,
    models="Gemma 4, DiffusionGemma",
    source="the chat template that TRL ships, gemma4.jinja",
    vllm=("gemma4",),
)
