"""Mistral until 2024: a tag, and a JSON list of calls.

[TOOL_CALLS] [{"name": "f", "arguments": {"a": 1}, "id": "bQ3cYn2X1"}]
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

# `[ARGS]` alone also stands in the usage of a command: `run [OPTIONS] [ARGS]`.
MARKERS = ("[TOOL_CALLS]", "[CALL_ID]", "[ARGS]{", "[ARGS] {")
_OPENING = re.compile(r"\[TOOL_CALLS\]")
_NAME = re.compile(r"([^\[\]{}\n]++)(?:\[CALL_ID\][^\[\]{}\n]*+)?\[ARGS\]")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    if text.startswith("[", bounded_json.skip_space(text, start)):
        return read_list(text, start, tools)
    match = _NAME.match(text, start)
    if match is None:
        raise Unreadable("unreadable", "neither a list of calls nor name[ARGS]")
    value, end = bounded_json.read(text, match.end())
    return call_of({"name": match[1].lstrip(), "arguments": value}), end


BLOCKS = Blocks(_OPENING, "", _read)


def _write(calls: Sequence[Call]) -> str:
    return f"[TOOL_CALLS] {dump_calls(calls)}"


FORMAT = Format(
    name="mistral",
    order=80,
    opening=_OPENING,
    markers=MARKERS,
    read=BLOCKS.read,
    write=_write,
    models="Mistral 7B v0.3, Mistral Nemo, Mixtral, Mistral Large 2",
    source="mistral-common, instruct tokenizers v3 to v7",
    also_reads="the form of `mistral_v11`",
    special_tokens=("[TOOL_CALLS]",),
)
