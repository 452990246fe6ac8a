"""Bare JSON, with or without a code fence.

    {"tool_calls": [{"name": "f", "arguments": {"a": 1}}]}

An object, a list, objects separated by `;`, or `{"tool_calls": [...]}`. Nobody owns this form, so
it reads `parameters` instead of `arguments` as well.
"""

from __future__ import annotations

import re

from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import calls_among, dump_calls, extra_keys, read_values
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r"(?:```\w*\s*)?\s*(?:\{|\[\s*(?:\{|\]))")


def _read(text: str, _: Tools) -> list[Item]:
    values, end = read_values(text, 0, ";")
    if text[end:].strip("; \n"):
        raise Unreadable("text_around", f"there is more after the JSON, at character {end}")
    first = values[0]
    if len(values) > 1 or not isinstance(first, dict) or "tool_calls" not in first:
        return calls_among(first if isinstance(first, list) else values)
    items = calls_among(first["tool_calls"])
    if extra := first.keys() - {"tool_calls"}:
        items.append(extra_keys(extra))
    return items


FORMAT = Format(
    name="json",
    order=530,
    bare_opening=_OPENING,
    read=Bare(_OPENING, _read).read,
    write=dump_calls,
    models="xLAM, xLAM-2, and many others when prompted",
    source="the model cards of Salesforce/xLAM-1b-fc-r and xLAM-2",
    also_reads='an object, `;` between objects, `{"tool_calls": [...]}`; `parameters`',
    vllm=("xlam",),
)
