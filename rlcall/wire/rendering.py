"""What the formats share when they write calls: which calls can be written, and a call as a JSON object.

call_object(Call("f", {"a": Reference("var1")}, "var2")) -> {"name": "f", "arguments": {"a": "$var1$"}, "label": "var2"}
"""

from __future__ import annotations

from typing import Any

from rlcall.calls import Call, Reference, decode, encode, references
from rlcall.wire import strict_json
from rlcall.wire.blocks import MAX_CALLS
from rlcall.wire.parsed import Unreadable
from rlcall.wire.turn import REASONING

_TAGS = (*REASONING, *REASONING.values())


def can_render_objects(calls: list[Call], *, forbidden: tuple[str, ...] = ()) -> bool:
    """Whether JSON objects can write the calls. `forbidden` are strings that no text in them may hold."""
    return len(calls) <= MAX_CALLS and all(_fits(call, (*_TAGS, *forbidden)) for call in calls)


def call_object(call: Call, key: str = "arguments") -> dict[str, Any]:
    value: dict[str, Any] = {"name": call.name, key: encode(call.arguments)}
    return value if call.label is None else {**value, "label": call.label}


def without_labels(calls: list[Call]) -> bool:
    """Whether the calls stand without labels: nothing refers to one, or it is what its position gives it anyway."""
    used = {reference.label for call in calls for _, reference in references(call.arguments)}
    return all(call.label is None for call in calls) or all(
        call.label not in used or call.label == f"var{place}" for place, call in enumerate(calls, 1)
    )


def _fits(call: Call, forbidden: tuple[str, ...]) -> bool:
    try:
        strict_json.check([call.name, call.label, encode(call.arguments)])
    except Unreadable:
        return False
    if any(decode(str(reference)) != reference for _, reference in references(call.arguments)):
        return False
    text = strict_json.dump(call_object(call))
    return not any(word in text for word in forbidden)
