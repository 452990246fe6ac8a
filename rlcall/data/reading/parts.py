r"""Content of messages in parts: texts, reasoning, calls and results, in the forms that data has.

    read_parts(record, "messages[1]", [{"type": "tool_call", "value": "{\"name\": \"f\"}"}])
    # Parts(text="", reasoning="", calls=[{"name": "f", "arguments": {}}], results=[])

OpenAI's and Responses' texts, Anthropic's `tool_use`, `tool_result` and `thinking`, and the parts
of LLaMA-Factory v1 (`value`). Any other part, such as an image, is no text, and prompts are made of
text alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from rlcall.data.reading.json_text import json_objects
from rlcall.data.reading.records import SourceRecord, beginning
from rlcall.files import strict_json

NO_TEXT = "holds a part that is not text"
NO_CALL = "holds a call that cannot be read"

_TEXTS = frozenset(("text", "input_text", "output_text", "summary_text"))
_REASONING = frozenset(("reasoning", "thinking", "think", "reasoning_text"))
_CALLS = frozenset(("tool_call", "tool_use", "function_call"))
_RESULTS = frozenset(("tool_result", "tool_response", "function_call_output"))
_WORDS = ("text", "value", "thinking", "reasoning", "content")  # keys that hold a part's text


@dataclass(slots=True)
class Parts:
    """The parts of one message, put together; `results` are tools' messages."""

    text: str = ""
    reasoning: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    results: list[dict[str, Any]] = field(default_factory=list)


def read_parts(record: SourceRecord, field: str, content: list[Any]) -> Parts:
    """Return what the parts of a message hold. RowError for a part that is not read."""
    parts = Parts()
    for index, part in enumerate(content):
        place = f"{field}.content[{index}]"
        kind = part.get("type") if isinstance(part, dict) else None
        if not isinstance(kind, str):
            raise record.error(place, NO_TEXT, beginning(part))
        if kind in _TEXTS:
            parts.text += _words(record, place, part)
        elif kind in _REASONING:
            parts.reasoning += _words(record, place, part)
        elif kind in _CALLS:
            parts.calls += _calls(record, place, part)
        elif kind in _RESULTS:
            parts.results.append(_result(record, place, part))
        else:
            raise record.error(place, NO_TEXT, f"It is of type {kind!r:.80}.")
    return parts


def calls_of(record: SourceRecord, field: str, value: Any) -> list[dict[str, Any]]:
    """Return the calls that a value is or lists, as `{"name", "arguments"}`. RowError.

    It may be JSON text, of one object, a list, or objects that follow each other; so may arguments.
    """
    if isinstance(value, str):
        value = _json(record, field, value.strip())
    calls = []
    for item in value if isinstance(value, list) else [value]:
        function = item.get("function", item) if isinstance(item, dict) else None
        name = function.get("name") if isinstance(function, dict) else None
        if not isinstance(function, dict) or not isinstance(name, str) or not name:
            raise record.error(field, NO_CALL, beginning(item))
        arguments = function.get("arguments", function.get("parameters"))
        if isinstance(arguments, str):
            arguments = record.parse_json(f"{field}.{name}.arguments", arguments or "{}")
        if not isinstance(arguments, dict):
            detail = f"Its arguments are {arguments!r:.80}, not an object."
            raise record.error(f"{field}.{name}", NO_CALL, detail)
        calls.append({"name": name, "arguments": arguments})
    if not calls:
        raise record.error(field, NO_CALL, "The list is empty.")
    return calls


def _json(record: SourceRecord, field: str, text: str) -> Any:
    try:
        return strict_json.load(text)
    except ValueError as error:
        try:
            objects, end = json_objects(text)
        except ValueError:
            objects, end = [], 0
        if objects and end == len(text):
            return objects
        raise record.error(field, NO_CALL, f"It {error}.") from error


def _words(record: SourceRecord, field: str, part: dict[str, Any]) -> str:
    for key in _WORDS:
        if isinstance(part.get(key), str):
            return str(part[key])
    raise record.error(field, NO_TEXT, beginning(part))


def _calls(record: SourceRecord, field: str, part: dict[str, Any]) -> list[dict[str, Any]]:
    for key in ("value", "tool_call", "function_call"):
        if key in part:
            return calls_of(record, field, part[key])
    if "input" in part:
        return calls_of(record, field, {"name": part.get("name"), "arguments": part["input"]})
    return calls_of(record, field, part)


def _result(record: SourceRecord, field: str, part: dict[str, Any]) -> dict[str, Any]:
    """Return a tool's message of a result that stands in a user's message."""
    content = part.get("content", part.get("output", part.get("value", "")))
    if isinstance(content, list):
        content = read_parts(record, field, content).text
    if not isinstance(content, str):
        raise record.error(field, NO_TEXT, beginning(part))
    message = {"role": "tool", "content": content}
    call_id = part.get("tool_use_id", part.get("call_id"))
    return {**message, "tool_call_id": call_id} if isinstance(call_id, str) else message
