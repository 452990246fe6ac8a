"""LongCat: the name, and keys and values in tags, as GLM-4.5 has them, under tags of its own.

<longcat_tool_call>f
<longcat_arg_key>city</longcat_arg_key>
<longcat_arg_value>Paris</longcat_arg_value>
</longcat_tool_call>
"""

from __future__ import annotations

import re

from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.bounded_json import skip_space
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.key_tags import KeyTags
from rlcall.wire.reading.objects import read_object
from rlcall.wire.reading.parsed import Item, Tools

_OPENING = re.compile("<longcat_tool_call>")
_TAGS = KeyTags("longcat_")


def _read(text: str, start: int, tools: Tools) -> tuple[list[Item], int]:
    is_json = text.startswith("{", skip_space(text, start))
    return read_object(text, start, tools) if is_json else _TAGS.read(text, start, tools)


FORMAT = Format(
    name="longcat",
    order=270,
    opening=_OPENING,
    markers=(
        "<longcat_tool_call>",
        "</longcat_tool_call>",
        "<longcat_arg_key>",
        "<longcat_arg_value>",
    ),
    read=Blocks(_OPENING, "</longcat_tool_call>", _read).read,
    write=_TAGS.write,
    labels=False,
    models="LongCat-Flash",
    also_reads="a JSON object with `name` and `arguments`",
    source="vLLM's parser, longcat_tool_parser.py",
    vllm=("longcat",),
)
