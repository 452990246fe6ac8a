r"""TRL's preferences with tools: a prompt, the reply that was chosen, and the one that was not.

    {"prompt": [{"role": "user", "content": "Weather in Paris?"}],
     "chosen": [{"role": "assistant", "tool_calls": [{"type": "function", "function": {...}}]}],
     "rejected": [{"role": "assistant", "content": "No idea."}],
     "tools": [{"type": "function", "function": {"name": "weather", "parameters": {...}}}]}

How a record is read:

- Without `prompt`, what `chosen` and `rejected` begin with alike is the prompt.
- The first message of the assistant in `chosen` after the prompt is what is right, whatever it is.
- As rows the rejected reply is left out, and counted; `rlcall pairs` makes pairs of both.
- Tools and messages are as in the form `trl`.

Source: TRL's guide "Dataset formats and types", "Preference".
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import messages_of
from rlcall.data.reading.preferences import with_rejected
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_MESSAGES = {"type": "array", "minItems": 1, "items": {"type": ["object", "string"]}}
_RECORD = {
    "type": "object",
    "required": ["chosen", "rejected"],
    "properties": {
        "prompt": {**_MESSAGES, "type": ["array", "null"]},
        "chosen": _MESSAGES,
        "rejected": _MESSAGES,
        "tools": {"type": ["array", "object", "string", "null"]},
    },
}
NO_REPLY = "holds no reply of the assistant"


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD)


def read(path: str) -> Iterator[Reading]:
    """Read each preference of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    value = record.value
    if not fits(value, _RECORD):
        detail = "It needs chosen and rejected as lists of messages; and prompt, and tools."
        raise record.error("", "is not a preference of TRL's with messages", detail)
    tools = tools_of(record, "tools", value.get("tools"), notes)
    columns = _columns(value)
    if not columns["chosen"] or not columns["rejected"]:
        raise record.error("rejected", NO_REPLY, "One is the beginning of the other.")
    turns = []
    for column, target in (("prompt", False), ("chosen", True)):
        for index, item in enumerate(columns[column]):
            field = f"{column}[{index}]"
            for message in messages_of(record, field, item, notes):
                turns.append(Turn(message, field, target if index == 0 else target and None))
    chosen = messages_of(record, "chosen[0]", columns["chosen"][0], [])[0]
    rejected = messages_of(record, "rejected[0]", columns["rejected"][0], [])[0]
    return with_rejected(chats.rows_of(record, tools, turns, notes), chosen, rejected, notes)


def _columns(value: dict[str, Any]) -> dict[str, list[Any]]:
    """Return prompt, chosen and rejected, where the prompt may stand in both of the others."""
    if value.get("prompt"):
        return {key: value[key] for key in ("prompt", "chosen", "rejected")}
    pairs = zip(value["chosen"], value["rejected"], strict=False)
    shared = len(list(takewhile(lambda pair: pair[0] == pair[1], pairs)))
    chosen, rejected = value["chosen"][shared:], value["rejected"][shared:]
    return {"prompt": value["chosen"][:shared], "chosen": chosen, "rejected": rejected}
