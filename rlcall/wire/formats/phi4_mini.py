"""Phi-4-mini: the word `functools`, and right after it a JSON list of calls.

functools[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]

Its tokenizer has a pair of tags around one object, `<|tool_call|>{...}<|/tool_call|>`, which some
prompts ask for.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.bounded_json import skip_space
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_calls, read_list, read_object
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r"functools(?=\[)|<\|tool_call\|>(?=\s*\{)")
_TAG_END = "<|/tool_call|>"


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    if text.startswith("[", start):
        return read_list(text, start, tools)
    items, end = read_object(text, start, tools)
    end = skip_space(text, end)
    if not text.startswith(_TAG_END, end):
        raise Unreadable("truncated", f"no {_TAG_END}", end)
    return items, end + len(_TAG_END)


def _write(calls: Sequence[Call]) -> str:
    return f"functools{dump_calls(calls)}"


FORMAT = Format(
    name="phi4_mini",
    order=95,  # before `granite3`, whose tag is one of these
    opening=_OPENING,
    markers=("functools[", "<|tool_call|>", _TAG_END),
    read=Blocks(_OPENING, "", _read).read,
    write=_write,
    models="Phi-4-mini",
    source="vLLM's parser, phi4mini_tool_parser.py",
    also_reads="`<|tool_call|>{...}<|/tool_call|>`",
    vllm=("phi4_mini_json",),
    special_tokens=("<|tool_call|>", _TAG_END),
)
