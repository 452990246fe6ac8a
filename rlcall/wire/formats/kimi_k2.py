"""Kimi K2: all calls in one section, each with its name, its number from 0 on, and its arguments.

<|tool_calls_section_begin|><|tool_call_begin|>functions.f:0<|tool_call_argument_begin|>{"a": 1}
<|tool_call_end|><|tool_call_begin|>functions.g:1<|tool_call_argument_begin|>{}<|tool_call_end|>
<|tool_calls_section_end|>

There are no line breaks between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Tools, Unreadable

_MARKERS = (
    "<|tool_calls_section_begin|>",
    "<|tool_call_begin|>",
    "<|tool_call_argument_begin|>",
    "<|tool_call_end|>",
    "<|tool_calls_section_end|>",
)
_OPENING = re.compile(r"<\|tool_calls_section_begin\|>")
# The name may hold colons; the number is what comes after the last one.
_BEGIN = re.compile(
    r"\s*+<\|tool_call_begin\|>\s*+(?:functions\.)?+([^<>\n]+):\d++\s*+"
    r"<\|tool_call_argument_begin\|>"
)
_END = re.compile(r"\s*+<\|tool_call_end\|>\s*+")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    items: list[Item] = []
    while match := _BEGIN.match(text, start):
        if len(items) >= MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls", start)
        value, end = bounded_json.read(text, match.end())
        ending = _END.match(text, end)
        if ending is None:
            message = f"a call that goes on after its arguments, at character {end}"
            raise Unreadable("unreadable", message)
        items += call_of({"name": match[1], "arguments": value})
        start = ending.end()
    return items, start


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for number, call in enumerate(calls):
        head = f"<|tool_call_begin|>functions.{call.name}:{number}<|tool_call_argument_begin|>"
        blocks.append(f"{head}{bounded_json.dump(encode(call.arguments))}<|tool_call_end|>")
    if not blocks:
        return ""
    return f"<|tool_calls_section_begin|>{''.join(blocks)}<|tool_calls_section_end|>"


FORMAT = Format(
    name="kimi_k2",
    order=320,
    opening=_OPENING,
    markers=_MARKERS,
    read=Blocks(_OPENING, "<|tool_calls_section_end|>", _read).read,
    write=_write,
    labels=False,
    models="Kimi K2, K2 Thinking",
    source="llama.cpp's template moonshotai-Kimi-K2-Thinking.jinja",
    also_reads="names without `functions.`, and any number",
    vllm=("kimi_k2",),
    special_tokens=_MARKERS,
)
