"""Messages in OpenAI's form, as rows hold them: calls with their arguments as objects.

call_message([{"name": "f", "arguments": {"a": 1}}])
# {"role": "assistant", "content": "", "tool_calls": [{"type": "function", "function": {...}}]}
result_message("f", {"sky": "clear"})
# {"role": "tool", "name": "f", "content": '{"sky": "clear"}'}
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from rlcall.data.reading.parts import NO_TEXT, read_parts
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
CALL_PARTS = "calls among the parts of a message were read as `tool_calls`"  # a note
UNREAD = "holds a member that is not read"
# Members of a message that say more than its content: a reply may be what it is by them.
UNREAD_MEMBERS = frozenset(
    ("refusal", "audio", "functionCall", "functionResponse", "parts", "tool_use")
)
LEGACY_CALL = "the older `function_call` was read as `tool_calls`"  # a note


def is_chat(messages: list[Any]) -> bool:
    """Return whether all are messages in OpenAI's form, by their roles and the keys of parts."""
    for message in messages:
        message = as_object(message)
        if not fits(message, _MESSAGE):
            return False
        content = message.get("content")
        parts = content if isinstance(content, list) else ()
        if any(isinstance(part, dict) and "value" in part for part in parts):
            return False
    return True


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


def functions_of(message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a message's calls as `{"name", "arguments"}`, with their arguments as objects."""
    for call in message.get("tool_calls") or ():
        function = call["function"]
        arguments = function.get("arguments") or {}
        if isinstance(arguments, str):
            arguments = json.loads(arguments)
        yield {"name": function["name"], "arguments": arguments}


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


def messages_of(
    record: SourceRecord, field: str, message: Any, notes: list[str]
) -> list[dict[str, Any]]:
    """Return a message as rows hold it: calls under `tool_calls`, and no nulls.

    A message may be JSON text, and arguments too. One whose parts hold results is several: each
    result is a tool's. RowError where it has another form.
    """
    message = as_object(message)
    if not fits(message, _MESSAGE):
        raise record.error(field, "is not a message in OpenAI's form", beginning(message))
    result = {key: value for key, value in message.items() if value is not None or key == "content"}
    for key in UNREAD_MEMBERS & result.keys():
        if result[key]:
            raise record.error(f"{field}.{key}", UNREAD, beginning(result[key]))
    if "function_call" in result:
        notes.append(LEGACY_CALL)
        result["tool_calls"] = [{"type": "function", "function": result.pop("function_call")}]
    if result["role"] == "function":
        result["role"] = "tool"
    if "tool_calls" in result:
        result["tool_calls"] = [_call(record, field, call) for call in result["tool_calls"]]
        result["content"] = result.get("content") or ""
    if isinstance(result.get("content"), list):
        return _of_parts(record, field, result, notes)
    return [result]


def _of_parts(
    record: SourceRecord, field: str, message: dict[str, Any], notes: list[str]
) -> list[dict[str, Any]]:
    """Return the messages that one is whose content is in parts; texts alone stay as they are."""
    content = message["content"]
    parts = read_parts(record, field, content)
    if all(part["type"] == "text" and isinstance(part.get("text"), str) for part in content):
        return [message]
    role = message["role"]
    if (parts.calls and role != "assistant") or (parts.results and role not in ("user", "tool")):
        raise record.error(field, NO_TEXT, beginning(content))
    words = {**message, "content": parts.text}
    if parts.reasoning:
        words["reasoning_content"] = parts.reasoning
    if parts.calls:
        notes.append(CALL_PARTS)
        calls = call_message(parts.calls)["tool_calls"]
        words["tool_calls"] = [*words.get("tool_calls", ()), *calls]
    messages = list(parts.results)
    if parts.text or not messages:
        messages.append(words)
    return messages


def _call(record: SourceRecord, field: str, call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"]
    arguments = function["arguments"]
    field = f"{field}.{function['name']}.arguments"
    if isinstance(arguments, str):
        arguments = record.parse_json(field, arguments or "{}")
    if not isinstance(arguments, dict):
        raise record.error(field, "is not an object", f"It is {arguments!r:.80}.")
    result = {key: value for key, value in call.items() if value is not None}
    result["function"] = {**function, "arguments": arguments}
    return result
