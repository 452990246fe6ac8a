"""Step-3: all calls in one block, each as an `invoke` tag in a block of its own.

<｜tool_calls_begin｜>
<｜tool_call_begin｜>function<｜tool_sep｜><steptml:invoke name="f">
<steptml:parameter name="city">Paris</steptml:parameter>
</steptml:invoke><｜tool_call_end｜>
<｜tool_calls_end｜>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.invoke import InvokeTags
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable

_MARKERS = (
    "<｜tool_calls_begin｜>",
    "<｜tool_call_begin｜>",
    "<｜tool_sep｜>",
    "<｜tool_call_end｜>",
    "<｜tool_calls_end｜>",
)
_OPENING = re.compile("<｜tool_calls_begin｜>")
_BEGIN = re.compile(r"\s*+<｜tool_call_begin｜>\s*+function\s*+<｜tool_sep｜>")
_END = re.compile(r"\s*+<｜tool_call_end｜>")
_TAGS = InvokeTags("steptml:")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while begin := _BEGIN.match(text, start):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls", start)
        inside, end = _TAGS.read_calls(text, begin.end(), tools)
        ending = _END.match(text, end)
        if ending is None or len(inside) != 1:
            raise Unreadable("unreadable", f"a block that is not one call, at character {end}")
        items += inside
        start = ending.end()
    return items, start


def _write(calls: Sequence[Call]) -> str:
    if not calls:
        return ""
    lines = ["<｜tool_calls_begin｜>"]
    for call in calls:
        begin = "<｜tool_call_begin｜>function<｜tool_sep｜>"
        lines.append(f"{begin}{_TAGS.write_call(call)}<｜tool_call_end｜>")
    return "\n".join([*lines, "<｜tool_calls_end｜>"])


FORMAT = Format(
    name="step3",
    order=330,
    opening=_OPENING,
    markers=(*_MARKERS, "<steptml:", "</steptml:"),
    read=Blocks(_OPENING, "<｜tool_calls_end｜>", _read).read,
    write=_write,
    labels=False,
    models="Step-3",
    source="SGLang's parser, step3_detector.py",
    vllm=("step3",),
    special_tokens=_MARKERS,
)
