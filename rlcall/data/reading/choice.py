"""The choice that a request left to the assistant: under `tool_choice` a reply may not be its own.

    check_choice(record, {"tool_choice": "none"})
    # RowError: tool_choice: the request forbids calls, so ...

A reply under "none" does not say that no call was due, nor a call under "required" that one was.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.data.reading.records import SourceRecord, beginning

FORBIDDEN = "the request forbids calls, so the reply does not say that none was due"
FORCED = "the request forces a call, so the call does not say that one was due"
OTHER = "is no choice of tools that is known"


def check_choice(record: SourceRecord, request: Mapping[str, Any]) -> None:
    """Raise RowError where a request settles whether the assistant calls.

    Its `tool_choice`, or the older `function_call`; "auto" leaves the choice, as nothing does.
    """
    for key in ("tool_choice", "function_call"):
        choice = request.get(key)
        kind = choice.get("mode", choice.get("type")) if isinstance(choice, dict) else choice
        if kind in (None, "", "auto"):
            continue
        if kind == "none":
            raise record.error(key, FORBIDDEN)
        if kind in ("required", "any", "function", "tool", "custom") or isinstance(choice, dict):
            raise record.error(key, FORCED, f"It is {choice!r:.80}.")
        raise record.error(key, OTHER, beginning(choice))
