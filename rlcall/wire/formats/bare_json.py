"""Bare JSON: an object, a list, objects separated by `;`, or `{"tool_calls": [...]}`, with or without a code fence.

    {"tool_calls": [{"name": "f", "arguments": {"a": 1}}]}

Nobody owns this form, so it reads `parameters` in the place of `arguments` as well. Source: the model cards of
Salesforce/xLAM-1b-fc-r and xLAM-7b-r.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import WITH_ID, call_object, calls_of, read_values
from rlcall.wire.reading.parsed import Item, Problem, Tools, Unreadable

OPENING = re.compile(r"(?:```\w*\s*)?\s*(?:\{|\[\s*(?:\{|\]))")


def _read(text: str, _tools: Tools) -> list[Item]:
    values, end = read_values(text, 0, ";")
    if text[end:].strip("; \n"):
        raise Unreadable("text_around", f"there is more after the JSON, at character {end}")
    if len(values) > 1 or not isinstance(values[0], dict) or "tool_calls" not in values[0]:
        return calls_in(values[0] if isinstance(values[0], list) else values)
    extra = values[0].keys() - {"tool_calls"}
    notes = [Problem("extra_key", f"keys of no use: {sorted(extra)}"[:200])] if extra else []
    return [*calls_in(values[0]["tool_calls"]), *notes]


def calls_in(values: Any) -> list[Item]:
    """The calls among JSON values. Raises where none of them looks like one: that is data, not calls."""
    if not isinstance(values, list) or (
        values and not any(isinstance(v, dict) and "name" in v for v in values)
    ):
        raise Unreadable("not_a_call", "JSON, but no call")
    return calls_of(values, "", WITH_ID)


def _render(calls: Sequence[Call]) -> str:
    return strict_json.dump([call_object(call) for call in calls])


FORMAT = Format("json", OPENING, Bare("json", OPENING, _read).parse, _render)
