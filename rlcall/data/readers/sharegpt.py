r"""ShareGPT with tools, as LLaMA-Factory and APIGen-MT write it. Read and written.

    {"conversations": [
       {"from": "human", "value": "Weather in Paris?"},
       {"from": "function_call", "value": "{\"name\": \"weather\", \"arguments\": {...}}"},
       {"from": "observation", "value": "clear"},
       {"from": "gpt", "value": "It is clear."}],
     "tools": "[{\"name\": \"weather\", \"parameters\": {...}}]",
     "system": "Be brief."}

How a record is read:

- `function_call`: JSON text of one call or a list, with a `<think>` block before it or without. A
  turn of `gpt` that holds a call in its words is set aside.
- `system` may be a turn or a column. Tools are JSON text or a list, in any form that
  rlcall.data.tool_forms reads.
- `chosen` and `rejected`, of a preference: the chosen turn is what is right.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).

What `write` returns ends with the row's answer; LLaMA-Factory trains on that alone under
`mask_history`. Source: LLaMA-Factory's data/README.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from rlcall.data.gold import gold_message
from rlcall.data.reading import chats
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.messages import functions_of
from rlcall.data.reading.preferences import with_rejected
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.roles import RoleTurn, turns_of
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

ROLES = {
    "system": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "function_call": "call",
    "tool_call": "call",
    "observation": "result",
    "tool_response": "result",
    "tool": "result",
    "function_response": "result",
}
WRITTEN = {"user": "human", "assistant": "gpt", "tool": "observation"}
_TURN = {
    "type": "object",
    "required": ["from", "value"],
    "properties": {"from": {"enum": list(ROLES)}, "value": {"type": "string"}},
}
_RECORD = {
    "type": "object",
    "required": ["conversations"],
    "properties": {
        "conversations": {"type": "array", "minItems": 1, "items": _TURN},
        "tools": {"type": ["string", "array", "null"]},
        "system": {"type": ["string", "null"]},
        "chosen": {"anyOf": [_TURN, {"type": "null"}]},
        "rejected": {"anyOf": [_TURN, {"type": "null"}]},
    },
}


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    if not fits(value, _RECORD):
        return False
    turns = value["conversations"]
    if any(turn["from"] in ("function_call", "observation") for turn in turns):
        return True
    is_hermes = any("<tool_call>" in turn["value"] or "<tools>" in turn["value"] for turn in turns)
    return isinstance(value.get("tools"), str) and not is_hermes


def read(path: str) -> Iterator[Reading]:
    """Read each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    value = record.value
    if not fits(value, _RECORD):
        detail = f"It needs conversations, each from one of {', '.join(ROLES)}."
        raise record.error("", "is not a record of ShareGPT with tools", detail)
    tools = tools_of(record, "tools", value.get("tools"), notes)
    rows = chats.rows_of(record, tools, turns_of(record, _turns(value), notes), notes)
    if not value.get("chosen") or not value.get("rejected"):
        return rows
    (chosen,) = turns_of(record, [_turn("chosen", value["chosen"])], notes)
    (rejected,) = turns_of(record, [_turn("rejected", value["rejected"])], notes)
    return with_rejected(rows, chosen.message, rejected.message, notes)


def _turns(value: dict[str, Any]) -> Iterator[RoleTurn]:
    is_preference = bool(value.get("chosen"))
    if value.get("system"):
        yield RoleTurn("system", "system", value["system"])
    for index, turn in enumerate(value["conversations"]):
        target = False if is_preference else None
        yield _turn(f"conversations[{index}]", turn, target)
    if is_preference:
        yield _turn("chosen", value["chosen"], True)


def _turn(field: str, turn: dict[str, str], target: bool | None = None) -> RoleTurn:
    return RoleTurn(field, ROLES[turn["from"]], turn["value"].strip(), target)


def write(row: Row) -> dict[str, Any]:
    """Return a row as a conversation that ends with its answer.

    Raises RowError where the form cannot say all that the row does.
    """
    system = []
    turns: list[dict[str, str]] = []
    for index, message in enumerate([*row.messages, gold_message(row)]):
        content = message.get("content") or ""
        if not isinstance(content, str):
            reason = "is in parts, and a turn of ShareGPT is one text"
            raise RowError("row", 0, f"messages[{index}]", reason)
        if message["role"] in ("system", "developer"):
            system.append(content)
        elif message.get("tool_calls"):
            turns.append({"from": "function_call", "value": _call_text(message, content)})
        else:
            turns.append({"from": WRITTEN[message["role"]], "value": content})
    tools = [tool["function"] for tool in row.tools]
    record = {"conversations": turns, "tools": json.dumps(tools, ensure_ascii=False)}
    return {**record, "system": "\n\n".join(system)} if system else record


def _call_text(message: dict[str, Any], content: str) -> str:
    calls = list(functions_of(message))
    if content:
        reason = "has words beside a call, which a turn of ShareGPT cannot have"
        raise RowError("row", 0, "messages", reason)
    return json.dumps(calls[0] if len(calls) == 1 else calls, ensure_ascii=False)
