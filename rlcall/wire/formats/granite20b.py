"""Granite 20B: a tag before each call, and the call `no_function` where none is due.

    <function_call> {"name": "f", "arguments": {"a": 1}} <function_call> {"name": "g", "arguments": {}}
    <function_call> {"name": "no_function", "arguments": {}}

Source: the model card of ibm-granite/granite-20b-functioncalling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_object, read_object
from rlcall.wire.reading.parsed import Item, Tools

_NONE = Call("no_function")


def _read(text: str, start: int, _tools: Tools) -> tuple[list[Item], int]:
    items, end = read_object(text, start, _tools)
    return [item for item in items if item != _NONE], end


def _render(calls: Sequence[Call]) -> str:
    return " ".join(
        f"<function_call> {strict_json.dump(call_object(call))}" for call in calls or [_NONE]
    )


_OPENING = re.compile("<function_call>")
FORMAT = Format("granite20b", _OPENING, Blocks("granite20b", _OPENING, "", _read).parse, _render)
