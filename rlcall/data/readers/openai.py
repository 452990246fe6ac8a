r"""OpenAI's chats for fine-tuning, `{"messages": [...], "tools": [...]}` each. Read and written.

    {"messages": [{"role": "user", "content": "Weather in Paris?"},
                  {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function",
                     "function": {"name": "weather", "arguments": "{\"city\": \"Paris\"}"}}]}],
     "tools": [{"type": "function", "function": {"name": "weather", "parameters": {...}}}],
     "parallel_tool_calls": true}

How a record is read:

- Arguments are JSON text, and become objects, as chat templates want them. The older `functions`,
  `function_call` and the role `function` are read as `tools`, `tool_calls` and `tool`, and counted.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats). `weight` decides where it is given: a turn of weight 0 gives no row,
  and one of weight 1 does, whatever it is.

What `write` returns has one turn of weight 1, the row's answer; `[]` is its text where no call is
due. Ids are added where there are none. Source: the API reference's "fine-tuning > chat format" and
"Function calling".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from rlcall.data.gold import gold_message
from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.choice import check_split
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import as_object, is_chat, messages_of
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_LIST = {"type": ["array", "string", "object", "null"]}
_RECORD = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "messages": {"type": "array", "minItems": 1},
        "tools": _LIST,
        "functions": _LIST,
    },
}
_REQUEST_KEYS = frozenset(("functions", "tool_choice", "parallel_tool_calls", "model"))
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    shown = value.get("tools") or value.get("functions")
    if not isinstance(shown, list) or not fits(value, _RECORD) or "answer" in value:
        return False
    if value.get("metadata") in ("train", "eval") or not is_chat(value["messages"]):
        return False
    if not _REQUEST_KEYS.isdisjoint(value):
        return True
    is_wrapped = any(isinstance(tool, dict) and "function" in tool for tool in shown)
    messages = map(as_object, value["messages"])
    return is_wrapped or any(
        message.keys() & {"tool_calls", "function_call"} for message in messages
    )


def read(path: str) -> Iterator[Reading]:
    """Read each chat of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs messages, and a list of tools."
        raise record.error("", "is not a chat in OpenAI's form", detail)
    check_split(record, notes)
    field = "tools" if record.value.get("tools") else "functions"
    tools = tools_of(record, field, record.value.get(field), notes)
    return chats.rows_of(record, tools, _turns(record, notes), notes)


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[Turn]:
    for index, value in enumerate(record.value["messages"]):
        field = f"messages[{index}]"
        for message in messages_of(record, field, value, notes):
            weight = message.pop("weight", None)
            yield Turn(message, field, None if weight is None else weight == 1)


def write(row: Row) -> dict[str, Any]:
    """Return a row as one line of a file for fine-tuning.

    Raises RowError where the format cannot say all that the row does.
    """
    for tool in row.tools:
        name = tool["function"]["name"]
        if not _NAME.fullmatch(name):
            remedy = f"{name!r} is not 1 to 64 letters, digits, _ and -. Rename it."
            raise RowError("row", 0, "tools", "a tool has a name that OpenAI does not take", remedy)
    answer = {**gold_message(row), "weight": 1}
    messages = []
    for message in row.messages:
        messages.append({**message, "weight": 0} if message["role"] == "assistant" else message)
    return {"messages": list(_with_ids([*messages, answer])), "tools": row.tools}


def _with_ids(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Give each call an id, and each result the id of the call that it answers."""
    used_ids = {call.get("id") for message in messages for call in message.get("tool_calls") or ()}
    new_ids = (f"call_{number}" for number in count(1) if f"call_{number}" not in used_ids)
    unanswered: list[dict[str, Any]] = []
    for message in messages:
        if message.get("tool_calls"):
            calls = []
            for call in message["tool_calls"]:
                calls.append(_as_text({**call, "id": call.get("id") or next(new_ids)}))
            unanswered = list(calls)
            yield {**message, "tool_calls": calls}
        elif message["role"] == "tool":
            call = _call_of(message, unanswered)
            unanswered.remove(call)
            yield {**message, "tool_call_id": str(call["id"])}
        else:
            yield message


def _as_text(call: dict[str, Any]) -> dict[str, Any]:
    """Write a call's arguments as JSON text."""
    function = call["function"]
    arguments = function.get("arguments") or {}
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {**call, "type": "function", "function": {**function, "arguments": text}}


def _call_of(result: dict[str, Any], unanswered: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the first call that has the result's id, or its name if it has no id."""
    call_id, name = result.get("tool_call_id"), result.get("name")
    for call in unanswered:
        same_name = call_id is None and name in (None, call["function"]["name"])
        if call["id"] == call_id or same_name:
            return call
    detail = f"It reads {str(result)[:80]!r}."
    raise RowError("row", 0, "messages", "a tool's result answers no call", detail)
