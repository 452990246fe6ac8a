r"""ToolACE's conversations (Liu et al. 2024, Apache-2.0): `data.json`.

    {"system": "You are an expert in composing functions. ... Here is a list of functions in JSON
                format that you can invoke:\n[{\"name\": \"Get Weather\",
                \"parameters\": {\"type\": \"dict\", ...}}]. \nShould you ...",
     "conversations": [
       {"from": "user", "value": "Weather in Paris?"},
       {"from": "assistant", "value": "[Get Weather(city=\"Paris\")]"},
       {"from": "tool", "value": "[{\"name\": \"Get Weather\", \"results\": {...}}]"}]}

How a record is read:

- Tools: the JSON list in the system text. Types in words that JSON Schema lacks (`dict`, `float`)
  become its own, and are counted. ToolACE's own instructions are left out, since the model's
  template has its own; other text stays.
- A turn that begins with `[` is a list of calls, whose names may hold spaces; any other turn is
  words. Calls that use one another's results are not in ToolACE's form.
- Rows: one for each turn that calls, and for a reply before the first call
  (rlcall.data.reading.chats).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall import wire
from rlcall.calls import encode
from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.json_text import json_at
from rlcall.data.reading.messages import call_message, result_message, system_text
from rlcall.data.reading.python_types import fits, normal_schema
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json

_TURN = {
    "type": "object",
    "required": ["from", "value"],
    "properties": {"from": {"enum": ["user", "assistant", "tool"]}, "value": {"type": "string"}},
}
_RECORD = {
    "type": "object",
    "required": ["system", "conversations"],
    "properties": {
        "system": {"type": "string"},
        "conversations": {"type": "array", "minItems": 1, "items": _TURN},
    },
}
_RESULTS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "required": ["name", "results"]},
}
_LEAD_IN = re.compile(r"Here is a list of functions in JSON format that you can invoke:\s*(?=\[)")
_PROMPT_BEFORE = re.compile(r"You are an expert in composing functions\..*\Z", re.DOTALL)
_PROMPT_AFTER = re.compile(
    r"\A\.?\s*Should you decide to return the function call\(s\)\."
    r".*?NO other text MUST be included\.",
    re.DOTALL,
)


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD) and _LEAD_IN.search(value["system"]) is not None


def read(path: str) -> Iterator[Reading]:
    """Read each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs system, and turns of user, assistant and tool."
        raise record.error("", "is not a record of ToolACE", detail)
    tools, system = _system(record, notes)
    return chats.rows_of(record, tools, _turns(record, tools, system), notes)


def _system(record: SourceRecord, notes: list[str]) -> tuple[list[dict[str, Any]], str]:
    """Return the tools, and what else the system text says."""
    text = record.value["system"]
    lead_in = _LEAD_IN.search(text)
    if not lead_in:
        raise record.error("system", "holds no list of functions as ToolACE introduces it")
    try:
        functions, end = json_at(text, lead_in.end())
    except ValueError as error:
        reason = "holds a list of functions that cannot be read"
        raise record.error("system", reason, f"It {error}.") from error
    tools = [_tool(tool, notes) for tool in tools_of(record, "system", functions, notes)]
    before = _PROMPT_BEFORE.sub("", text[: lead_in.start()])
    after = _PROMPT_AFTER.sub("", text[end:])
    return tools, system_text(before, after)


def _tool(tool: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    function = dict(tool["function"])
    if "parameters" in function:
        function["parameters"] = normal_schema(function["parameters"], notes)
    return {"type": "function", "function": function}


def _turns(record: SourceRecord, tools: list[dict[str, Any]], system: str) -> Iterator[Turn]:
    if system:
        yield Turn({"role": "system", "content": system}, "system")
    for index, turn in enumerate(record.value["conversations"]):
        field = f"conversations[{index}]"
        text = turn["value"].strip()
        if turn["from"] == "user":
            yield Turn({"role": "user", "content": text}, field)
        elif turn["from"] == "assistant":
            calls = _calls(record, tools, field, text)
            yield Turn(call_message(calls, "" if calls else text), field)
        else:
            for message in _results(text):
                yield Turn(message, field)


def _calls(
    record: SourceRecord, tools: list[dict[str, Any]], field: str, text: str
) -> list[dict[str, Any]]:
    if not text.startswith("["):
        return []
    parsed = wire.get("python").parse(text, tools)
    if parsed.problems:
        detail = f"There is {parsed.problems[0].message}."
        raise record.error(field, "holds calls that cannot be read", detail)
    if any(call.label for call in parsed.calls):
        raise record.error(field, "holds a call inside a call, or a name for its result")
    return [{"name": call.name, "arguments": encode(call.arguments)} for call in parsed.calls]


def _results(text: str) -> Iterator[dict[str, Any]]:
    """Yield a message for each of `[{"name", "results"}, ...]`, or one with any other text."""
    try:
        value = strict_json.load(text)
    except ValueError:
        value = None
    if not fits(value, _RESULTS):
        yield {"role": "tool", "content": text}
        return
    for result in value:
        yield result_message(result["name"], result["results"])
