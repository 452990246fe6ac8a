"""Mistral since 2025: a tag before each call, its name, another tag, and its arguments.

[TOOL_CALLS]f[ARGS]{"a": 1}[TOOL_CALLS]g[ARGS]{}
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.formats.mistral import BLOCKS, MARKERS
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.format import Format


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        blocks.append(f"[TOOL_CALLS]{call.name}[ARGS]{arguments}")
    return "".join(blocks)


FORMAT = Format(
    name="mistral_v11",
    order=75,  # before `mistral`, which opens alike
    opening=re.compile(r"\[TOOL_CALLS\](?=[^\[\]{}\n]++\[(?:ARGS|CALL_ID)\])"),
    markers=MARKERS,
    read=BLOCKS.read,
    write=_write,
    labels=False,
    models="Mistral Small 3.1 and later, Magistral, Devstral, Ministral 3, Mistral Large 3",
    source="mistral-common, instruct tokenizers v11 and v13",
    also_reads="`[CALL_ID]` before `[ARGS]`; the list of `mistral`",
    vllm=("mistral",),
    special_tokens=("[TOOL_CALLS]", "[ARGS]"),
)
