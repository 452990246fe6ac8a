r"""OpenAI's Responses, as NeMo Gym's data sets hold them. Read and written.

    {"responses_create_params": {
        "input": [{"role": "user", "content": "Weather in Paris?"}],
        "tools": [{"type": "function", "name": "weather", "parameters": {...}}]},
     "expected_action": {"type": "function_call", "name": "weather",
                         "arguments": "{\"city\": \"Paris\"}"}}

How a record is read:

- The request is `responses_create_params`, or the record itself (`input`, `tools`). Its items are
  messages, `function_call`, `function_call_output` and `reasoning`; `input` may be one text, and
  `instructions` are the system's. Calls that follow each other are one turn.
- What is right: `expected_action`, a call, a `function_call_batch` or a message; or the items of
  `output` (or `response.output`). It is, whatever it is; the input gives no rows. A record without
  any of them is a conversation like others (rlcall.data.reading.chats).
- Under a `tool_choice` other than "auto" there is no row.

What `write` returns has `expected_action`. Sources: OpenAI's API reference, "Responses"; NeMo Gym's
`single_step_tool_use_with_argument_comparison`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rlcall.data.gold import gold_message
from rlcall.data.reading import chats
from rlcall.data.reading.choice import check_choice
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import functions_of, messages_of
from rlcall.data.reading.parts import read_parts
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, beginning, records
from rlcall.data.reading.roles import RoleTurn, turns_of
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_REQUEST = {
    "type": "object",
    "required": ["input"],
    "properties": {
        "input": {"type": ["string", "array"], "minItems": 1},
        "tools": {"type": ["array", "string", "null"]},
        "instructions": {"type": ["string", "null"]},
    },
}
_ITEM = {
    "type": "object",
    "properties": {"type": {"type": ["string", "null"]}, "role": {"type": ["string", "null"]}},
}
_ROLES = {"system": "system", "developer": "developer", "user": "user", "assistant": "assistant"}
UNKNOWN = "is an item that is not read"


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value.get("responses_create_params", value), _REQUEST) and (
        "responses_create_params" in value or "tools" in value
    )


def read(path: str) -> Iterator[Reading]:
    """Read each record of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    is_nested = "responses_create_params" in record.value
    request = record.value["responses_create_params"] if is_nested else record.value
    if not fits(request, _REQUEST):
        detail = "It needs input and tools, in responses_create_params or by themselves."
        raise record.error("", "is not a record of OpenAI's Responses", detail)
    check_choice(record, request)
    prefix = "responses_create_params." if is_nested else ""
    tools = tools_of(record, f"{prefix}tools", request.get("tools"), notes)
    turns = turns_of(record, _turns(record, request, prefix), notes)
    return chats.rows_of(record, tools, turns, notes)


def _turns(record: SourceRecord, request: dict[str, Any], prefix: str) -> Iterator[RoleTurn]:
    field, expected = _expected(record)
    target = None if expected is None else False
    if request.get("instructions"):
        yield RoleTurn(f"{prefix}instructions", "system", request["instructions"], target)
    items = request["input"]
    if isinstance(items, str):
        items = [{"role": "user", "content": items}]
    for index, item in enumerate(items):
        yield from _item(record, f"{prefix}input[{index}]", item, target)
    for item in expected or ():
        yield from _item(record, field, item, True)


def _expected(record: SourceRecord) -> tuple[str, list[Any] | None]:
    """Return the items that are right, with their field; None where the record has none."""
    value = record.value
    action = value.get("expected_action")
    if isinstance(action, dict):
        if action.get("type") == "function_call_batch" and isinstance(action.get("calls"), list):
            return "expected_action", action["calls"]
        return "expected_action", [action]
    response = value.get("response")
    output = response.get("output") if isinstance(response, dict) else value.get("output")
    return "output", output if isinstance(output, list) and output else None


def _item(record: SourceRecord, field: str, item: Any, target: bool | None) -> Iterator[RoleTurn]:
    if not fits(item, _ITEM):
        raise record.error(field, UNKNOWN, beginning(item))
    kind = item.get("type") or "message"
    if kind == "message":
        yield from _message(record, field, item, target)
    elif kind == "function_call":
        call = {key: item.get(key) for key in ("name", "arguments")}
        yield RoleTurn(field, "call", json.dumps(call), target)
    elif kind == "function_call_output":
        yield RoleTurn(field, "result", _text(record, field, item.get("output")), target)
    elif kind == "reasoning":
        thought = _text(record, field, item.get("summary") or item.get("content") or "")
        if thought:
            yield RoleTurn(field, "assistant", f"<think>{thought}</think>", target)
    else:
        raise record.error(field, UNKNOWN, f"It is of type {kind!r:.80}.")


def _message(
    record: SourceRecord, field: str, item: dict[str, Any], target: bool | None
) -> Iterator[RoleTurn]:
    role = item.get("role") or "assistant"
    if item.get("tool_calls"):  # a message of Chat Completions among the items
        for message in messages_of(record, field, item, []):
            for function in functions_of(message):
                yield RoleTurn(field, "call", json.dumps(function), target)
        return
    if role == "tool":
        yield RoleTurn(field, "result", _text(record, field, item.get("content")), target)
        return
    if role not in _ROLES:
        raise record.error(field, UNKNOWN, f"Its role is {role!r:.80}.")
    content = _text(record, field, item.get("content"))
    yield RoleTurn(field, _ROLES[role], content, target)


def _text(record: SourceRecord, field: str, content: Any) -> str:
    if isinstance(content, list):
        return read_parts(record, field, content).text
    if content is None or isinstance(content, str):
        return content or ""
    return json.dumps(content, ensure_ascii=False)


def write(row: Row) -> dict[str, Any]:
    """Return a row as a request with its expected action.

    Raises RowError where the form cannot say all that the row does.
    """
    answer = gold_message(row)
    items: list[dict[str, Any]] = []
    call_ids: list[str] = []
    for index, message in enumerate(row.messages):
        content = message.get("content") or ""
        if not isinstance(content, str):
            raise RowError("row", 0, f"messages[{index}]", "is in parts of another form")
        if message["role"] == "tool":
            call_id = call_ids.pop(0) if call_ids else f"call_{index}"
            items.append({"type": "function_call_output", "call_id": call_id, "output": content})
            continue
        if content or not message.get("tool_calls"):
            items.append({"role": message["role"], "content": content})
        call_ids = []
        for number, function in enumerate(functions_of(message)):
            call_ids.append(f"call_{index}_{number}")
            items.append({"type": "function_call", "call_id": call_ids[-1], **_call(function)})
    calls = [{"type": "function_call", **_call(function)} for function in functions_of(answer)]
    action: dict[str, Any] = {"type": "message", "content": answer["content"]}
    if calls:
        action = calls[0] if len(calls) == 1 else {"type": "function_call_batch", "calls": calls}
    tools = [{"type": "function", **tool["function"]} for tool in row.tools]
    return {"responses_create_params": {"input": items, "tools": tools}, "expected_action": action}


def _call(function: dict[str, Any]) -> dict[str, str]:
    arguments = json.dumps(function["arguments"], ensure_ascii=False)
    return {"name": function["name"], "arguments": arguments}
