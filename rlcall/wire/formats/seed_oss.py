"""Seed-OSS: Qwen3-Coder's tags inside a tag of its own, with values on the line of their tags.

<seed:tool_call>
<function=f>
<parameter=city>Paris</parameter>
</function>
</seed:tool_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.function_tags import read_function
from rlcall.wire.reading.objects import bare_value, framed

_OPENING = re.compile("<seed:tool_call>")


def _write(calls: Sequence[Call]) -> str:
    return "\n".join(map(_block, calls))


def _block(call: Call) -> str:
    lines = ["<seed:tool_call>", f"<function={call.name}>"]
    for key, value in call.arguments.items():
        lines.append(f"<parameter={key}>{framed(bare_value(value))}</parameter>")
    return "\n".join([*lines, "</function>", "</seed:tool_call>"])


FORMAT = Format(
    name="seed_oss",
    order=280,
    opening=_OPENING,
    markers=("<seed:tool_call>", "</seed:tool_call>"),
    turn_ends=("<seed:eos>",),
    read=Blocks(_OPENING, "</seed:tool_call>", read_function).read,
    write=_write,
    labels=False,
    models="Seed-OSS",
    source="llama.cpp's template ByteDance-Seed-OSS.jinja",
    also_reads="values on lines of their own",
    vllm=("seed_oss",),
)
