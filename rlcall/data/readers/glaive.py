r"""Glaive's conversations (glaiveai/glaive-function-calling-v2, Apache-2.0): `glaive-function-calling-v2.json`.

    {"system": "SYSTEM: You are a helpful assistant with access to the following functions. Use them if required -\n
                {\"name\": \"get_weather\", \"description\": \"...\", \"parameters\": {...}}\n",
     "chat": "USER: Weather in Paris?\n\n\n
              ASSISTANT: <functioncall> {\"name\": \"get_weather\", \"arguments\": '{\"city\": \"Paris\"}'}
              <|endoftext|>\n\n\nFUNCTION RESPONSE: {\"sky\": \"clear\"}\n\n\nASSISTANT: It is clear. <|endoftext|>"}

How a record is read:

- Tools: the JSON objects of the system text, one after the other. The sentence that introduces them is left out.
- Chat: turns begin after an empty line. A turn of the assistant ends with `<|endoftext|>`, and no other turn holds it;
  where one does, the text was damaged when the data set was made, and the rest of the conversation is set aside.
- Calls: arguments stand in single quotes, as JSON text without escapes, or as an object. Words before them stay.
- Rows: one for each turn that calls, and for a reply before the first call (rlcall.data.reading.chats). Conversations without
  functions, nearly a third, are set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json

_FORM = {
    "type": "object",
    "required": ["system", "chat"],
    "properties": {"system": {"type": "string"}, "chat": {"type": "string"}},
}
_TOOL = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "parameters": {"type": "object"}},
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
_QUOTED = re.compile(
    r"\{\s*\"name\"\s*:\s*\"([^\"]+)\"\s*,\s*\"arguments\"\s*:\s*'(.*)'\s*\}", re.DOTALL
)
_MARKER, _END = "<functioncall>", "<|endoftext|>"


def read(path: str) -> Iterator[Reading]:
    """A Reading for each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _FORM):
        raise record.error("", "is no record of Glaive v2", "It needs the texts system and chat.")
    tools, system = _system(record)
    return chats.rows_of(record, tools, _turns(record, system), notes)


def _system(record: SourceRecord) -> tuple[list[dict[str, Any]], str]:
    """The tools, and what else the system text says."""
    text = record.value["system"].strip().removeprefix("SYSTEM:")
    opening = _OPENING.search(text)
    at = opening.start() if opening else len(text)
    before, tools = text[:at], []
    try:
        while text.startswith("{", at):
            function, at = chats.json_at(text, at)
            tools.append(function)
            at += len(text[at:]) - len(text[at:].lstrip())
    except ValueError as error:
        raise record.error(
            "system", "holds a function that cannot be read", f"It {error}."
        ) from error
    if not all(fits(tool, _TOOL) for tool in tools):
        raise record.error("system", "holds a function of another form")
    said = (_LEAD_IN.sub("", before), text[at:])
    return [{"type": "function", "function": tool} for tool in tools], "\n".join(
        filter(None, map(str.strip, said))
    )


def _turns(record: SourceRecord, system: str) -> Iterator[Turn]:
    if system:
        yield Turn({"role": "system", "content": system}, "system")
    head, *pieces = _TURNS.split(
        record.value["chat"].strip()
    )  # nothing, speaker, text, speaker, text, ...
    if head or not pieces:
        raise record.error("chat", "does not begin with a turn")
    before: dict[str, Any] = {}
    for index, (speaker, text) in enumerate(zip(pieces[::2], pieces[1::2], strict=True)):
        place = f"chat[{index}]"
        before = _message(record, place, speaker, text.strip(), before)
        yield Turn(before, place)


def _message(
    record: SourceRecord, place: str, speaker: str, text: str, before: dict[str, Any]
) -> dict[str, Any]:
    if speaker == "ASSISTANT":
        if before.get("role") == "assistant":
            raise record.error(
                place, "is a second turn of the assistant in a row: the text is damaged"
            )
        return _said(record, place, text)
    if _END in text:
        raise record.error(place, "holds the end of another turn: the text is damaged")
    if speaker == "USER":
        return {"role": "user", "content": text}
    if not before.get("tool_calls"):
        raise record.error(place, "is a function's response that follows no call")
    return {"role": "tool", "name": before["tool_calls"][-1]["function"]["name"], "content": text}


def _said(record: SourceRecord, place: str, text: str) -> dict[str, Any]:
    if not text.endswith(_END):
        raise record.error(
            place, "is a turn of the assistant that does not end: the text is cut off"
        )
    text = text.removesuffix(_END).strip()
    if _END in text:
        raise record.error(place, "holds the end of another turn: the text is damaged")
    words, *pieces = text.split(_MARKER)
    return chats.calling([_call(record, place, piece.strip()) for piece in pieces], words.strip())


def _call(record: SourceRecord, place: str, text: str) -> dict[str, Any]:
    try:
        quoted = _QUOTED.fullmatch(text)
        call = {"name": quoted[1], "arguments": quoted[2]} if quoted else strict_json.load(text)
        if fits(call, _CALL) and isinstance(call["arguments"], str):
            call["arguments"] = strict_json.load(call["arguments"])
    except ValueError as error:
        raise record.error(place, "holds a call that cannot be read", f"It {error}.") from error
    if not fits(call, _CALL) or not isinstance(call["arguments"], dict):
        raise record.error(
            place,
            "holds a call of another form",
            "A call has a name, and arguments that are an object.",
        )
    return dict(call)
