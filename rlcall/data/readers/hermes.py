r"""Hermes' conversations (NousResearch/hermes-function-calling-v1, Apache-2.0): the files with `func` in their names.

    {"id": "...", "tools": "[{\"type\": \"function\", \"function\": {\"name\": \"weather\", ...}}]", "conversations": [
       {"from": "system", "value": "You are a function calling AI model. ... <tools>[...]</tools> ..."},
       {"from": "human", "value": "Weather in Paris?"},
       {"from": "gpt", "value": "<tool_call>\n{\"name\": \"weather\", \"arguments\": {...}}\n</tool_call>"},
       {"from": "tool", "value": "<tool_response>\n{\"name\": \"weather\", \"content\": {...}}\n</tool_response>"}]}

How a record is read:

- Tools: the `tools` field, JSON text or a list; without it the `<tools>` block of the system text. Hermes' own prompt
  around the block is left out, since the model's template has its own; other text of the system turn stays.
- Calls: the `<tool_call>` blocks of a turn, with any words before the first one. The data set's card writes blocks as
  Python literals (`{'arguments': {'flexible': True}, 'name': 'f'}`): read, never evaluated, and counted.
- Rows: one for each turn that calls, and for a reply before the first call (rlcall.data.reading.chats). A record without tools,
  as in the files with `json-mode` in their names, is set aside.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats, nulls
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json
from rlcall.wire.reading.literals import parse_source, value_of
from rlcall.wire.reading.parsed import Unreadable

_TURN = {
    "type": "object",
    "required": ["from", "value"],
    "properties": {
        "from": {"enum": ["system", "human", "gpt", "tool"]},
        "value": {"type": "string"},
    },
}
_FORM = {
    "type": "object",
    "required": ["conversations"],
    "properties": {
        "conversations": {"type": "array", "minItems": 1, "items": _TURN},
        "tools": {"type": ["string", "array", "null"]},
    },
}
_FUNCTION = {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}
_TOOL = {"type": "object", "required": ["type", "function"], "properties": {"function": _FUNCTION}}
_TOOLS = {"type": "array", "items": _TOOL}
_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
}
_RESULT = {
    "type": "object",
    "required": ["name", "content"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "content": {}},
}
_LISTED = re.compile(r"<tools>\s*([\[{].*?[\]}])\s*</tools>", re.DOTALL)
_BEFORE = re.compile(
    r"You are (?:a function calling|an expert structured information extraction) AI model\..*\Z",
    re.DOTALL,
)
_AFTER = re.compile(
    r"\A\s*(?:Use the following pydantic model json schema.*?)?"
    r"For each (?:extraction )?function call return a json object.*?<tool_call>\s*\{.*?\}\s*</tool_call>",
    re.DOTALL,
)
_BLOCK = re.compile(r"<tool_call>\s*(.*?)\s*</tool_call>", re.DOTALL)
_RESPONSE = re.compile(r"<tool_response>\s*(.*?)\s*</tool_response>", re.DOTALL)
_LITERAL = "Python literals were read as JSON"


def read(path: str) -> Iterator[Reading]:
    """A Reading for each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _FORM):
        raise record.error(
            "", "is no record of Hermes", "It needs conversations of system, human, gpt and tool."
        )
    tools = _tools(record, notes)
    return chats.rows_of(record, tools, _turns(record, notes), notes)


def _tools(record: SourceRecord, notes: list[str]) -> list[dict[str, Any]]:
    field, value = "tools", record.value.get("tools")
    if not value:
        field, first = "conversations[0]", record.value["conversations"][0]
        listed = _LISTED.search(first["value"]) if first["from"] == "system" else None
        value = listed[1] if listed else []
    tools = (
        _listed(record, field, value, notes)
        if isinstance(value, str)
        else nulls.in_tools(value, notes)
    )
    if not fits(tools, _TOOLS):
        raise record.error(
            field, "lists tools in another form than OpenAI's", f"It begins {str(tools)[:80]!r}."
        )
    return list(tools)


def _listed(record: SourceRecord, field: str, text: str, notes: list[str]) -> Any:
    """A list of tools, or tools one after the other."""
    text = text.strip()
    if not text.startswith("{"):
        return _value(record, field, text, notes)
    found, at = [], 0
    try:
        while at < len(text):
            value, at = chats.json_at(text, at)
            found.append(value)
            at += len(text[at:]) - len(text[at:].lstrip(", \n\r\t"))
    except ValueError:
        return [_value(record, field, text, notes)]
    return found


def _value(record: SourceRecord, field: str, text: str, notes: list[str]) -> Any:
    try:
        return strict_json.load(text)
    except ValueError as error:
        try:
            tree = parse_source(text, "eval")
            assert isinstance(tree, ast.Expression)
            value = value_of(tree.body)
        except Unreadable:
            raise record.error(field, "holds a piece that is not JSON", f"It {error}.") from error
    notes.append(_LITERAL)
    return value


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[Turn]:
    for index, turn in enumerate(record.value["conversations"]):
        place, text = f"conversations[{index}]", turn["value"].strip()
        if turn["from"] == "system":
            if said := _system(text):
                yield Turn({"role": "system", "content": said}, place)
        elif turn["from"] == "human":
            yield Turn({"role": "user", "content": text}, place)
        elif turn["from"] == "gpt":
            yield Turn(_said(record, place, text, notes), place)
        else:
            yield from (Turn(message, place) for message in _results(text))


def _system(text: str) -> str:
    """What the system turn says beside Hermes' own prompt and its tools."""
    listed = _LISTED.search(text)
    if not listed:
        return text
    said = (_BEFORE.sub("", text[: listed.start()]), _AFTER.sub("", text[listed.end() :]))
    return "\n".join(filter(None, map(str.strip, said)))


def _said(record: SourceRecord, place: str, text: str, notes: list[str]) -> dict[str, Any]:
    before, *rest = _BLOCK.split(text)  # words, block, words, block, ..., words
    if any("tool_call>" in words for words in (before, *rest[1::2])):
        raise record.error(place, "holds a <tool_call> tag without its pair")
    if any(words.strip() for words in rest[1::2]):
        raise record.error(place, "holds words after a call")
    calls = [_value(record, place, block, notes) for block in rest[::2]]
    if not all(fits(call, _CALL) for call in calls):
        raise record.error(
            place,
            "holds a block that is no call",
            "A call has name and arguments, and nothing else.",
        )
    return chats.calling(calls, before.strip())


def _results(text: str) -> Iterator[dict[str, Any]]:
    """A message for each `<tool_response>` block, or one with any other text as it stands."""
    for body in _RESPONSE.findall(text) or [text]:
        try:
            value = strict_json.load(body)
        except ValueError:
            value = None
        if fits(value, _RESULT):
            content = value["content"]
            content = (
                content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
            )
            yield {"role": "tool", "name": value["name"], "content": content}
        else:
            yield {"role": "tool", "content": body}
