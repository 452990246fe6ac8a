"""ReAct: the tool's name and its input on lines of their own, perhaps after a thought.

Thought: I must look it up.
Action: f
Action Input: {"city": "Paris"}
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

_INPUT = r"[^\n]+\n\s*+Action[ _]Input:"
_BEGIN = re.compile(rf"(?m:^)[ \t]*+Action:(?={_INPUT})")
_NAME = re.compile(r"[ \t]*+([^\n]+)\n\s*+Action[ _]Input:")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    name = _NAME.match(text, start)
    if name is None:
        raise Unreadable("unreadable", "no action and its input")
    value, end = bounded_json.read(text, name.end())
    return call_of({"name": name[1].strip(), "arguments": value}), end


def _write(calls: Sequence[Call]) -> str:
    lines = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        lines += [f"Action: {call.name}", f"Action Input: {arguments}"]
    return "\n".join(lines)


FORMAT = Format(
    name="react",
    order=537,
    bare_opening=re.compile(rf"\s*(?:Thought:(?:[^\n]*+\n)+?[ \t]*)?Action:{_INPUT}"),
    read=Blocks(_BEGIN, "", _read).read,
    write=_write,
    labels=False,
    models="models prompted in ReAct's way",
    source="LLaMA-Factory's default tool format",
    also_reads="any text before the first action",
)
