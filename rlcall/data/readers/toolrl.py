r"""ToolRL's rows (Qian et al. 2025, Apache-2.0): `rlla_sft.json` and verl's `rlla_*.parquet`.

    {"instruction": "... **Available Tools**\n...\n1. Name: Get Weather\nDescription: The weather.\n
                     Parameters: {\"city\": {\"type\": \"str\", \"default\": \"\"}} ...",
     "input": "**Dialogue Records History**\n<user> Weather in Paris? </user>",
     "output": "<think> ... </think>\n<tool_call>\n{\"name\": \"Get Weather\",
                \"parameters\": {\"city\": \"Paris\"}}\n</tool_call>"}

An entry is text: an instruction that lists the tools, the dialogue so far, and an output with
thoughts and either calls or a reply. How it is read:

- Tools: `Name`, `Description` and `Parameters` of each item. Types are Python's words or JSON
  Schema's (python_types). `"default": ""` means that there is none. Rows in Python's words say
  which parameters are optional (`str, optional`, or a default), so the others are required; rows in
  JSON Schema's words (ToolACE's) have lost their `required`, so nothing is.
- Dialogue: user, assistant and tool messages. The instruction's own rules of format, and the
  thoughts, are left out: prompts are rendered by the model's own template.
- Gold: the calls of the output, or none where it only replies. ToolACE's arguments are all text;
  where a parameter's type is not, the text is read as JSON of that type (`"1.0"` as 1.0) and
  counted. A null for an optional parameter is the parameter left out.
- An entry whose gold cannot be right is set aside: it calls a tool that is not listed, gives an
  argument that the tool does not declare or that does not fit its type, or leaves out a required
  one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading.answer_check import check_calls
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.nulls import LEFT_OUT
from rlcall.data.reading.python_types import as_declared, fits, set_default, set_type
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, plain

_TOOL_LIST = re.compile(
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
_TYPE_WORDS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_PARAMETERS = {
    "type": "object",
    "additionalProperties": {
        "type": "object",
        "required": ["type"],
        "properties": {"type": _TYPE_WORDS},
    },
}
_HEAD = "**Dialogue Records History**"
_OPTIONAL = re.compile(r",\s*optional$")
_PYTHON_ONLY = re.compile(r"(?:str|bool|List|Dict|Tuple|Union|Optional|Callable)\b|.*, optional$")


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    instruction = value.get("instruction")
    if isinstance(instruction, str):
        return "**Available Tools**" in instruction
    return {"reward_model", "prompt"} <= value.keys()


def read(path: str) -> Iterator[Reading]:
    """Read each entry of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row]:
    instruction, dialogue, output = _texts(record)
    tools = _tools(record, instruction, notes)
    record.check_tools(tools)
    schemas = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    gold = [_gold(call, schemas, notes) for call in _output_calls(record, output)]
    check_calls(record, tools, gold, "output")
    messages = list(_messages(record, dialogue))
    yield record.row({"messages": messages, "tools": tools, "answer": {"calls": gold}})


def _texts(record: SourceRecord) -> tuple[str, str, str]:
    """Return an entry's instruction, dialogue and output, which verl has under other names."""
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
        detail = "One has the texts instruction, input and output, or prompt and reward_model."
        raise record.error("", "is not an entry of ToolRL", detail)
    return texts


# Tools


def _tools(record: SourceRecord, instruction: str, notes: list[str]) -> list[dict[str, Any]]:
    listed = _TOOL_LIST.search(instruction)
    body = listed[1] if listed else ""
    specs = []
    position = 0
    while item := _TOOL.match(body, position):
        parameters = _json(record, "instruction", item[3], _PARAMETERS)
        specs.append((item[1], item[2], parameters))
        position = item.end()
    if not specs or position < len(body):
        raise record.error("instruction", "the list of tools cannot be read")
    all_parameters = [spec for _, _, parameters in specs for spec in parameters.values()]
    requires = any(_PYTHON_ONLY.match(_words(spec)) for spec in all_parameters)
    tools = []
    for name, description, parameters in specs:
        schema = _parameters(parameters, requires, notes)
        function = {"name": name, "description": description, "parameters": schema}
        tools.append({"type": "function", "function": function})
    return tools


def _parameters(specs: dict[str, Any], requires: bool, notes: list[str]) -> dict[str, Any]:
    """Return the schema of a tool's parameters; without `required` where nobody `requires` any."""
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for key, spec in specs.items():
        schema["properties"][key] = _parameter(spec, notes)
        if not _OPTIONAL.search(_words(spec)) and spec.get("default", "") == "":
            required.append(key)
    if required and requires:
        schema["required"] = required
    return schema


def _parameter(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    schema = {key: value for key, value in spec.items() if key not in ("type", "default")}
    set_type(schema, _OPTIONAL.sub("", _words(spec)), notes)
    if spec.get("default", "") not in ("", None):
        set_default(schema, spec["default"], notes)
    return schema


def _words(spec: dict[str, Any]) -> str:
    words = spec["type"]
    return " | ".join(words) if isinstance(words, list) else words


# Dialogue


def _messages(record: SourceRecord, dialogue: str) -> Iterator[dict[str, Any]]:
    for tag, text in _sections(record, "input", dialogue.removeprefix(_HEAD)):
        if tag == "user":
            yield {"role": "user", "content": text}
        elif tag == "response":
            yield {"role": "assistant", "content": text}
        elif tag == "tool_call":
            tool_calls = []
            for call in _calls(record, "input", text):
                tool_calls.append({"type": "function", "function": call})
            yield {"role": "assistant", "content": "", "tool_calls": tool_calls}
        elif tag == "obs":
            for result in _json(record, "input", text, _RESULTS):
                content = json.dumps(result["results"], ensure_ascii=False)
                yield {"role": "tool", "name": result["name"], "content": content}


def _sections(record: SourceRecord, field: str, text: str) -> Iterator[tuple[str, str]]:
    """Yield the pieces `<tag> text </tag>`, which must be all there is."""
    text = text.strip()
    position = 0
    while piece := _SECTION.match(text, position):
        yield piece[1], piece[2].strip()
        position = piece.end()
    if position < len(text):
        raise record.error(field, "holds text outside its sections")


def _calls(record: SourceRecord, field: str, text: str) -> list[dict[str, Any]]:
    """Return lines of `{"name": ..., "parameters": {...}}` as names and arguments."""
    calls = []
    for line in text.splitlines():
        if line.strip():
            call = _json(record, field, line, _CALL)
            calls.append({"name": call["name"], "arguments": call["parameters"]})
    return calls


def _json(record: SourceRecord, field: str, text: str, shape: dict[str, Any]) -> Any:
    value = record.parse_json(field, text, "holds a piece that is not JSON")
    if not fits(value, shape):
        reason = "holds JSON of another form than ToolRL's"
        raise record.error(field, reason, f"It begins {text[:80]!r}.")
    return value


# Gold


def _output_calls(record: SourceRecord, output: str) -> list[dict[str, Any]]:
    sections = dict(_sections(record, "output", output))
    if "tool_call" in sections:
        return _calls(record, "output", sections["tool_call"])
    if "response" in sections:
        return []
    raise record.error("output", "holds neither calls nor a reply")


def _gold(call: dict[str, Any], schemas: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    """Return a call of the output as an answer writes it, whether it can be right or not."""
    properties = schemas.get(call["name"], {}).get("properties", {})
    arguments = {}
    for key, value in call["arguments"].items():
        if value is None and key in properties and not fits(None, properties[key]):
            notes.append(LEFT_OUT)
        else:
            arguments[key] = as_declared(value, properties.get(key, {}), notes)
    return {"name": call["name"], "arguments": plain(arguments)}
