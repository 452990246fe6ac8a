"""DeepSeek V3 and R1: all calls in one block, each in a block of its own.

<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f
```json
{"a": 1}
```<｜tool▁call▁end｜><｜tool▁calls▁end｜>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

MARKERS = (
    "<｜tool▁calls▁begin｜>",
    "<｜tool▁call▁begin｜>",
    "<｜tool▁sep｜>",
    "<｜tool▁call▁end｜>",
    "<｜tool▁calls▁end｜>",
)
_OPENING = re.compile("<｜tool▁calls▁begin｜>")
_BEGIN = re.compile(
    r"\s*<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>([^\n<>]+)\n```json\n|([^\n<>]+)<｜tool▁sep｜>)"
)
_FENCE_END = re.compile(r"\s*```\s*<｜tool▁call▁end｜>\s*")
_END = re.compile(r"\s*<｜tool▁call▁end｜>\s*")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while match := _BEGIN.match(text, start):
        value, end = bounded_json.read(text, match.end())
        ending = (_FENCE_END if match[1] else _END).match(text, end)
        if ending is None:
            message = f"a call that goes on after its arguments, at character {end}"
            raise Unreadable("unreadable", message)
        items += call_of({"name": (match[1] or match[2]).strip(), "arguments": value})
        start = ending.end()
    return items, start


BLOCKS = Blocks(_OPENING, "<｜tool▁calls▁end｜>", _read)


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        head = f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{call.name}"
        blocks.append(f"{head}\n```json\n{arguments}\n```<｜tool▁call▁end｜>")
    return "<｜tool▁calls▁begin｜>" + "\n".join(blocks) + "<｜tool▁calls▁end｜>" if blocks else ""


FORMAT = Format(
    name="deepseek_v3",
    order=110,
    opening=_OPENING,
    markers=MARKERS,
    turn_ends=("<｜end▁of▁sentence｜>",),
    read=BLOCKS.read,
    write=_write,
    labels=False,
    models="DeepSeek V3, DeepSeek R1",
    source="the chat template that TRL ships, deepseekv3.jinja",
    also_reads="V3.1's calls",
    vllm=("deepseek_v3",),
    special_tokens=MARKERS,
)
