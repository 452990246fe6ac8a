"""GLM-4.5: the name and, in tags of their own, keys and values. Text stands bare; anything else is JSON.

    <tool_call>f
    <arg_key>city</arg_key>
    <arg_value>Paris</arg_value>
    </tool_call>

Source: the chat template of zai-org/GLM-4.5.
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


def _render(calls: Sequence[Call]) -> str:
    return "\n".join(f"<tool_call>{call.name}\n{_pairs(call)}</tool_call>" for call in calls)


def _pairs(call: Call) -> str:
    return "".join(
        f"<arg_key>{key}</arg_key>\n<arg_value>{bare_value(value)}</arg_value>\n"
        for key, value in call.arguments.items()
    )


_OPENING = re.compile(
    r"<tool_call>(?=\s*[^\s<{\[][^\n<]*+\s*+<arg_key>|\s*[^\W\d][^\n<]*+\s*</tool_call>)"
)
_BLOCKS = Blocks("glm45", re.compile("<tool_call>"), "</tool_call>", _read)
FORMAT = Format("glm45", _OPENING, _BLOCKS.parse, _render, labels=False)
