"""Phi-4-mini: the word `functools`, and right after it a JSON list of calls.

functools[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_calls, read_list

_OPENING = re.compile(r"functools(?=\[)")


def _write(calls: Sequence[Call]) -> str:
    return f"functools{dump_calls(calls)}"


FORMAT = Format(
    name="phi4_mini",
    order=230,
    opening=_OPENING,
    markers=("functools[",),
    read=Blocks(_OPENING, "", read_list).read,
    write=_write,
    models="Phi-4-mini",
    source="public reports of its output",
    vllm=("phi4_mini_json",),
)
