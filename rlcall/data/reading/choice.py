"""What a record says of itself: whether the assistant was free to call, and what it is there for.

Under `tool_choice` a reply may not be the assistant's own choice.

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
HELD_OUT = "is held out for evaluation; `mobile_actions_eval` reads it"
SPLIT = "records that say they are held out (`split`) were read like the others"  # a note
_HELD_OUT = frozenset(("eval", "evaluation", "test", "validation", "valid", "dev"))
OTHER = "is no choice of tools that is known"


def check_split(record: SourceRecord, notes: list[str]) -> None:
    """Raise RowError for a record of Mobile Actions that is held out; a note for other splits."""
    if record.value.get("metadata") == "eval":
        raise record.error("metadata", HELD_OUT)
    if record.value.get("split") in _HELD_OUT:
        notes.append(SPLIT)


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
