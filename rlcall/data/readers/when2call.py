r"""When2Call's training files (nvidia/When2Call, CC-BY-4.0): SFT and preferences.

    {"tools": ["{\"name\": \"weather\", \"parameters\": {...}, \"required\": [\"city\"]}"],
     "messages": [{"role": "user", "content": "Weather in Paris?"},
                  {"role": "assistant", "content": "<TOOLCALL>[{\"name\": ...}]</TOOLCALL>"}]}

    {"tools": [...], "messages": [{"role": "user", "content": "Weather, please."}],
     "chosen_response": {"role": "assistant", "content": "In which city?"},
     "rejected_response": {"role": "assistant", "content": "<TOOLCALL>...</TOOLCALL>"}}

How a record is read:

- Tools are flat, each as JSON text or an object, with `required` beside `parameters`.
- Calls stand between `<TOOLCALL>` tags, as a JSON list. Any other reply says that no call is due.
- The last message, or the chosen response, is what is right, whatever it is.

The test files, `when2call_test`, are another form: nothing is trained on them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import call_message
from rlcall.data.reading.parts import calls_of
from rlcall.data.reading.preferences import with_rejected
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"enum": ["system", "user", "assistant"]},
        "content": {"type": "string"},
    },
}
_RECORD = {
    "type": "object",
    "required": ["messages", "tools"],
    "properties": {
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "tools": {"type": "array", "items": {"type": ["string", "object"]}},
        "chosen_response": {"anyOf": [_MESSAGE, {"type": "null"}]},
        "rejected_response": {"anyOf": [_MESSAGE, {"type": "null"}]},
    },
}


_BLOCK = re.compile(r"(.*?)<TOOLCALL>(.*)</TOOLCALL>\s*\Z", re.DOTALL)


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    if not fits(value, _RECORD) or "tool_calls" in value["messages"][-1]:
        return False
    if "chosen_response" in value:
        return True
    is_flat = all(isinstance(tool, str) or "name" in tool for tool in value["tools"])
    return is_flat and set(value) == {"messages", "tools"}


def read(path: str) -> Iterator[Reading]:
    """Read each record of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    value = record.value
    if not fits(value, _RECORD):
        detail = "It needs tools, and messages of text."
        raise record.error("", "is not a training record of When2Call", detail)
    tools = tools_of(record, "tools", record.value["tools"], notes)
    rows = chats.rows_of(record, tools, _turns(record), notes)
    rejected = value.get("rejected_response")
    if not rejected:
        return rows
    chosen = value.get("chosen_response") or value["messages"][-1]
    return with_rejected(
        rows,
        _assistant(record, "chosen_response", chosen["content"]),
        _assistant(record, "rejected_response", rejected["content"]),
        notes,
    )


def _turns(record: SourceRecord) -> Iterator[Turn]:
    messages = [(f"messages[{index}]", item) for index, item in enumerate(record.value["messages"])]
    if record.value.get("chosen_response"):
        messages.append(("chosen_response", record.value["chosen_response"]))
    for number, (field, message) in enumerate(messages, 1):
        if message["role"] == "assistant":
            target = number == len(messages)
            yield Turn(_assistant(record, field, message["content"]), field, target)
        else:
            yield Turn(message, field)


def _assistant(record: SourceRecord, field: str, text: str) -> dict[str, Any]:
    """Return an assistant's text as a message, its calls read. RowError where they cannot be."""
    block = _BLOCK.fullmatch(text.strip())
    if block is None:
        return {"role": "assistant", "content": text}
    calls = calls_of(record, field, block[2].strip())
    return call_message(calls, block[1].strip())
