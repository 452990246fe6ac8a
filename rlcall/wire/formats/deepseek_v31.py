"""DeepSeek V3.1: V3's tokens without the word `function` and the fence.

<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>f<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜>
<｜tool▁calls▁end｜>

There are no line breaks between them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.formats.deepseek_v3 import BLOCKS, MARKERS
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.format import Format


def _write(calls: Sequence[Call]) -> str:
    blocks = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        head = f"<｜tool▁call▁begin｜>{call.name}<｜tool▁sep｜>"
        blocks.append(f"{head}{arguments}<｜tool▁call▁end｜>")
    return f"<｜tool▁calls▁begin｜>{''.join(blocks)}<｜tool▁calls▁end｜>" if blocks else ""


FORMAT = Format(
    name="deepseek_v31",
    order=105,
    opening=re.compile(
        r"<｜tool▁calls▁begin｜>(?=\s*<｜tool▁call▁begin｜>[^\n<>]+<｜tool▁sep｜>\s*\{)"
    ),
    markers=MARKERS,
    turn_ends=("<｜end▁of▁sentence｜>",),
    read=BLOCKS.read,
    write=_write,
    labels=False,
    models="DeepSeek V3.1",
    source="llama.cpp's template deepseek-ai-DeepSeek-V3.1.jinja",
    also_reads="V3's calls",
    vllm=("deepseek_v31",),
    special_tokens=MARKERS,
)
