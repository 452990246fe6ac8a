r"""Glaive's conversations (glaiveai/glaive-function-calling-v2, Apache-2.0), a JSON file.

    {"system": "SYSTEM: You are a helpful assistant with access to the following functions.
                Use them if required -\n{\"name\": \"get_weather\", \"parameters\": {...}}\n",
     "chat": "USER: Weather in Paris?\n\n\n
              ASSISTANT: <functioncall> {\"name\": \"get_weather\",
                                         \"arguments\": '{\"city\": \"Paris\"}'} <|endoftext|>\n\n\n
              FUNCTION RESPONSE: {\"sky\": \"clear\"}\n\n\n
              ASSISTANT: It is clear. <|endoftext|>"}

How a record is read:

- Tools: the JSON objects of the system text, one after the other. The sentence that introduces them
  is left out.
- Chat: turns begin after an empty line. A turn of the assistant ends with `<|endoftext|>`, and no
  other turn holds it; where one does, the text was damaged when the data set was made, and the rest
  of the conversation is set aside.
- Calls: arguments are in single quotes, as JSON text without escapes, or an object. Words before
  them stay.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats). Conversations without functions, nearly a third, are set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.json_text import json_objects
from rlcall.data.reading.messages import call_message, system_text
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json

_RECORD = {
    "type": "object",
    "required": ["system", "chat"],
    "properties": {"system": {"type": "string"}, "chat": {"type": "string"}},
}
_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "arguments": {"type": ["object", "string"]}},
}
_LEAD_IN = re.compile(
    r"You are an? helpful assistant (?:with|who has) access to the following functions\..*?-\s*\Z",
    re.DOTALL,
)
_OPENING = re.compile(r"\{\s*\"")
_TURNS = re.compile(r"(?:\A|\n\n)(USER|ASSISTANT|FUNCTION RESPONSE):")
_QUOTED_CALL = re.compile(
    r"\{\s*\"name\"\s*:\s*\"([^\"]+)\"\s*,\s*\"arguments\"\s*:\s*'(.*)'\s*\}", re.DOTALL
)
_CALL_MARK = "<functioncall>"
_END_OF_TURN = "<|endoftext|>"


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD)


def read(path: str) -> Iterator[Reading]:
    """Read each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs the texts system and chat."
        raise record.error("", "is not a record of Glaive v2", detail)
    tools, system = _system(record, notes)
    return chats.rows_of(record, tools, _turns(record, system), notes)


def _system(record: SourceRecord, notes: list[str]) -> tuple[list[dict[str, Any]], str]:
    """Return the tools, and what else the system text says."""
    text = record.value["system"].strip().removeprefix("SYSTEM:")
    opening = _OPENING.search(text)
    start = opening.start() if opening else len(text)
    try:
        functions, end = json_objects(text, start)
    except ValueError as error:
        reason = "holds a function that cannot be read"
        raise record.error("system", reason, f"It {error}.") from error
    tools = tools_of(record, "system", functions, notes)
    return tools, system_text(_LEAD_IN.sub("", text[:start]), text[end:])


def _turns(record: SourceRecord, system: str) -> Iterator[Turn]:
    if system:
        yield Turn({"role": "system", "content": system}, "system")
    # Nothing, a speaker, a text, a speaker, a text, ...
    head, *pieces = _TURNS.split(record.value["chat"].strip())
    if head or not pieces:
        raise record.error("chat", "does not begin with a turn")
    message: dict[str, Any] = {}
    for index, (speaker, text) in enumerate(zip(pieces[::2], pieces[1::2], strict=True)):
        field = f"chat[{index}]"
        message = _message(record, field, speaker, text.strip(), message)
        yield Turn(message, field)


def _message(
    record: SourceRecord, field: str, speaker: str, text: str, before: dict[str, Any]
) -> dict[str, Any]:
    """Return the message of a turn, which follows the message `before`."""
    if speaker == "ASSISTANT":
        if before.get("role") == "assistant":
            reason = "is a second turn of the assistant in a row: the text is damaged"
            raise record.error(field, reason)
        return _assistant_message(record, field, text)
    if _END_OF_TURN in text:
        raise record.error(field, "holds the end of another turn: the text is damaged")
    if speaker == "USER":
        return {"role": "user", "content": text}
    if not before.get("tool_calls"):
        raise record.error(field, "is a function's response that follows no call")
    return {"role": "tool", "name": before["tool_calls"][-1]["function"]["name"], "content": text}


def _assistant_message(record: SourceRecord, field: str, text: str) -> dict[str, Any]:
    if not text.endswith(_END_OF_TURN):
        reason = "is a turn of the assistant that does not end: the text is cut off"
        raise record.error(field, reason)
    text = text.removesuffix(_END_OF_TURN).strip()
    if _END_OF_TURN in text:
        raise record.error(field, "holds the end of another turn: the text is damaged")
    words, *pieces = text.split(_CALL_MARK)
    calls = [_call(record, field, piece.strip()) for piece in pieces]
    return call_message(calls, words.strip())


def _call(record: SourceRecord, field: str, text: str) -> dict[str, Any]:
    quoted = _QUOTED_CALL.fullmatch(text)
    try:
        call = {"name": quoted[1], "arguments": quoted[2]} if quoted else strict_json.load(text)
        if fits(call, _CALL) and isinstance(call["arguments"], str):
            call["arguments"] = strict_json.load(call["arguments"])
    except ValueError as error:
        reason = "holds a call that cannot be read"
        raise record.error(field, reason, f"It {error}.") from error
    if not fits(call, _CALL) or not isinstance(call["arguments"], dict):
        detail = "A call has a name, and arguments that are an object."
        raise record.error(field, "holds a call of another form", detail)
    return dict(call)
