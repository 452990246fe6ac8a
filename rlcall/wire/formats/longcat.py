"""LongCat: the name, and keys and values in tags, as GLM-4.5 has them, under tags of its own.

<longcat_tool_call>f
<longcat_arg_key>city</longcat_arg_key>
<longcat_arg_value>Paris</longcat_arg_value>
</longcat_tool_call>
"""

from __future__ import annotations

import re

from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.key_tags import KeyTags

_OPENING = re.compile("<longcat_tool_call>")
_TAGS = KeyTags("longcat_")

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
    read=Blocks(_OPENING, "</longcat_tool_call>", _TAGS.read).read,
    write=_TAGS.write,
    labels=False,
    models="LongCat-Flash",
    source="public reports of its output",
    vllm=("longcat",),
)
