"""Llama 4: Python calls as a list between control tokens.

<|python_start|>[f(city='Paris'), g()]<|python_end|>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.python_source import SourceBlock, write_source

_OPENING = re.compile(r"<\|python_start\|>")
_CLOSING = "<|python_end|>"


def _write(calls: Sequence[Call]) -> str:
    return f"<|python_start|>{write_source(calls)}{_CLOSING}"


FORMAT = Format(
    name="llama4",
    order=150,
    opening=_OPENING,
    markers=("<|python_start|>", _CLOSING),
    read=Blocks(_OPENING, _CLOSING, SourceBlock(_CLOSING)).read,
    write=_write,
    models="Llama 4",
    source="vLLM's parser, llama4_pythonic_tool_parser.py",
    vllm=("llama4_pythonic",),
)
