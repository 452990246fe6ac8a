"""Granite 3: a tag, and a JSON list of calls. Granite 3.1 writes the tag as text, `<tool_call>`, and never closes it.

    <|tool_call|>[{"name": "f", "arguments": {"a": 1}}]

Source: the chat templates of ibm-granite/granite-3.0-8b-instruct to 3.3.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_object, read_list


def _render(calls: Sequence[Call]) -> str:
    return f"<|tool_call|>{strict_json.dump([call_object(call) for call in calls])}"


_BLOCKS = Blocks("granite3", re.compile(r"<\|tool_call\|>|<tool_call>"), "", read_list)
FORMAT = Format("granite3", re.compile(r"<\|tool_call\|>"), _BLOCKS.parse, _render)
