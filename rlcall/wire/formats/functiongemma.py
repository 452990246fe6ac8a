"""FunctionGemma: a tagged block per call, texts between `<escape>` marks, keys without quotes.

<start_function_call>call:f{city:<escape>Paris<escape>,days:[1,2],at:{lat:48.9}}<end_function_call>
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.unquoted import UnquotedCalls

_OPENING = re.compile("<start_function_call>")
_CALLS = UnquotedCalls("<escape>")


def _write(calls: Sequence[Call]) -> str:
    blocks = [f"<start_function_call>{_CALLS.write(call)}<end_function_call>" for call in calls]
    return "".join(blocks)


FORMAT = Format(
    name="functiongemma",
    order=120,
    opening=_OPENING,
    markers=("<start_function_call>", "<end_function_call>", "<escape>}"),  # not "Press <escape>"
    turn_ends=("<start_function_response>",),
    read=Blocks(_OPENING, "<end_function_call>", _CALLS.read).read,
    write=_write,
    labels=False,
    models="FunctionGemma",
    source='ai.google.dev, "FunctionGemma formatting and best practices"',
    vllm=("functiongemma",),
    special_tokens=("<start_function_call>", "<end_function_call>", "<escape>"),
)
