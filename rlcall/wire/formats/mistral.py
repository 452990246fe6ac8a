"""Mistral: a tag, and either a JSON list of calls or, since 2025, name and arguments of one call.

    [TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}, "id": "bQ3cYn2X1"}]
    [TOOL_CALLS]f[ARGS]{"a": 1}[TOOL_CALLS]g[ARGS]{}

Calls are written in the first form, which can hold labels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of, dump_calls, read_list
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r"\[TOOL_CALLS\]")
_NAME = re.compile(r"([^\[\]{}\n]++)(?:\[CALL_ID\][^\[\]{}\n]*+)?\[ARGS\]")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    if text.startswith("[", bounded_json.skip_space(text, start)):
        return read_list(text, start, tools)
    match = _NAME.match(text, start)
    if match is None:
        raise Unreadable("unreadable", "neither a list of calls nor name[ARGS]")
    value, end = bounded_json.read(text, match.end())
    return call_of({"name": match[1].strip(), "arguments": value}), end


def _write(calls: Sequence[Call]) -> str:
    return f"[TOOL_CALLS] {dump_calls(calls)}"


FORMAT = Format(
    name="mistral",
    order=80,
    opening=_OPENING,
    markers=("[TOOL_CALLS]", "[ARGS]"),
    read=Blocks(_OPENING, "", _read).read,
    write=_write,
    models="Mistral 7B v0.3 and later",
    source="mistral-common, instruct tokenizers v3 to v13",
    also_reads='`[TOOL_CALLS]f[ARGS]{"city": "Paris"}`',
    vllm=("mistral",),
    special_tokens=("[TOOL_CALLS]", "[ARGS]"),
)
