"""SmolLM2: one tagged block with a JSON list of calls, `[]` where none is due.

    <tool_call>[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]</tool_call>

Source: the model card of HuggingFaceTB/SmolLM2-1.7B-Instruct, "Function calling".
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
    return f"<tool_call>{strict_json.dump([call_object(call) for call in calls])}</tool_call>"


_BLOCKS = Blocks("smollm2", re.compile("<tool_call>"), "</tool_call>", read_list)
FORMAT = Format("smollm2", re.compile(r"<tool_call>(?=\s*\[)"), _BLOCKS.parse, _render)
