r"""LLaMA-Factory v1: messages whose content is in parts, each with a `value`. Read and written.

    {"messages": [
       {"role": "user", "content": [{"type": "text", "value": "Weather in Paris?"}]},
       {"role": "assistant", "content": [
          {"type": "reasoning", "value": "They want Paris."},
          {"type": "tool_call", "value": "{\"name\": \"weather\", \"arguments\": {...}}"}]},
       {"role": "tool", "content": [{"type": "text", "value": "clear"}]}],
     "tools": "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", ...}}]"}

How a record is read:

- Parts are `text`, `reasoning` and `tool_call` (JSON text of one call, or a list). Others are no
  text, and end the conversation.
- `loss_weight` decides where it is given: a message of weight 0 gives no row, any other does.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).

What `write` returns has the weight 1 for the row's answer alone. Source: the converters of
LLaMA-Factory's v1, and its `reason_tool_use_demo_50.jsonl`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rlcall.data.gold import gold_message
from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import functions_of, messages_of
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_PART = {
    "type": "object",
    "required": ["type", "value"],
    "properties": {"value": {"type": "string"}},
}
_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"enum": ["system", "user", "assistant", "tool"]},
        "content": {"type": "array", "items": _PART},
        "loss_weight": {"type": ["number", "null"]},
    },
}
_RECORD = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "tools": {"type": ["string", "array", "null"]},
    },
}


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD)


def read(path: str) -> Iterator[Reading]:
    """Read each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs messages whose content is a list of parts with type and value."
        raise record.error("", "is not a record of LLaMA-Factory v1", detail)
    tools = tools_of(record, "tools", record.value.get("tools"), notes)
    return chats.rows_of(record, tools, _turns(record, notes), notes)


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[Turn]:
    for index, value in enumerate(record.value["messages"]):
        field = f"messages[{index}]"
        weight = value.get("loss_weight")
        target = None if weight is None else weight > 0
        message = {key: item for key, item in value.items() if key != "loss_weight"}
        # Its calls are always among the parts, so that is nothing to tell.
        for item in messages_of(record, field, message, []):
            yield Turn(item, field, target)


def write(row: Row) -> dict[str, Any]:
    """Return a row as messages in parts.

    Raises RowError where the form cannot say all that the row does.
    """
    messages = []
    for index, message in enumerate([*row.messages, gold_message(row)]):
        role = "system" if message["role"] == "developer" else message["role"]
        weight = 1.0 if index == len(row.messages) else 0.0
        parts = list(_parts(message, index))
        messages.append({"role": role, "content": parts, "loss_weight": weight})
    return {"messages": messages, "tools": row.tools_text}


def _parts(message: dict[str, Any], index: int) -> Iterator[dict[str, str]]:
    content = message.get("content") or ""
    if not isinstance(content, str):
        reason = "is in parts of another form"
        raise RowError("row", 0, f"messages[{index}]", reason)
    if message.get("reasoning_content"):
        yield {"type": "reasoning", "value": message["reasoning_content"]}
    if content or not message.get("tool_calls"):
        yield {"type": "text", "value": content}
    for function in functions_of(message):
        yield {"type": "tool_call", "value": json.dumps(function, ensure_ascii=False)}
