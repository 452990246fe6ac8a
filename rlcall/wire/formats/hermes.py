"""Hermes, Qwen 2.5 and Qwen 3: one JSON object in one tagged block per call.

    <tool_call>
    {"name": "f", "arguments": {"a": 1}}
    </tool_call>

Hermes 2 Pro often writes texts in single quotes, as Python does: read, and noted as `python_literal`. Its `True`,
`False` and `None` are not: BFCL does not read them either.
Sources: the chat templates of NousResearch/Hermes-2-Pro-Mistral-7B and Qwen/Qwen2.5-7B-Instruct.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.literals import load_single_quoted
from rlcall.wire.reading.objects import call_object, call_of, read_object
from rlcall.wire.reading.parsed import EXCERPT, Item, Problem, Tools, Unreadable


def _read(text: str, start: int, _tools: Tools) -> tuple[list[Item], int]:
    try:
        return read_object(text, start, _tools)
    except Unreadable as error:
        end = text.find("</tool_call>", start)
        if error.code != "unreadable" or end < 0 or OPENING.search(text, start, end):
            raise
        items = call_of(_single_quoted(text[start:end], error))
        note = Problem(
            "python_literal",
            "texts in single quotes, as in Python",
            text[start:end].strip()[:EXCERPT],
        )
        return [*items, note], end


def _single_quoted(text: str, error: Unreadable) -> Any:
    try:
        return load_single_quoted(text)
    except Unreadable as literal:
        raise (literal if literal.code == "duplicate_key" else error) from None


def render(calls: Sequence[Call]) -> str:
    return "\n".join(
        f"<tool_call>\n{strict_json.dump(call_object(call))}\n</tool_call>" for call in calls
    )


OPENING = re.compile("<tool_call>")
FORMAT = Format("hermes", OPENING, Blocks("hermes", OPENING, "</tool_call>", _read).parse, render)
