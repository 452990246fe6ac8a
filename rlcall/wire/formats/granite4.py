"""Granite 4: Hermes' blocks, in strict JSON only. `auto` reads them as `hermes`.

<tool_call>
{"name": "f", "arguments": {"a": 1}}
</tool_call>
"""

from __future__ import annotations

from rlcall.wire.formats.hermes import OPENING, write
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import read_object

FORMAT = Format(
    name="granite4",
    order=60,  # after `hermes`, which opens alike and reads more
    opening=OPENING,
    markers=("<tool_call>", "</tool_call>"),
    read=Blocks(OPENING, "</tool_call>", read_object).read,
    write=write,
    models="Granite 4",
    source="the chat template of ibm-granite/granite-4.0-micro",
    vllm=("granite4", "hermes"),
)
