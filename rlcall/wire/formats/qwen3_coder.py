"""Qwen3-Coder: name and parameters as tags with a value; a value on lines of its own.

<tool_call>
<function=f>
<parameter=city>
Paris
</parameter>
</function>
</tool_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.function_tags import read_function
from rlcall.wire.reading.objects import bare_value


def _write(calls: Sequence[Call]) -> str:
    return "\n".join(map(_block, calls))


def _block(call: Call) -> str:
    lines = ["<tool_call>", f"<function={call.name}>"]
    for key, value in call.arguments.items():
        lines += [f"<parameter={key}>", bare_value(value), "</parameter>"]
    return "\n".join([*lines, "</function>", "</tool_call>"])


FORMAT = Format(
    name="qwen3_coder",
    order=10,
    opening=re.compile(r"<tool_call>(?=\s*<function=)"),
    markers=("<function=", "</function>", "<parameter=", "<tool_call>", "</tool_call>"),
    read=Blocks(re.compile("<tool_call>"), "</tool_call>", read_function).read,
    write=_write,
    labels=False,
    models="Qwen3-Coder, Qwen3.5 to Qwen3.8, Nemotron 3, MiMo, Step-3.5",
    source="the chat templates that TRL ships, qwen3_5_think.jinja to qwen3_8.jinja",
    vllm=("qwen3_coder", "qwen3_xml", "mimo", "step3p5"),
    special_tokens=("<tool_call>", "</tool_call>"),
)
