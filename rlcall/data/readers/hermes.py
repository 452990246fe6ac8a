r"""Hermes' conversations (NousResearch/hermes-function-calling-v1, Apache-2.0): the files `func*`.

    {"id": "...", "tools": "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", ...}}]",
     "conversations": [
       {"from": "system", "value": "You are a function calling AI model. <tools>[...]</tools> ..."},
       {"from": "human", "value": "Weather in Paris?"},
       {"from": "gpt", "value": "<tool_call>\n{\"name\": \"weather\", ...}\n</tool_call>"},
       {"from": "tool", "value": "<tool_response>\n{\"name\": ..., ...}\n</tool_response>"}]}

How a record is read:

- Tools: the `tools` field, JSON text or a list; without it the `<tools>` block of the system text.
  Hermes' own prompt around the block is left out, since the model's template has its own; other
  text of the system turn stays.
- Calls: the `<tool_call>` blocks of a turn, with any words before the first one. The data set's
  card writes blocks as Python literals (`{'arguments': {'flexible': True}, 'name': 'f'}`): read,
  never evaluated, and counted.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats). A record without tools, as in the files with `json-mode` in their
  names, is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.json_text import json_objects
from rlcall.data.reading.literal_text import value_of
from rlcall.data.reading.messages import result_message, system_text
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tagged_calls import tagged_message
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json

_TURN = {
    "type": "object",
    "required": ["from", "value"],
    "properties": {
        "from": {"enum": ["system", "human", "gpt", "tool"]},
        "value": {"type": "string"},
    },
}
_RECORD = {
    "type": "object",
    "required": ["conversations"],
    "properties": {
        "conversations": {"type": "array", "minItems": 1, "items": _TURN},
        "tools": {"type": ["string", "array", "null"]},
    },
}
_RESULT = {
    "type": "object",
    "required": ["name", "content"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "content": {}},
}
_TOOL_BLOCK = re.compile(r"<tools>\s*([\[{].*?[\]}])\s*</tools>", re.DOTALL)
_PROMPT_BEFORE = re.compile(
    r"You are (?:a function calling|an expert structured information extraction) AI model\..*\Z",
    re.DOTALL,
)
_PROMPT_AFTER = re.compile(
    r"\A\s*(?:Use the following pydantic model json schema.*?)?"
    r"For each (?:extraction )?function call return a json object"
    r".*?<tool_call>\s*\{.*?\}\s*</tool_call>",
    re.DOTALL,
)
_RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    if not fits(value, _RECORD):
        return False
    texts = [turn["value"] for turn in value["conversations"]]
    return any("<tool_call>" in text or "<tools>" in text for text in texts)


def read(path: str) -> Iterator[Reading]:
    """Read each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs conversations of system, human, gpt and tool."
        raise record.error("", "is not a record of Hermes", detail)
    tools = _tools(record, notes)
    return chats.rows_of(record, tools, _turns(record, notes), notes)


def _tools(record: SourceRecord, notes: list[str]) -> list[dict[str, Any]]:
    field = "tools"
    value = record.value.get("tools")
    if not value:
        field, value = "conversations[0]", _tool_block(record.value["conversations"][0])
    if isinstance(value, str):
        value = _tools_in(record, field, value.strip(), notes)
    return tools_of(record, field, value, notes)


def _tool_block(turn: dict[str, str]) -> str | list[Any]:
    block = _TOOL_BLOCK.search(turn["value"]) if turn["from"] == "system" else None
    return block[1] if block else []


def _tools_in(record: SourceRecord, field: str, text: str, notes: list[str]) -> Any:
    """Return a list of tools, or tools that follow each other."""
    if not text.startswith("{"):
        return value_of(record, field, text, notes)
    try:
        tools, end = json_objects(text, between=", \n\r\t")
    except ValueError:
        end = 0
    return tools if end == len(text) else [value_of(record, field, text, notes)]


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[Turn]:
    for index, turn in enumerate(record.value["conversations"]):
        field = f"conversations[{index}]"
        text = turn["value"].strip()
        if turn["from"] == "system":
            if system := _system(text):
                yield Turn({"role": "system", "content": system}, field)
        elif turn["from"] == "human":
            yield Turn({"role": "user", "content": text}, field)
        elif turn["from"] == "gpt":
            yield Turn(tagged_message(record, field, text, notes), field)
        else:
            for message in _results(text):
                yield Turn(message, field)


def _system(text: str) -> str:
    """Return what the system turn says besides Hermes' own prompt and its tools."""
    block = _TOOL_BLOCK.search(text)
    if not block:
        return text
    before = _PROMPT_BEFORE.sub("", text[: block.start()])
    after = _PROMPT_AFTER.sub("", text[block.end() :])
    return system_text(before, after)


def _results(text: str) -> Iterator[dict[str, Any]]:
    """Yield a message for each `<tool_response>` block, or one with any other text as it stands."""
    for body in _RESPONSE.findall(text) or [text]:
        try:
            value = strict_json.load(body)
        except ValueError:
            value = None
        if fits(value, _RESULT):
            yield result_message(value["name"], value["content"])
        else:
            yield {"role": "tool", "content": body}
