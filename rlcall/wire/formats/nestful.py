"""NESTFUL: a JSON list of labelled calls.

A last entry, `var_result`, says which results are wanted: it is no call.

[{"name": "search", "arguments": {"query": "Rome"}, "label": "var1"},
 {"name": "hotels", "arguments": {"near": "$var1.id$"}, "label": "var2"},
 {"name": "var_result", "arguments": {"hotel": "$var2.name$"}}]
"""

from __future__ import annotations

import re

from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import calls_among, dump_calls
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r'(?:```\w*\s*)?\s*\[\s*\{(?=(?s:.*)"(?:label"\s*:|var_result"))')


def _read(text: str, _: Tools) -> list[Item]:
    values = bounded_json.load(text)
    if not isinstance(values, list):
        raise Unreadable("not_a_call", "not a list of calls")
    last = values[-1] if values else None
    if isinstance(last, dict) and last.get("name") == "var_result":
        values.pop()
    return calls_among(values)


FORMAT = Format(
    name="nestful",
    order=520,
    bare_opening=_OPENING,
    read=Bare(_OPENING, _read).read,
    write=dump_calls,
    models="models prompted as NESTFUL does",
    source="IBM/NESTFUL, data_v1",
    also_reads="a last `var_result`, which is no call",
)
