"""Granite 4: Hermes' blocks, in strict JSON only. `auto` reads them as `hermes`.

    <tool_call>
    {"name": "f", "arguments": {"a": 1}}
    </tool_call>

Source: the chat template of ibm-granite/granite-4.0-micro.
"""

from __future__ import annotations

from rlcall.wire.formats.hermes import OPENING, render
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import read_object

FORMAT = Format(
    "granite4", OPENING, Blocks("granite4", OPENING, "</tool_call>", read_object).parse, render
)
