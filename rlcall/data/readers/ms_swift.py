r"""ms-swift's agent data: calls and results as messages of roles of their own. Read and written.

    {"tools": "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", ...}}]",
     "messages": [{"role": "user", "content": "Weather in Paris?"},
                  {"role": "tool_call", "content": "{\"name\": \"weather\", \"arguments\": {...}}"},
                  {"role": "tool_response", "content": "clear"},
                  {"role": "assistant", "content": "It is clear."}]}

How a record is read:

- `tool_call`: JSON text of one call; those that follow each other are one turn, with the
  assistant's words right before them. A result is `tool_response` or `tool`.
- `loss` decides where it is given, a message or the record's (`false` or 0 gives no row).
- `rejected_response`, of a preference: the last turn is what was chosen.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).

What `write` returns has `loss` false but for the row's answer. Source: ms-swift's pages "Agent
support" and "Custom dataset".
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rlcall.data.gold import gold_message
from rlcall.data.reading import chats
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import functions_of
from rlcall.data.reading.preferences import with_rejected
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.roles import RoleTurn, turns_of
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

ROLES = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "tool_call": "call",
    "tool_response": "result",
    "tool": "result",
}
_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"enum": list(ROLES)},
        "content": {"type": "string"},
        "loss": {"enum": [True, False, 0, 1, None]},
    },
}
_RECORD = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "tools": {"type": ["string", "array", "null"]},
        "rejected_response": {"type": ["string", "null"]},
    },
}


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD) and any(
        message["role"] in ("tool_call", "tool_response") for message in value["messages"]
    )


def read(path: str) -> Iterator[Reading]:
    """Read each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    value = record.value
    if not fits(value, _RECORD):
        detail = f"It needs messages of text, with the roles {', '.join(ROLES)}."
        raise record.error("", "is not a record of ms-swift's agent form", detail)
    tools = tools_of(record, "tools", value.get("tools"), notes)
    turns = list(turns_of(record, _turns(value), notes))
    rows = chats.rows_of(record, tools, turns, notes)
    rejected = value.get("rejected_response")
    if not rejected:
        return rows
    message = {"role": "assistant", "content": rejected}
    return with_rejected(rows, turns[-1].message, message, notes)


def _turns(value: dict[str, Any]) -> Iterator[RoleTurn]:
    messages = value["messages"]
    is_preference = bool(value.get("rejected_response"))
    for index, message in enumerate(messages):
        loss = message.get("loss")
        target = None if loss is None else bool(loss)
        if is_preference:
            target = index == len(messages) - 1
        content = message["content"].strip()
        yield RoleTurn(f"messages[{index}]", ROLES[message["role"]], content, target)


def write(row: Row) -> dict[str, Any]:
    """Return a row as messages, of which the last ones are its answer.

    Raises RowError where the form cannot say all that the row does.
    """
    messages: list[dict[str, Any]] = []
    for index, message in enumerate([*row.messages, gold_message(row)]):
        is_answer = index == len(row.messages)
        content = message.get("content") or ""
        if not isinstance(content, str):
            reason = "is in parts, and a message of ms-swift is one text"
            raise RowError("row", 0, f"messages[{index}]", reason)
        role = {"tool": "tool_response", "developer": "system"}.get(
            message["role"], message["role"]
        )
        loss = {"loss": is_answer} if role == "assistant" else {}
        if content or not message.get("tool_calls"):
            messages.append({"role": role, "content": content, **loss})
        for function in functions_of(message):
            text = json.dumps(function, ensure_ascii=False)
            messages.append({"role": "tool_call", "content": text, "loss": is_answer})
    return {"tools": row.tools_text, "messages": messages}
