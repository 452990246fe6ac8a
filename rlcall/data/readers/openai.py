r"""OpenAI's chats for fine-tuning: one `{"messages": [...], "tools": [...]}` a line. Read and written.

    {"messages": [{"role": "user", "content": "Weather in Paris?"},
                  {"role": "assistant", "tool_calls": [{"id": "call_1", "type": "function", "function": {
                     "name": "weather", "arguments": "{\"city\": \"Paris\"}"}}]}],
     "tools": [{"type": "function", "function": {"name": "weather", "parameters": {...}}}], "parallel_tool_calls": true}

How a record is read:

- Arguments are JSON text, and become objects, as chat templates want them. The older `functions`, `function_call` and
  the role `function` are read as `tools`, `tool_calls` and `tool`, and counted.
- Rows: one for each turn that calls, and for a reply before the first call (rlcall.data.reading.chats). `weight` decides where
  it is given: a turn of weight 0 gives no row, and one of weight 1 does, whatever it is.

What `write` gives has one turn of weight 1, the row's answer; `[]` stands for the words where no call is due. Ids are
added where there are none. Source: the API reference's "fine-tuning > chat format" and "Function calling".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import count
from typing import Any

from rlcall.data.reading import chats, nulls
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json

_FUNCTION = {
    "type": "object",
    "required": ["name", "arguments"],
    "properties": {"name": {"type": "string"}, "arguments": {"type": ["string", "object"]}},
}
_MESSAGE = {
    "type": "object",
    "required": ["role"],
    "properties": {
        "role": {"enum": ["system", "developer", "user", "assistant", "tool", "function"]},
        "content": {"type": ["string", "array", "null"]},
        "tool_calls": {
            "type": ["array", "null"],
            "items": {
                "type": "object",
                "required": ["function"],
                "properties": {"function": _FUNCTION},
            },
        },
        "function_call": {"anyOf": [_FUNCTION, {"type": "null"}]},
        "weight": {"enum": [0, 1, None]},
    },
}
_LIST = {"type": ["array", "null"], "items": {"type": ["object", "string"]}}
_FORM = {
    "type": "object",
    "required": ["messages"],
    "properties": {
        "messages": {"type": "array", "minItems": 1},
        "tools": _LIST,
        "functions": _LIST,
    },
}
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LEGACY = "the older `function_call` was read as `tool_calls`"


def read(path: str) -> Iterator[Reading]:
    """A Reading for each chat of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _FORM):
        raise record.error(
            "", "is no chat of OpenAI's form", "It needs messages, and a list of tools."
        )
    tools = list(map(as_object, record.value.get("tools") or ()))
    older = map(as_object, record.value.get("functions") or ())
    tools = tools or [{"type": "function", "function": function} for function in older]
    return chats.rows_of(record, nulls.in_tools(tools, notes), _turns(record, notes), notes)


def as_object(value: Any) -> Any:
    """What `datasets` has stored as JSON text, since objects differ, as the object; all else as it stands."""
    try:
        return strict_json.load(value) if isinstance(value, str) else value
    except ValueError:
        return value


def _turns(record: SourceRecord, notes: list[str]) -> Iterator[Turn]:
    for index, message in enumerate(record.value["messages"]):
        place = f"messages[{index}]"
        said = message_of(record, place, message, notes)
        weight = said.pop("weight", None)
        yield Turn(said, place, None if weight is None else weight == 1)


def message_of(record: SourceRecord, place: str, message: Any, notes: list[str]) -> dict[str, Any]:
    """A message as rows hold it: calls under `tool_calls`, their arguments as objects, nothing that is null."""
    message = as_object(message)
    if not fits(message, _MESSAGE):
        raise record.error(
            place, "is no message of OpenAI's form", f"It begins {str(message)[:80]!r}."
        )
    kept = {key: value for key, value in message.items() if value is not None or key == "content"}
    if "function_call" in kept:
        notes.append(_LEGACY)
        kept["tool_calls"] = [{"type": "function", "function": kept.pop("function_call")}]
    if kept["role"] == "function":
        kept["role"] = "tool"
    if "tool_calls" in kept:
        kept["tool_calls"] = [_call(record, place, call) for call in kept["tool_calls"]]
        kept["content"] = kept.get("content") or ""
    return kept


def _call(record: SourceRecord, place: str, call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments, place = function["arguments"], f"{place}.{function['name']}.arguments"
    try:
        arguments = strict_json.load(arguments) if isinstance(arguments, str) else arguments
    except ValueError as error:
        raise record.error(place, "is text that is not JSON", f"It {error}.") from error
    if not isinstance(arguments, dict):
        raise record.error(place, "is no object", f"It is {arguments!r:.80}.")
    kept = {key: value for key, value in call.items() if value is not None}
    return {**kept, "function": {**function, "arguments": arguments}}


def write(row: Row) -> dict[str, Any]:
    """A row as one line of a file for fine-tuning. RowError where the form cannot say all that the row does."""
    for tool in row.tools:
        if not _NAME.fullmatch(name := tool["function"]["name"]):
            remedy = f"{name!r} is not 1 to 64 letters, digits, _ and -. Rename it."
            raise RowError("row", 0, "tools", "a tool has a name that OpenAI does not take", remedy)
    answer = {**chats.answering_turn(row), "weight": 1}
    messages = [
        {**said, "weight": 0} if said["role"] == "assistant" else said for said in row.messages
    ]
    return {"messages": list(_with_ids([*messages, answer])), "tools": row.tools}


def _with_ids(messages: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Messages with an id for each call, and in each result the id of the call that it answers."""
    taken = {call.get("id") for said in messages for call in said.get("tool_calls") or ()}
    fresh = (name for number in count(1) if (name := f"call_{number}") not in taken)
    waiting: list[dict[str, Any]] = []
    for said in messages:
        if said.get("tool_calls"):
            calls = [
                _as_text({**call, "id": call.get("id") or next(fresh)})
                for call in said["tool_calls"]
            ]
            waiting = list(calls)
            yield {**said, "tool_calls": calls}
        elif said["role"] == "tool":
            yield {**said, "tool_call_id": _answered(said, waiting)}
        else:
            yield said


def _as_text(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function.get("arguments") or {}
    text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {**call, "type": "function", "function": {**function, "arguments": text}}


def _answered(result: dict[str, Any], waiting: list[dict[str, Any]]) -> str:
    """The id of the first call still waiting that has the result's id or name; the call waits no longer."""
    given = result.get("tool_call_id"), result.get("name")
    for call in waiting:
        if call["id"] == given[0] or (
            given[0] is None and given[1] in (None, call["function"]["name"])
        ):
            waiting.remove(call)
            return str(call["id"])
    raise RowError(
        "row", 0, "messages", "a tool's result answers no call", f"It reads {str(result)[:80]!r}."
    )
