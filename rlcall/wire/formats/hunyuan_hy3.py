"""Hunyuan Hy3: the name, and keys and values in tags, as GLM-4.5 has them; all in one block.

<tool_calls>
<tool_call>f<tool_sep>
<arg_key>city</arg_key>
<arg_value>Paris</arg_value>
</tool_call>
</tool_calls>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.key_tags import KeyTags
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable

_TAGS = KeyTags(after_name="<tool_sep>")
_BEGIN = re.compile(r"\s*+<tool_call>")
_END = re.compile(r"\s*+</tool_call>")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while begin := _BEGIN.match(text, start):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls", start)
        inside, end = _TAGS.read(text, begin.end(), tools)
        ending = _END.match(text, end)
        if ending is None:
            message = f"a call that goes on after its arguments, at character {end}"
            raise Unreadable("unreadable", message)
        items += inside
        start = ending.end()
    return items, start


def _write(calls: Sequence[Call]) -> str:
    return f"<tool_calls>\n{_TAGS.write(calls)}\n</tool_calls>" if calls else ""


FORMAT = Format(
    name="hunyuan_hy3",
    order=205,  # before `hunyuan_a13b`, which opens alike
    opening=re.compile(r"<tool_calls>(?=\s*<tool_call>)"),
    markers=("<tool_calls>", "</tool_calls>", "<tool_sep>"),
    read=Blocks(re.compile("<tool_calls>"), "</tool_calls>", _read).read,
    write=_write,
    labels=False,
    models="Hunyuan Hy3",
    source="vLLM's parser, hy_v3_tool_parser.py, and public output of the model",
    also_reads="tags without line breaks between them",
    vllm=("hy_v3",),
)
