"""GigaChat 3: a message of its own for the call, which is a JSON object.

<|message_sep|>

function call<|role_sep|>
{"name": "f", "arguments": {"a": 1}}

The first token ends the message before it, which may be empty.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_call, read_object
from rlcall.wire.reading.parsed import Item, Tools

_BEGIN = "<|message_sep|>\n\nfunction call<|role_sep|>"
_OPENING = re.compile(r"(?:<\|message_sep\|>\s*+)?function call<\|role_sep\|>|<\|function_call\|>")
_SEPARATOR = "<|message_sep|>"


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    items, end = read_object(text, start, tools)
    after = bounded_json.skip_space(text, end)
    return items, after + len(_SEPARATOR) if text.startswith(_SEPARATOR, after) else end


def _write(calls: Sequence[Call]) -> str:
    return "".join([f"{_BEGIN}\n{dump_call(call)}" for call in calls])


FORMAT = Format(
    name="gigachat3",
    order=180,
    opening=_OPENING,
    markers=(_BEGIN, "function call<|role_sep|>", "<|function_call|>"),
    read=Blocks(_OPENING, "", _read).read,
    write=_write,
    models="GigaChat 3, which writes one call a turn",
    source="llama.cpp's template GigaChat3-10B-A1.8B.jinja",
    also_reads="GigaChat 3.1's `<|function_call|>` before the object",
    vllm=("gigachat3",),
    special_tokens=("<|function_call|>",),
)
