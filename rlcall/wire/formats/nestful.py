"""NESTFUL: a JSON list of labelled calls. A last entry, `var_result`, says which results are wanted: it is no call.

    [{"name": "search", "arguments": {"query": "Rome"}, "label": "var1"},
     {"name": "hotels", "arguments": {"near": "$var1.id$"}, "label": "var2"},
     {"name": "var_result", "arguments": {"hotel": "$var2.name$"}}]

Source: IBM/NESTFUL, data_v1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rlcall.calls import Call
from rlcall.wire.formats.bare_json import calls_in
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_object
from rlcall.wire.reading.parsed import Item, Tools, Unreadable

_OPENING = re.compile(r'(?:```\w*\s*)?\s*\[\s*\{(?=.*"(?:label"\s*:|var_result"))', re.DOTALL)


def _read(text: str, _tools: Tools) -> list[Item]:
    value = strict_json.load(text)
    if not isinstance(value, list):
        raise Unreadable("not_a_call", "not a list of calls")
    wanted = bool(value) and isinstance(value[-1], dict) and value[-1].get("name") == "var_result"
    return calls_in(value[:-1] if wanted else value)


def _render(calls: Sequence[Call]) -> str:
    return strict_json.dump([call_object(call) for call in calls])


FORMAT = Format("nestful", _OPENING, Bare("nestful", _OPENING, _read).parse, _render)
