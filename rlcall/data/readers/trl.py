r"""TRL's conversational rows with tools: `messages`, or `prompt` and `completion`. Read and written.

    {"prompt": [{"role": "user", "content": "Weather in Paris?"}],
     "completion": [{"role": "assistant", "tool_calls": [{"type": "function", "function": {
        "name": "weather", "arguments": {"city": "Paris"}}}]}],
     "tools": "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", \"parameters\": {...}}}]"}

How a record is read:

- `tools` is a list, or JSON text, which survives Arrow as it is. Arguments are objects, or JSON text.
- `messages`: one row for each turn that calls, and for a reply before the first call (rlcall.data.reading.chats).
- `prompt` and `completion`: the completion's first message is what is right, whatever it is; the prompt gives no rows.
- Messages and tools may be JSON text each, as `datasets` stores them in Parquet.
- Nulls with which Arrow fills up tools and arguments are left out, and counted.
- Other types of TRL's (text, preferences, prompts alone) name no right turn with its tools, and are set aside.

What `write` gives is a prompt and a completion, since `messages` would train on every turn of the conversation. `[]`
stands for the words where no call is due. Source: TRL's guide "Dataset formats and types".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rlcall.data.readers.openai import as_object, message_of
from rlcall.data.reading import chats, nulls
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json

_ITEMS = {"type": ["object", "string"]}
_MESSAGES = {"type": "array", "minItems": 1, "items": _ITEMS}
_TOOLS = {"type": ["array", "string", "null"], "items": _ITEMS}
_FORM = {
    "type": "object",
    "anyOf": [{"required": ["messages"]}, {"required": ["prompt", "completion"]}],
    "properties": {
        "messages": _MESSAGES,
        "prompt": _MESSAGES,
        "completion": _MESSAGES,
        "tools": _TOOLS,
    },
}
_TARGETS = {
    "messages": None,
    "prompt": False,
    "completion": True,
}  # column -> whether its first turn is to be learnt


def read(path: str) -> Iterator[Reading]:
    """A Reading for each row of TRL's. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    columns = {key: value for key, value in record.value.items() if value is not None}
    if not fits(columns, _FORM):
        detail = "It needs messages, or prompt and completion, as lists of messages; and tools."
        raise record.error("", "is no conversational row of TRL's with a right turn", detail)
    return chats.rows_of(record, _tools(record, notes), _turns(record, columns, notes), notes)


def _tools(record: SourceRecord, notes: list[str]) -> list[dict[str, Any]]:
    value = record.value.get("tools") or []
    try:
        value = (
            strict_json.load(value)
            if isinstance(value, str)
            else nulls.in_tools(list(map(as_object, value)), notes)
        )
    except ValueError as error:
        raise record.error("tools", "is text that is not JSON", f"It {error}.") from error
    if not isinstance(value, list):
        raise record.error("tools", "is no list of tools", f"It begins {str(value)[:80]!r}.")
    return value


def _turns(record: SourceRecord, columns: dict[str, Any], notes: list[str]) -> Iterator[Turn]:
    for column in ("messages",) if "messages" in columns else ("prompt", "completion"):
        target = _TARGETS[column]
        for index, message in enumerate(columns[column]):
            place = f"{column}[{index}]"
            yield Turn(message_of(record, place, message, notes), place, target)
            target = target and None  # what follows the completion's first message is not marked


def write(row: Row) -> dict[str, Any]:
    """A row as prompt, completion and tools (JSON text). RowError where the form cannot say all that the row does."""
    return {
        "prompt": row.messages,
        "completion": [chats.answering_turn(row)],
        "tools": row.tools_text,
    }
