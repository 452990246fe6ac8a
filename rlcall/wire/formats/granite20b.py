"""Granite 20B: a tag before each call, and the call `no_function` where none is due.

<function_call> {"name": "f", "arguments": {"a": 1}} <function_call> {"name": "g", "arguments": {}}
<function_call> {"name": "no_function", "arguments": {}}
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_call, read_object
from rlcall.wire.reading.parsed import Item, Tools

_OPENING = re.compile("<function_call>")
_NONE = Call("no_function")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    items, end = read_object(text, start, tools)
    return [item for item in items if item != _NONE], end


def _write(calls: Sequence[Call]) -> str:
    blocks = [f"<function_call> {dump_call(call)}" for call in calls or [_NONE]]
    return " ".join(blocks)


FORMAT = Format(
    name="granite20b",
    order=90,
    opening=_OPENING,
    markers=("<function_call>",),
    read=Blocks(_OPENING, "", _read).read,
    write=_write,
    models="Granite 20B function calling",
    source="the model card of ibm-granite/granite-20b-functioncalling",
    also_reads="the call `no_function`, as none",
    vllm=("granite-20b-fc",),
)
