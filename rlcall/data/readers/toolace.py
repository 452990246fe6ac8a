r"""ToolACE's conversations (Liu et al. 2024, Apache-2.0): `data.json`.

    {"system": "You are an expert in composing functions. ... Here is a list of functions in JSON format that you can
                invoke:\n[{\"name\": \"Get Weather\", \"parameters\": {\"type\": \"dict\", ...}}]. \nShould you ...",
     "conversations": [{"from": "user", "value": "Weather in Paris?"},
                       {"from": "assistant", "value": "[Get Weather(city=\"Paris\")]"},
                       {"from": "tool", "value": "[{\"name\": \"Get Weather\", \"results\": {\"sky\": \"clear\"}}]"}]}

How a record is read:

- Tools: the JSON list in the system text. Types in words that JSON Schema lacks (`dict`, `float`) are put right, and
  counted. ToolACE's own instructions are left out, since the model's template has its own; other text stays.
- A turn that begins with `[` is a list of calls, whose names may hold spaces; any other turn is words. Calls that use
  one another's results are not ToolACE's form.
- Rows: one for each turn that calls, and for a reply before the first call (rlcall.data.reading.chats).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rlcall import wire
from rlcall.calls import encode
from rlcall.data.reading import chats
from rlcall.data.reading.chats import Turn
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError
from rlcall.files import strict_json
from rlcall.verifier.dialects import normalise

_TURN = {
    "type": "object",
    "required": ["from", "value"],
    "properties": {"from": {"enum": ["user", "assistant", "tool"]}, "value": {"type": "string"}},
}
_FORM = {
    "type": "object",
    "required": ["system", "conversations"],
    "properties": {
        "system": {"type": "string"},
        "conversations": {"type": "array", "minItems": 1, "items": _TURN},
    },
}
_TOOL = {
    "type": "object",
    "required": ["name"],
    "properties": {"name": {"type": "string"}, "parameters": {"type": ["object", "null"]}},
}
_TOOLS = {"type": "array", "items": _TOOL}
_RESULTS = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "required": ["name", "results"]},
}
_LIST = re.compile(r"Here is a list of functions in JSON format that you can invoke:\s*(?=\[)")
_BEFORE = re.compile(r"You are an expert in composing functions\..*\Z", re.DOTALL)
_AFTER = re.compile(
    r"\A\.?\s*Should you decide to return the function call\(s\)\..*?NO other text MUST be included\.",
    re.DOTALL,
)


def read(path: str) -> Iterator[Reading]:
    """A Reading for each conversation of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _FORM):
        raise record.error(
            "", "is no record of ToolACE", "It needs system, and turns of user, assistant and tool."
        )
    tools, system = _system(record, notes)
    return chats.rows_of(record, tools, _turns(record, tools, system), notes)


def _system(record: SourceRecord, notes: list[str]) -> tuple[list[dict[str, Any]], str]:
    """The tools, and what else the system text says."""
    text = record.value["system"]
    if not (listed := _LIST.search(text)):
        raise record.error("system", "holds no list of functions as ToolACE introduces it")
    try:
        specs, end = chats.json_at(text, listed.end())
    except ValueError as error:
        raise record.error(
            "system", "holds a list of functions that cannot be read", f"It {error}."
        ) from error
    if not fits(specs, _TOOLS):
        raise record.error(
            "system", "holds a list of functions of another form", f"It begins {str(specs)[:80]!r}."
        )
    said = (_BEFORE.sub("", text[: listed.start()]), _AFTER.sub("", text[end:]))
    return [_tool(spec, notes) for spec in specs], "\n".join(filter(None, map(str.strip, said)))


def _tool(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    function = {key: value for key, value in spec.items() if value is not None}
    changes: list[str] = []
    if "parameters" in function:
        function["parameters"] = normalise(function["parameters"], changes, "$")
    notes.extend(change.partition(": ")[2] for change in changes)
    return {"type": "function", "function": function}


def _turns(record: SourceRecord, tools: list[dict[str, Any]], system: str) -> Iterator[Turn]:
    if system:
        yield Turn({"role": "system", "content": system}, "system")
    for index, turn in enumerate(record.value["conversations"]):
        place, text = f"conversations[{index}]", turn["value"].strip()
        if turn["from"] == "user":
            yield Turn({"role": "user", "content": text}, place)
        elif turn["from"] == "assistant":
            calls = _calls(record, tools, place, text)
            yield Turn(chats.calling(calls, "" if calls else text), place)
        else:
            yield from (Turn(message, place) for message in _results(text))


def _calls(
    record: SourceRecord, tools: list[dict[str, Any]], place: str, text: str
) -> list[dict[str, Any]]:
    if not text.startswith("["):
        return []
    parsed = wire.get("python").parse(text, tools)
    if parsed.problems:
        raise record.error(
            place, "holds calls that cannot be read", f"There is {parsed.problems[0].message}."
        )
    if any(call.label for call in parsed.calls):
        raise record.error(place, "holds a call inside a call, or a name for its result")
    return [{"name": call.name, "arguments": encode(call.arguments)} for call in parsed.calls]


def _results(text: str) -> Iterator[dict[str, Any]]:
    """A message for each result of `[{"name": ..., "results": ...}]`, or one with any other text as it stands."""
    try:
        value = strict_json.load(text)
    except ValueError:
        value = None
    if not fits(value, _RESULTS):
        yield {"role": "tool", "content": text}
        return
    for result in value:
        content = result["results"]
        content = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
        yield {"role": "tool", "name": result["name"], "content": content}
