"""ToolRL's rows (Qian et al. 2025, Apache-2.0): `rlla_sft.json` and verl's `rlla_*.parquet`.

    for reading in toolrl.read("rlla_sft.json"):    # one for each entry
        reading.rows, reading.set_aside             # a Row, or a RowError that says why there is none

An entry is text: an instruction that lists the tools, the dialogue so far, and an output with thoughts and either
calls or a reply. How it is read:

- Tools: `Name`, `Description` and `Parameters` of each item. Types are Python's words or JSON Schema's (python_types).
  `"default": ""` means that there is none. Rows in Python's words say which parameters are optional (`str, optional`,
  or a default), so the others are required; rows in JSON Schema's words (ToolACE's) have lost their `required`, so
  nothing is.
- Dialogue: user, assistant and tool messages. The instruction's own rules of format, and the thoughts, are left out:
  prompts are rendered by the model's own template.
- Gold: the calls of the output, or none where it only replies. ToolACE's arguments are all text; where a parameter's
  type is not, the text is read as JSON of that type (`"1.0"` as 1.0) and counted. A null for an optional parameter
  is the parameter left out.
- An entry whose gold cannot be right is set aside: it calls a tool that is not listed, gives an argument that the
  tool does not declare or that does not fit its type, or leaves out a required one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading.answer_check import BAD_DEFAULT, check_gold
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import UnknownType, as_declared, fits, json_schema
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, plain
from rlcall.files import strict_json

_TOOLS = re.compile(
    r"\*\*Available Tools\*\*\n[^\n]*\n(.*?)\n\n\*\*Steps for Each Turn\*\*", re.DOTALL
)
_TOOL = re.compile(
    r"\d+\. Name: ([^\n]+)\nDescription: (.*?)\nParameters: ([^\n]+)(?:\n|$)", re.DOTALL
)
_SECTION = re.compile(r"\s*<(user|think|tool_call|obs|response)>(.*?)</\1>\s*", re.DOTALL)
_CALL = {
    "type": "object",
    "required": ["name", "parameters"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "parameters": {"type": "object"}},
}
_RESULTS = {
    "type": "array",
    "items": {"type": "object", "required": ["name", "results"], "maxProperties": 2},
}
_WORDS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_PARAMETERS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["type"],
        "properties": {"type": _WORDS},
    },
}
_HEAD = "**Dialogue Records History**"
_OPTIONAL = re.compile(r",\s*optional$")
_PYTHON_ONLY = re.compile(r"(?:str|bool|List|Dict|Tuple|Union|Optional|Callable)\b|.*, optional$")


def read(path: str) -> Iterator[Reading]:
    """A Reading for each entry of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row]:
    instruction, dialogue, output = _texts(record)
    tools = _tools(record, instruction, notes)
    record.check_tools(tools)
    parameters = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    calls = [_gold(call, parameters, notes) for call in _output_calls(record, output)]
    check_gold(record, tools, calls, "output")
    yield record.row(
        {"messages": list(_messages(record, dialogue)), "tools": tools, "answer": {"calls": calls}}
    )


def _texts(record: SourceRecord) -> tuple[str, str, str]:
    """Instruction, dialogue and output of an entry, which verl's form has under other names."""
    value = record.value
    try:
        if "reward_model" in value:
            system, user = value["prompt"]
            texts = system["content"], user["content"], value["reward_model"]["ground_truth"]
        else:
            texts = value["instruction"], value["input"], value["output"]
    except (KeyError, TypeError, ValueError):
        texts = (None, None, None)
    if not all(isinstance(text, str) for text in texts):
        form = "One has the texts instruction, input and output, or prompt and reward_model."
        raise record.error("", "is no entry of ToolRL", form)
    return texts


def _tools(record: SourceRecord, instruction: str, notes: list[str]) -> list[dict[str, Any]]:
    listed = _TOOLS.search(instruction)
    body, position, specs = listed[1] if listed else "", 0, []
    while item := _TOOL.match(body, position):
        specs.append((item[1], item[2], _json(record, "instruction", item[3], _PARAMETERS)))
        position = item.end()
    if not specs or position < len(body):
        raise record.error("instruction", "the list of tools cannot be read")
    required_is_known = any(
        _PYTHON_ONLY.match(_words(spec)) for _, _, tool in specs for spec in tool.values()
    )
    return [
        _tool(name, text, parameters, required_is_known, notes) for name, text, parameters in specs
    ]


def _tool(
    name: str, description: str, specs: dict[str, Any], required_is_known: bool, notes: list[str]
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for key, spec in specs.items():
        schema["properties"][key] = _parameter(spec, notes)
        if not _OPTIONAL.search(_words(spec)) and spec.get("default", "") == "":
            required.append(key)
    if required and required_is_known:
        schema["required"] = required
    return {
        "type": "function",
        "function": {"name": name, "description": description, "parameters": schema},
    }


def _parameter(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    words, default = _words(spec), spec.get("default", "")
    schema = {key: value for key, value in spec.items() if key not in ("type", "default")}
    try:
        schema.update(json_schema(_OPTIONAL.sub("", words)))
    except UnknownType:
        notes.append(f"type {words!r} was read as any type")
    if default not in ("", None):
        schema["default"] = as_declared(default, schema, notes)
        if not fits(schema["default"], schema):
            notes.append(BAD_DEFAULT)
    return schema


def _words(spec: dict[str, Any]) -> str:
    kind = spec["type"]
    return " | ".join(kind) if isinstance(kind, list) else kind


def _messages(record: SourceRecord, dialogue: str) -> Iterator[dict[str, Any]]:
    for tag, text in _sections(record, "input", dialogue.removeprefix(_HEAD)):
        if tag == "user":
            yield {"role": "user", "content": text}
        elif tag == "response":
            yield {"role": "assistant", "content": text}
        elif tag == "tool_call":
            calls = [
                {"type": "function", "function": call} for call in _calls(record, "input", text)
            ]
            yield {"role": "assistant", "content": "", "tool_calls": calls}
        elif tag == "obs":
            yield from _observations(record, text)


def _observations(record: SourceRecord, text: str) -> Iterator[dict[str, Any]]:
    """One message for each result of `[{"name": ..., "results": ...}]`."""
    for result in _json(record, "input", text, _RESULTS):
        content = json.dumps(result["results"], ensure_ascii=False)
        yield {"role": "tool", "name": result["name"], "content": content}


def _output_calls(record: SourceRecord, output: str) -> list[dict[str, Any]]:
    sections = dict(_sections(record, "output", output))
    if "tool_call" in sections:
        return _calls(record, "output", sections["tool_call"])
    if "response" in sections:
        return []
    raise record.error("output", "holds neither calls nor a reply")


def _calls(record: SourceRecord, field: str, text: str) -> list[dict[str, Any]]:
    """Lines of `{"name": ..., "parameters": {...}}` as name and arguments."""
    calls = [_json(record, field, line, _CALL) for line in text.splitlines() if line.strip()]
    return [{"name": call["name"], "arguments": call["parameters"]} for call in calls]


def _json(record: SourceRecord, field: str, text: str, form: dict[str, Any]) -> Any:
    try:
        value = strict_json.load(text)
    except ValueError as error:
        raise record.error(field, "holds a piece that is not JSON", f"It {error}.") from error
    if not fits(value, form):
        raise record.error(
            field, "holds JSON of another form than ToolRL's", f"It begins {text[:80]!r}."
        )
    return value


def _sections(record: SourceRecord, field: str, text: str) -> Iterator[tuple[str, str]]:
    """`<tag> text </tag>` pieces, which must be all there is."""
    text, position = text.strip(), 0
    while piece := _SECTION.match(text, position):
        yield piece[1], piece[2].strip()
        position = piece.end()
    if position < len(text):
        raise record.error(field, "holds text outside its sections")


def _gold(call: dict[str, Any], schemas: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """A call of the output as an answer writes it. Whether it can be right is for `check_gold` to say."""
    properties, arguments = schemas.get(call["name"], {}).get("properties", {}), {}
    for key, value in call["arguments"].items():
        if value is None and key in properties and not fits(None, properties[key]):
            notes.append("nulls for optional parameters were read as left out")
        else:
            arguments[key] = as_declared(value, properties.get(key, {}), notes)
    return {"name": call["name"], "arguments": plain(arguments)}
