"""Messages in OpenAI's form, as rows hold them: calls with their arguments as objects.

call_message([{"name": "f", "arguments": {"a": 1}}])
# {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {...}}]}
result_message("f", {"sky": "clear"})
# {"role": "tool", "name": "f", "content": '{"sky": "clear"}'}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, beginning
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
LEGACY_CALL = "the older `function_call` was read as `tool_calls`"  # a note


def call_message(calls: Iterable[Mapping[str, Any]], content: str = "") -> dict[str, Any]:
    """Return an assistant's message with `content` and calls of `{"name", "arguments"}`, if any."""
    message: dict[str, Any] = {"role": "assistant", "content": content}
    tool_calls = []
    for call in calls:
        function = {"name": call["name"], "arguments": call["arguments"]}
        tool_calls.append({"type": "function", "function": function})
    if tool_calls:
        message["tool_calls"] = tool_calls
    return message


def result_message(name: str, result: Any) -> dict[str, Any]:
    """Return a tool's message: a result that is text as it stands, any other as JSON text."""
    content = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False)
    return {"role": "tool", "name": name, "content": content}


def system_text(*pieces: str) -> str:
    """Return what a system turn says around what a reader takes out, in lines; "" if nothing."""
    stripped = [piece.strip() for piece in pieces]
    return "\n".join(piece for piece in stripped if piece)


def as_object(value: Any) -> Any:
    """Return the value of JSON text, in which `datasets` stores objects that differ, or `value`."""
    if not isinstance(value, str):
        return value
    try:
        return strict_json.load(value)
    except ValueError:
        return value


def message_of(record: SourceRecord, field: str, message: Any, notes: list[str]) -> dict[str, Any]:
    """Return a message as rows hold it: calls under `tool_calls`, and no nulls.

    A message may be JSON text, and arguments too. RowError where it has another form.
    """
    message = as_object(message)
    if not fits(message, _MESSAGE):
        raise record.error(field, "is not a message in OpenAI's form", beginning(message))
    result = {key: value for key, value in message.items() if value is not None or key == "content"}
    if "function_call" in result:
        notes.append(LEGACY_CALL)
        result["tool_calls"] = [{"type": "function", "function": result.pop("function_call")}]
    if result["role"] == "function":
        result["role"] = "tool"
    if "tool_calls" in result:
        result["tool_calls"] = [_call(record, field, call) for call in result["tool_calls"]]
        result["content"] = result.get("content") or ""
    return result


def _call(record: SourceRecord, field: str, call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function["arguments"]
    field = f"{field}.{function['name']}.arguments"
    if isinstance(arguments, str):
        arguments = record.parse_json(field, arguments)
    if not isinstance(arguments, dict):
        raise record.error(field, "is not an object", f"It is {arguments!r:.80}.")
    result = {key: value for key, value in call.items() if value is not None}
    result["function"] = {**function, "arguments": arguments}
    return result
