"""Olmo 3: Python calls, one a line, inside one tag.

<function_calls>f(city="Paris", exact=true)
g()</function_calls>

Values are written as JSON, which the calls' reader takes next to Python's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.python_source import SourceBlock

_OPENING = re.compile("<function_calls>")
_CLOSING = "</function_calls>"


def _write(calls: Sequence[Call]) -> str:
    lines = []
    for call in calls:
        pairs = call.arguments.items()
        values = [f"{key}={bounded_json.dump(encode(value))}" for key, value in pairs]
        lines.append(f"{call.name}({', '.join(values)})")
    source = "\n".join(lines)
    return f"<function_calls>{source}{_CLOSING}" if lines else ""


FORMAT = Format(
    name="olmo3",
    order=305,  # after `anthropic_xml`, which says more of how it begins
    opening=_OPENING,
    markers=("<function_calls>", _CLOSING),
    read=Blocks(_OPENING, _CLOSING, SourceBlock(_CLOSING)).read,
    write=_write,
    labels=False,
    models="Olmo 3",
    source="vLLM's parser, olmo3_tool_parser.py",
    also_reads="Python's words and quotes; a list of calls",
    vllm=("olmo3",),
)
