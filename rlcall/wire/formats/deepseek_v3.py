"""DeepSeek V3: all calls in one block, each in a block of its own; V3.1 leaves out the word and the fence.

    <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>f
    ```json
    {"a": 1}
    ```<｜tool▁call▁end｜><｜tool▁calls▁end｜>

    <｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜><｜tool▁calls▁end｜>

Sources: the chat templates of deepseek-ai/DeepSeek-V3-0324 and DeepSeek-V3.1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_BEGIN = re.compile(
    r"\s*<｜tool▁call▁begin｜>(?:function<｜tool▁sep｜>([^\n<>]+)\n```json\n|([^\n<>]+)<｜tool▁sep｜>)"
)
_FENCE_END = re.compile(r"\s*```\s*<｜tool▁call▁end｜>\s*")
_END = re.compile(r"\s*<｜tool▁call▁end｜>\s*")


def _read(text: str, start: int, _tools: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while match := _BEGIN.match(text, start):
        value, end = strict_json.read(text, match.end())
        ending = (_FENCE_END if match[1] else _END).match(text, end)
        if ending is None:
            raise Unreadable(
                "unreadable", f"a call that goes on after its arguments, at character {end}"
            )
        items += call_of({"name": (match[1] or match[2]).strip(), "arguments": value})
        start = ending.end()
    return items, start


def _render(calls: Sequence[Call]) -> str:
    blocks = (
        f"<｜tool▁call▁begin｜>function<｜tool▁sep｜>{call.name}\n"
        f"```json\n{strict_json.dump(encode(call.arguments))}\n```<｜tool▁call▁end｜>"
        for call in calls
    )
    return f"<｜tool▁calls▁begin｜>{chr(10).join(blocks)}<｜tool▁calls▁end｜>" if calls else ""


_OPENING = re.compile("<｜tool▁calls▁begin｜>")
FORMAT = Format(
    "deepseek_v3",
    _OPENING,
    Blocks("deepseek_v3", _OPENING, "<｜tool▁calls▁end｜>", _read).parse,
    _render,
    labels=False,
)
