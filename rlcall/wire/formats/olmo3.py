"""Olmo 3: Python calls, one a line, inside one tag.

<function_calls>f(city="Paris", exact=true)
g()</function_calls>

Values are written as JSON, which the calls' reader takes next to Python's own words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.blocks import Blocks
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.python_calls import is_name
from rlcall.wire.reading.python_source import SourceBlock

_OPENING = re.compile("<function_calls>")
_CLOSING = "</function_calls>"


def _write(calls: Sequence[Call]) -> str:
    if not calls:
        return ""
    source = "\n".join(map(_line, calls))
    return f"<function_calls>{source}{_CLOSING}"


def _line(call: Call) -> str:
    """Return one call; arguments whose names are none in Python are in one object at its end."""
    arguments: list[str] = []
    odd: dict[str, Any] = {}
    for key, value in call.arguments.items():
        if is_name(key):
            arguments.append(f"{key}={bounded_json.dump(encode(value))}")
        else:
            odd[key] = encode(value)
    if odd:
        arguments.append(f"**{bounded_json.dump(odd)}")
    return f"{call.name}({', '.join(arguments)})"


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
