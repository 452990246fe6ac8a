r"""API-Bank's requests (AlibabaResearch/DAMO-ConvAI, MIT): instruction, dialogue, output as text.

    {"instruction": "Generate an API request ...\nThe current year is 2023.\n...
                     API descriptions:\n{\"name\": \"Weather\", \"input_parameters\": {...}}",
     "input": "User: Weather in Paris?\nAI: Let me look.\nGenerate API Request:\n",
     "expected_output": "API-Request: [Weather(city='Paris')]"}

The files `level-*-api.json` and `level-*-response.json` are so; training files call the answer
`output`, and have the descriptions in `input`. How a record is read:

- Tools: the JSON objects of the descriptions, one after the other; a name may be `apiCode`. Types
  are Python's, and every parameter is required.
- Dialogue: lines of `User`, `AI` and `API-Request: [...]->result`. The instruction's own rules are
  left out; the day that it tells is the system's message.
- Calls are Python's, as in `[f(a='x')]`. Text for a parameter of another type is read as JSON of
  that type, and counted.
- The output is what is right: its calls, or no call where it replies before anything was called.

Dialogues without descriptions (`lv1-lv2-samples`) show no tools, and are another form.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rlcall import wire
from rlcall.calls import encode
from rlcall.data.reading import chats
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.json_text import json_objects
from rlcall.data.reading.python_types import as_declared, fits
from rlcall.data.reading.records import SourceRecord, beginning, records
from rlcall.data.reading.roles import RoleTurn, turns_of
from rlcall.data.reading.tools import tools_of
from rlcall.data.rows import Row, RowError

_TEXT = {"type": "string"}
_RECORD = {
    "type": "object",
    "required": ["instruction", "input"],
    "anyOf": [{"required": ["expected_output"]}, {"required": ["output"]}],
    "properties": {key: _TEXT for key in ("instruction", "input", "expected_output", "output")},
}
_HEAD = "API descriptions:"
_DAY = re.compile(r"The current (?:year|time|date) is [^{\n]*?\d[^\n]*")
_LINE = re.compile(r"^(User|AI|API-Request):[ ]?", re.MULTILINE)
_ASKED = re.compile(r"\s*Generate (?:API Request|AI Response):\s*\Z")
_ANSWERED = re.compile(r"(\[.*?\)\s*\])\s*->\s*(.*)\Z", re.DOTALL)
UNREADABLE = "holds an API request that cannot be read"


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD) and "API-Request:" in value["instruction"] + value.get("output", "")


def read(path: str) -> Iterator[Reading]:
    """Read each request of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row | RowError]:
    if not fits(record.value, _RECORD):
        detail = "It needs the texts instruction, input and expected_output (or output)."
        raise record.error("", "is not a record of API-Bank", detail)
    tools, dialogue = _tools(record, notes)
    turns = list(_turns(record, dialogue, tools, notes))
    return chats.rows_of(record, tools, turns_of(record, turns, notes), notes)


def _tools(record: SourceRecord, notes: list[str]) -> tuple[list[dict[str, Any]], str]:
    """Return the tools, and the dialogue, before which training files describe them."""
    instruction, dialogue = record.value["instruction"], record.value["input"].strip()
    described = instruction.partition(_HEAD)[2].strip()
    functions, end = _objects(record, "instruction", described)
    if described[end:].strip():
        raise record.error("instruction", "describes an API otherwise than in JSON")
    more, end = _objects(record, "input", dialogue)
    for function in [*functions, *more]:
        if isinstance(function, dict) and "apiCode" in function:
            function["name"] = function.pop("apiCode")
    return tools_of(record, "instruction", [*functions, *more], notes), dialogue[end:]


def _objects(record: SourceRecord, field: str, text: str) -> tuple[list[Any], int]:
    try:
        return json_objects(text)
    except ValueError as error:
        detail = f"It {error}."
        raise record.error(field, "describes an API otherwise than in JSON", detail) from error


def _turns(
    record: SourceRecord, dialogue: str, tools: list[dict[str, Any]], notes: list[str]
) -> Iterator[RoleTurn]:
    day = _DAY.search(record.value["instruction"])
    if day:
        yield RoleTurn("instruction", "system", day[0].strip())
    # Nothing, a speaker, a text, a speaker, a text, ...
    head, *pieces = _LINE.split(_ASKED.sub("", dialogue))
    if head.strip() or not pieces:
        raise record.error("input", "does not begin with a turn", beginning(head))
    for speaker, text in zip(pieces[::2], pieces[1::2], strict=True):
        yield from _turn(record, "input", speaker, text.strip(), tools, False, notes)
    field = "expected_output" if "expected_output" in record.value else "output"
    _, *pieces = _LINE.split(record.value[field].strip())
    if len(pieces) != 2 or pieces[0] == "User":
        detail = beginning(record.value[field])
        raise record.error(field, "is neither a request nor a reply", detail)
    yield from _turn(record, field, pieces[0], pieces[1].strip(), tools, None, notes)


def _turn(
    record: SourceRecord,
    field: str,
    speaker: str,
    text: str,
    tools: list[dict[str, Any]],
    target: bool | None,
    notes: list[str],
) -> Iterator[RoleTurn]:
    if speaker != "API-Request":
        yield RoleTurn(field, "user" if speaker == "User" else "assistant", text, target)
        return
    answered = _ANSWERED.match(text)
    calls = _calls(record, field, answered[1] if answered else text, tools, notes)
    yield RoleTurn(field, "call", json.dumps(calls), target)
    if answered:
        yield RoleTurn(field, "result", answered[2], target)


def _calls(
    record: SourceRecord, field: str, text: str, tools: list[dict[str, Any]], notes: list[str]
) -> list[dict[str, Any]]:
    parsed = wire.get("python").parse(text, tools)
    if parsed.problems or not parsed.calls:
        detail = f"There is {parsed.problems[0].message}." if parsed.problems else beginning(text)
        raise record.error(field, UNREADABLE, detail)
    by_name = {tool["function"]["name"]: tool["function"] for tool in tools}
    calls = []
    for call in parsed.calls:
        declared = (by_name.get(call.name, {}).get("parameters") or {}).get("properties", {})
        arguments = {}
        for key, value in encode(call.arguments).items():
            arguments[key] = as_declared(value, declared.get(key, {}), notes)
        calls.append({"name": call.name, "arguments": arguments})
    return calls
