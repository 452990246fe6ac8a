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
from rlcall.wire.reading.objects import bare_value, call_of_pairs
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_FUNCTION = re.compile(r"\s*<function=([^>\n]*)>")
_PARAMETER = re.compile(r"\s*<parameter=([^>\n]*)>\n?")
_END = re.compile(r"\s*</function>")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    function = _FUNCTION.match(text, start)
    if function is None:
        raise Unreadable("not_a_call", "a block without a function")
    at, pairs = function.end(), []
    while parameter := _PARAMETER.match(text, at):
        end = text.find("</parameter>", parameter.end())
        if end < 0:
            raise Unreadable("truncated", "no </parameter>")
        pairs.append((parameter[1], text[parameter.end() : end].removesuffix("\n")))
        at = end + len("</parameter>")
    ending = _END.match(text, at)
    if ending is None:
        message = f"neither a parameter nor the function's end at character {at}"
        raise Unreadable("unreadable", message)
    return call_of_pairs(function[1], pairs, tools), ending.end()


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
    read=Blocks(re.compile("<tool_call>"), "</tool_call>", _read).read,
    write=_write,
    labels=False,
    models="Qwen3-Coder",
    source="the chat template of Qwen/Qwen3-Coder-30B-A3B-Instruct",
    vllm=("qwen3_coder", "qwen3_xml"),
    special_tokens=("<tool_call>", "</tool_call>"),
)
