"""GLM-4.5: the name, and keys and values in tags; text is bare, anything else is JSON.

<tool_call>f
<arg_key>city</arg_key>
<arg_value>Paris</arg_value>
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

_NAME = re.compile(r"\s*+([^\s<{\[][^\n<]*+)\s*+(?=<)")
_KEY = re.compile(r"\s*<arg_key>([^<\n]*)</arg_key>\s*<arg_value>")
_OPENING = re.compile(
    r"<tool_call>(?=\s*[^\s<{\[][^\n<]*+\s*+<arg_key>|\s*[^\W\d][^\n<]*+\s*</tool_call>)"
)


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    name = _NAME.match(text, start)
    if name is None:
        raise Unreadable("not_a_call", "a block without a name")
    at, pairs = name.end(), []
    while key := _KEY.match(text, at):
        end = text.find("</arg_value>", key.end())
        if end < 0:
            raise Unreadable("truncated", "no </arg_value>")
        pairs.append((key[1].strip(), text[key.end() : end]))
        at = end + len("</arg_value>")
    return call_of_pairs(name[1].strip(), pairs, tools), at


def _write(calls: Sequence[Call]) -> str:
    return "\n".join(map(_block, calls))


def _block(call: Call) -> str:
    lines = [f"<tool_call>{call.name}"]
    for key, value in call.arguments.items():
        lines.append(f"<arg_key>{key}</arg_key>")
        lines.append(f"<arg_value>{bare_value(value)}</arg_value>")
    return "\n".join([*lines, "</tool_call>"])


FORMAT = Format(
    name="glm45",
    order=20,
    opening=_OPENING,
    markers=("<arg_key>", "<arg_value>", "<tool_call>", "</tool_call>"),
    read=Blocks(re.compile("<tool_call>"), "</tool_call>", _read).read,
    write=_write,
    labels=False,
    models="GLM-4.5 and later",
    source="the chat template of zai-org/GLM-4.5",
    vllm=("glm45", "glm47"),
    special_tokens=("<tool_call>", "</tool_call>", "<arg_key>", "<arg_value>"),
)
