"""InternLM: each call as a JSON object between control tokens, with `parameters`.

<|action_start|><|plugin|>{"name": "f", "parameters": {"a": 1}}<|action_end|>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import calls_of, dump_call
from rlcall.wire.reading.parsed import Item, Tools

_OPENING = re.compile(r"<\|action_start\|>\s*+<\|plugin\|>")


def _read(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    value, end = bounded_json.read(text, start)
    return calls_of([value], ""), end


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for call in calls:
        blocks.append(f"<|action_start|><|plugin|>{dump_call(call, 'parameters')}<|action_end|>")
    return "\n".join(blocks)


FORMAT = Format(
    name="internlm",
    order=240,
    opening=_OPENING,
    markers=("<|action_start|>", "<|plugin|>", "<|action_end|>"),
    read=Blocks(_OPENING, "<|action_end|>", _read).read,
    write=_write,
    models="InternLM 2.5 and 3, Intern-S1",
    source="vLLM's parser, internlm2_tool_parser.py",
    also_reads="`arguments` for `parameters`",
    vllm=("internlm",),
)
