r"""SmolTalk2's conversations with tools (HuggingFaceTB/smoltalk2), which SmolLM3 was trained on.

    {"messages": [{"role": "user", "content": "Weather in Paris?"},
                  {"role": "assistant", "content": "<tool_call>{\"name\": ...}</tool_call>"},
                  {"role": "tool", "content": "clear"}],
     "chat_template_kwargs": {"custom_instructions": "Be brief.", "enable_thinking": false,
                              "xml_tools": ["{\"name\": \"weather\", ...}"], "python_tools": []},
     "source": "xlam_traces_no_think"}

How a record is read:

- Tools: `xml_tools`, each as JSON text or an object. `python_tools` are called by code, which is no
  call here: such a record is set aside, and so is one without tools.
- Calls stand between `<tool_call>` tags, with words or a `<think>` block before the first.
- `custom_instructions` are the system's message.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tagged_calls import tagged_message
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

CODE = "its tools are called by code (`python_tools`)"
_MESSAGE = {
    "type": "object",
    "required": ["role", "content"],
    "properties": {
        "role": {"enum": ["system", "user", "assistant", "tool"]},
        "content": {"type": "string"},
    },
}
_TOOLS = {"type": ["array", "null"]}
_SETTINGS = {
    "type": "object",
    "properties": {
        "custom_instructions": {"type": ["string", "null"]},
        "xml_tools": _TOOLS,
        "python_tools": _TOOLS,
    },
}
_RECORD = {
    "type": "object",
    "required": ["messages", "chat_template_kwargs"],
    "properties": {
        "messages": {"type": "array", "minItems": 1, "items": _MESSAGE},
        "chat_template_kwargs": _SETTINGS,
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
        detail = "It needs messages of text, and chat_template_kwargs."
        raise record.error("", "is not a record of SmolTalk2", detail)
    settings = record.value["chat_template_kwargs"]
    if settings.get("python_tools"):
        raise record.error("chat_template_kwargs.python_tools", CODE)
    field = "chat_template_kwargs.xml_tools"
    tools = tools_of(record, field, settings.get("xml_tools"), notes)
    return chats.rows_of(record, tools, _turns(record, settings, notes), notes)


def _turns(record: SourceRecord, settings: dict[str, Any], notes: list[str]) -> Iterator[Turn]:
    if settings.get("custom_instructions"):
        message = {"role": "system", "content": settings["custom_instructions"]}
        yield Turn(message, "chat_template_kwargs.custom_instructions")
    for index, message in enumerate(record.value["messages"]):
        field = f"messages[{index}]"
        content = message["content"].strip()
        if message["role"] == "assistant":
            yield Turn(tagged_message(record, field, content, notes), field)
        elif content or message["role"] != "system":
            yield Turn({"role": message["role"], "content": content}, field)
