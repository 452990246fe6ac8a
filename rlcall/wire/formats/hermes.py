"""Hermes, Qwen 2.5 and Qwen 3: one JSON object in one tagged block per call.

    <tool_call>
    {"name": "f", "arguments": {"a": 1}}
    </tool_call>

Hermes 2 Pro often writes texts in single quotes, as Python does: read, and noted as
`python_literal`. Nothing else of Python is: not its `True` and `None`, which BFCL does not read
either, and no trailing comma, comment or other way to write a text or a number.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of, dump_call, read_object
from rlcall.wire.reading.parsed import EXCERPT, Item, Problem, Tools, Unreadable
from rlcall.wire.reading.single_quotes import load_single_quoted

OPENING = re.compile("<tool_call>")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    try:
        return read_object(text, start, tools)
    except Unreadable as error:
        end = text.find("</tool_call>", start)
        if error.code != "unreadable" or end < 0 or OPENING.search(text, start, end):
            raise
        items = call_of(_single_quoted(text[start:end], error))
        quoted = text[start:end].strip()[:EXCERPT]
        note = Problem("python_literal", "texts in single quotes, as in Python", quoted)
        return [*items, note], end


def _single_quoted(text: str, error: Unreadable) -> Any:
    try:
        return load_single_quoted(text)
    except Unreadable as literal:
        raise (literal if literal.code == "duplicate_key" else error) from None


def write(calls: Sequence[Call]) -> str:
    """Return the calls, a block each."""
    blocks = [f"<tool_call>\n{dump_call(call)}\n</tool_call>" for call in calls]
    return "\n".join(blocks)


FORMAT = Format(
    name="hermes",
    order=50,
    opening=OPENING,
    markers=("<tool_call>", "</tool_call>"),
    read=Blocks(OPENING, "</tool_call>", _read).read,
    write=write,
    models="Hermes 2 Pro, Hermes 3, Qwen2.5, Qwen3, Qwen3-VL, SmolLM3, Arch-Function, ERNIE 4.5",
    source="the chat templates that TRL ships, qwen2_5.jinja and qwen3.jinja",
    also_reads="texts in single quotes",
    vllm=("hermes", "ernie45"),
    special_tokens=("<tool_call>", "</tool_call>"),
)
