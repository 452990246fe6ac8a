r"""Toucan's trajectories (Agent-Ark/Toucan-1.5M, Apache-2.0), whose columns are JSON text.

    {"uuid": "...", "subset_name": "single-turn-original",
     "messages": "[{\"role\": \"user\", \"content\": \"...\"},
                   {\"role\": \"assistant\", \"content\": \"\", \"function_call\": {...}},
                   {\"role\": \"function\", \"name\": \"f\", \"content\": \"...\"}]",
     "available_tools": "[{\"type\": \"function\", \"function\": {...}}]"}

How a record is read:

- Calls are OpenAI's older `function_call`; those that follow each other are one turn. In the
  configuration SFT they are messages of the roles `tool_call` and `tool_response`, as JSON or as
  Python literals, which are read and never evaluated.
- Tools: `tools`, or `available_tools`. A system message that declares the tools once more, in one
  model's own tokens, is left out, since prompts are rendered by the model's own template.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.literal_text import value_of
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.roles import RoleTurn, turns_of
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

ROLES = {
    "system": "system",
    "user": "user",
    "assistant": "assistant",
    "function": "result",
    "tool": "result",
    "tool_call": "call",
    "tool_response": "result",
}
DECLARATION = "system messages that declare the tools once more were left out"  # a note
_DECLARES = ("<|im_system|>tool_declare", "tool_declare<|im_middle|>")
_TEXT = {"type": ["string", "null"]}
_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "properties": {"name": {"type": "string"}},
}
_MESSAGES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "object",
        "required": ["role"],
        "properties": {
            "role": {"enum": list(ROLES)},
            "content": _TEXT,
            "function_call": {"anyOf": [_CALL, {"type": "null"}]},
        },
    },
}
_RECORD = {
    "type": "object",
    "required": ["messages"],
    "anyOf": [{"required": ["tools"]}, {"required": ["available_tools"]}],
    "properties": {"messages": {"type": "string"}, "uuid": _TEXT},
}


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD) and bool({"uuid", "subset_name", "available_tools"} & value.keys())


def read(path: str) -> Iterator[Reading]:
    """Read each trajectory of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs messages as JSON text, and tools or available_tools."
        raise record.error("", "is not a record of Toucan", detail)
    field = "tools" if record.value.get("tools") else "available_tools"
    tools = tools_of(record, field, record.value.get(field), notes)
    return chats.rows_of(record, tools, turns_of(record, _turns(record, notes), notes), notes)


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[RoleTurn]:
    messages = record.parse_json("messages", record.value["messages"])
    if not fits(messages, _MESSAGES):
        detail = f"A message has one of the roles {', '.join(ROLES)}, and text."
        raise record.error("messages", "is not a list of Toucan's messages", detail)
    for index, message in enumerate(messages):
        field = f"messages[{index}]"
        content = (message.get("content") or "").strip()
        role = ROLES[message["role"]]
        if role == "system" and content.startswith(_DECLARES):
            notes.append(DECLARATION)
            continue
        if role == "call":
            content = json.dumps(value_of(record, field, content, notes))
        if message.get("function_call"):
            if reasoning := _words(message):
                yield RoleTurn(field, "assistant", reasoning)
            yield RoleTurn(field, "call", json.dumps(message["function_call"]))
        elif role == "assistant" and message.get("reasoning_content"):
            yield RoleTurn(field, role, _words(message))
        else:
            yield RoleTurn(field, role, content)


def _words(message: dict[str, Any]) -> str:
    """Return a message's words, with its reasoning before them in the usual tags."""
    reasoning = message.get("reasoning_content")
    thought = f"<think>{reasoning}</think>" if isinstance(reasoning, str) and reasoning else ""
    return f"{thought}{(message.get('content') or '').strip()}"
