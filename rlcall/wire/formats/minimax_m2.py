"""MiniMax M2: `invoke` tags, all inside one tag of its own.

<minimax:tool_call>
<invoke name="f">
<parameter name="city">Paris</parameter>
</invoke>
</minimax:tool_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.invoke import PLAIN, write_invokes

_OPENING = re.compile("<minimax:tool_call>")


def _write(calls: Sequence[Call]) -> str:
    return write_invokes(calls, "minimax:tool_call")


FORMAT = Format(
    name="minimax_m2",
    order=290,
    opening=_OPENING,
    markers=("<minimax:tool_call>", "</minimax:tool_call>", "</invoke>"),
    turn_ends=("[e~[",),
    read=Blocks(_OPENING, "</minimax:tool_call>", PLAIN.read_calls).read,
    write=_write,
    labels=False,
    models="MiniMax M2, M2.1, M2.5",
    source="llama.cpp's template unsloth-MiniMax-M2.jinja",
    also_reads="values on lines of their own",
    vllm=("minimax_m2",),
)
