r"""TRL's conversational rows with tools, `messages` or `prompt` and `completion`. Read and written.

    {"prompt": [{"role": "user", "content": "Weather in Paris?"}],
     "completion": [{"role": "assistant", "tool_calls": [{"type": "function", "function": {
        "name": "weather", "arguments": {"city": "Paris"}}}]}],
     "tools": "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", ...}}]"}

How a record is read:

- `tools` is a list, or JSON text, which survives Arrow as it is. Arguments are objects, or JSON
  text.
- `messages`: one row for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).
- `prompt` and `completion`: the completion's first message is what is right, whatever it is; the
  prompt gives no rows.
- Messages and tools may be JSON text each, as `datasets` stores them in Parquet.
- Nulls with which Arrow fills up tools and arguments are left out, and counted.
- Other types of TRL's (text, preferences, prompts alone) name no right turn with its tools, and are
  set aside.

What `write` returns has a prompt and a completion, since `messages` would train on every turn of
the conversation. `[]` is the assistant's text where no call is due. Source: TRL's guide "Dataset
formats and types".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rlcall.data.gold import gold_message
from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.choice import check_split
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import is_chat, messages_of
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_ITEMS = {"type": ["object", "string"]}
_MESSAGES = {"type": "array", "minItems": 1, "items": _ITEMS}
_TOOLS = {"type": ["array", "object", "string", "null"], "items": _ITEMS}
_RECORD = {
    "type": "object",
    "anyOf": [{"required": ["messages"]}, {"required": ["prompt", "completion"]}],
    "properties": {
        "messages": _MESSAGES,
        "prompt": _MESSAGES,
        "completion": _MESSAGES,
        "tools": _TOOLS,
    },
}


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    if {"prompt", "completion"} <= value.keys():
        return fits(value, _RECORD)
    is_text = isinstance(value.get("tools"), str)
    return is_text and isinstance(value.get("messages"), list) and is_chat(value["messages"])


def read(path: str) -> Iterator[Reading]:
    """Read each row of TRL's. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    columns = {key: value for key, value in record.value.items() if value is not None}
    if not fits(columns, _RECORD):
        detail = "It needs messages, or prompt and completion, as lists of messages; and tools."
        raise record.error("", "is not a conversational row of TRL's with a right turn", detail)
    check_split(record, notes)
    tools = tools_of(record, "tools", record.value.get("tools"), notes)
    return chats.rows_of(record, tools, _turns(record, columns, notes), notes)


def _turns(record: SourceRecord, columns: dict[str, Any], notes: list[str]) -> Iterator[Turn]:
    if "messages" in columns:
        targets: dict[str, bool | None] = {"messages": None}
    else:
        targets = {"prompt": False, "completion": True}
    for column, target in targets.items():
        for index, message in enumerate(columns[column]):
            field = f"{column}[{index}]"
            if index > 0 and target:
                target = None  # what follows a completion's first message is not marked
            for item in messages_of(record, field, message, notes):
                yield Turn(item, field, target)


def write(row: Row) -> dict[str, Any]:
    """Return a row as prompt, completion and tools (JSON text).

    Raises RowError where the format cannot say all that the row does.
    """
    return {"prompt": row.messages, "completion": [gold_message(row)], "tools": row.tools_text}
