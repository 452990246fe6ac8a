"""SmolLM2: one tagged block with a JSON list of calls, `[]` where none is due.

<tool_call>[{"name": "f", "arguments": {"a": 1}}, {"name": "g", "arguments": {}}]</tool_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import dump_calls, read_list


def _write(calls: Sequence[Call]) -> str:
    return f"<tool_call>{dump_calls(calls)}</tool_call>"


FORMAT = Format(
    name="smollm2",
    order=40,
    opening=re.compile(r"<tool_call>(?=\s*\[)"),
    markers=("<tool_call>", "</tool_call>"),
    read=Blocks(re.compile("<tool_call>"), "</tool_call>", read_list).read,
    write=_write,
    models="SmolLM2",
    source='the model card of HuggingFaceTB/SmolLM2-1.7B-Instruct, "Function calling"',
)
