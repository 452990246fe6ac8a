"""Nemotron Nano v2: all calls as a JSON list between tags.

<TOOLCALL>[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]</TOOLCALL>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_calls, read_list

_OPENING = re.compile("<TOOLCALL>")


def _write(calls: Sequence[Call]) -> str:
    return f"<TOOLCALL>{dump_calls(calls)}</TOOLCALL>"


FORMAT = Format(
    name="nemotron_nano",
    order=220,
    opening=_OPENING,
    markers=("<TOOLCALL>", "</TOOLCALL>"),
    turn_ends=("<SPECIAL_12>",),
    read=Blocks(_OPENING, "</TOOLCALL>", read_list).read,
    write=_write,
    models="Nemotron Nano v2",
    source="llama.cpp's template NVIDIA-Nemotron-Nano-v2.jinja",
    vllm=("nemotron_json",),
)
