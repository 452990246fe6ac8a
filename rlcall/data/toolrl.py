"""ToolRL's rows (Qian et al. 2025, Apache-2.0): `rlla_sft.json` and verl's `rlla_*.parquet`.

    rows, counts = toolrl.read("rlla_sft.json")
    print(counts)   # 400 read, ... rows, ... set aside, and why

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
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data import strict_json
from rlcall.data.counts import Counts
from rlcall.data.files import records
from rlcall.data.python_types import UnknownType, as_declared, fits, json_schema
from rlcall.data.rows import Row, RowError, parse_row, plain

_TOOLS = re.compile(r"\*\*Available Tools\*\*\n[^\n]*\n(.*?)\n\n\*\*Steps for Each Turn\*\*", re.DOTALL)
_TOOL = re.compile(r"\d+\. Name: ([^\n]+)\nDescription: (.*?)\nParameters: ([^\n]+)(?:\n|$)", re.DOTALL)
_SECTION = re.compile(r"\s*<(user|think|tool_call|obs|response)>(.*?)</\1>\s*", re.DOTALL)
_CALL = {
    "type": "object",
    "required": ["name", "parameters"],
    "additionalProperties": False,
    "properties": {"name": {"type": "string"}, "parameters": {"type": "object"}},
}
_RESULTS = {"type": "array", "items": {"type": "object", "required": ["name", "results"], "maxProperties": 2}}
_WORDS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}
_PARAMETERS = {
    "type": "object",
    "additionalProperties": {"type": "object", "required": ["type"], "properties": {"type": _WORDS}},
}
_HEAD = "**Dialogue Records History**"
_OPTIONAL = re.compile(r",\s*optional$")
_PYTHON_ONLY = re.compile(r"(?:str|bool|List|Dict|Tuple|Union|Optional|Callable)\b|.*, optional$")


@dataclass(frozen=True, slots=True)
class _Entry:
    """One entry's three texts, and where it stands, for errors."""

    path: str
    index: int
    instruction: str
    dialogue: str
    output: str

    @property
    def place(self) -> str:
        return f"{self.path}[{self.index}]"

    def error(self, field: str, reason: str, detail: str = "") -> RowError:
        return RowError(self.place, 0, field, reason, detail)


def read(path: str | os.PathLike[str]) -> tuple[list[Row], Counts]:
    """The rows of a file, and the counts of what went in, came out and was set aside. RowError for a broken file."""
    counts = Counts()
    rows = []
    for entry in _entries(os.fspath(path)):
        counts.read += 1
        try:
            rows.append(_row(entry, counts.notes))
        except RowError as error:
            counts.set_aside.append(error)
    counts.rows = len(rows)
    return rows, counts


def _entries(path: str) -> Iterator[_Entry]:
    for index, record in enumerate(records(path)):
        try:
            if "reward_model" in record:
                system, user = record["prompt"]
                texts = system["content"], user["content"], record["reward_model"]["ground_truth"]
            else:
                texts = record["instruction"], record["input"], record["output"]
        except (KeyError, TypeError, ValueError) as error:
            reason = "is no entry of ToolRL: it has neither instruction, input and output nor prompt and reward_model"
            raise RowError(f"{path}[{index}]", 0, "", reason) from error
        yield _Entry(path, index, *map(str, texts))


def _row(entry: _Entry, notes: Counter[str]) -> Row:
    found = Counter[str]()
    tools = _tools(entry, found)
    parameters = {tool["function"]["name"]: tool["function"]["parameters"] for tool in tools}
    calls = [_gold(entry, call, parameters, found) for call in _output_calls(entry)]
    value = {
        "id": f"{Path(entry.path).stem}-{entry.index}",
        "messages": list(_messages(entry)),
        "tools": tools,
        "answer": {"calls": calls},
    }
    row = parse_row(value, entry.place)
    notes.update(found)
    return row


def _tools(entry: _Entry, notes: Counter[str]) -> list[dict[str, Any]]:
    listed = _TOOLS.search(entry.instruction)
    body, position, specs = listed[1] if listed else "", 0, []
    while item := _TOOL.match(body, position):
        specs.append((item[1], item[2], _json(entry, "instruction", item[3], _PARAMETERS)))
        position = item.end()
    if not specs or position < len(body):
        raise entry.error("instruction", "the list of tools cannot be read")
    required_is_known = any(_PYTHON_ONLY.match(_words(spec)) for _, _, tool in specs for spec in tool.values())
    return [_tool(name, text, parameters, required_is_known, notes) for name, text, parameters in specs]


def _tool(
    name: str, description: str, specs: dict[str, Any], required_is_known: bool, notes: Counter[str]
) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for key, spec in specs.items():
        schema["properties"][key] = _parameter(spec, notes)
        if not _OPTIONAL.search(_words(spec)) and spec.get("default", "") == "":
            required.append(key)
    if required and required_is_known:
        schema["required"] = required
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


def _parameter(spec: dict[str, Any], notes: Counter[str]) -> dict[str, Any]:
    words, default = _words(spec), spec.get("default", "")
    schema = {key: value for key, value in spec.items() if key not in ("type", "default")}
    try:
        schema.update(json_schema(_OPTIONAL.sub("", words)))
    except UnknownType:
        notes[f"type {words!r} was read as any type"] += 1
    if default not in ("", None):
        schema["default"] = as_declared(default, schema, notes)
        if not fits(schema["default"], schema):
            notes["defaults do not fit their own type, and stand as they are"] += 1
    return schema


def _words(spec: dict[str, Any]) -> str:
    kind = spec["type"]
    return " | ".join(kind) if isinstance(kind, list) else kind


def _messages(entry: _Entry) -> Iterator[dict[str, Any]]:
    for tag, text in _sections(entry, "input", entry.dialogue.removeprefix(_HEAD)):
        if tag == "user":
            yield {"role": "user", "content": text}
        elif tag == "response":
            yield {"role": "assistant", "content": text}
        elif tag == "tool_call":
            calls = [{"type": "function", "function": call} for call in _calls(entry, "input", text)]
            yield {"role": "assistant", "content": "", "tool_calls": calls}
        elif tag == "obs":
            yield from _observations(entry, text)


def _observations(entry: _Entry, text: str) -> Iterator[dict[str, Any]]:
    """One message for each result of `[{"name": ..., "results": ...}]`."""
    for result in _json(entry, "input", text, _RESULTS):
        content = json.dumps(result["results"], ensure_ascii=False)
        yield {"role": "tool", "name": result["name"], "content": content}


def _output_calls(entry: _Entry) -> list[dict[str, Any]]:
    sections = dict(_sections(entry, "output", entry.output))
    if "tool_call" in sections:
        return _calls(entry, "output", sections["tool_call"])
    if "response" in sections:
        return []
    raise entry.error("output", "holds neither calls nor a reply")


def _calls(entry: _Entry, field: str, text: str) -> list[dict[str, Any]]:
    """Lines of `{"name": ..., "parameters": {...}}` as name and arguments."""
    calls = [_json(entry, field, line, _CALL) for line in text.splitlines() if line.strip()]
    return [{"name": call["name"], "arguments": call["parameters"]} for call in calls]


def _json(entry: _Entry, field: str, text: str, form: dict[str, Any]) -> Any:
    try:
        value = strict_json.load(text)
    except ValueError as error:
        raise entry.error(field, "holds a piece that is not JSON", f"It {error}.") from error
    if not fits(value, form):
        raise entry.error(field, "holds JSON of another form than ToolRL's", f"It begins {text[:80]!r}.")
    return value


def _sections(entry: _Entry, field: str, text: str) -> Iterator[tuple[str, str]]:
    """`<tag> text </tag>` pieces, which must be all there is."""
    text, position = text.strip(), 0
    while piece := _SECTION.match(text, position):
        yield piece[1], piece[2].strip()
        position = piece.end()
    if position < len(text):
        raise entry.error(field, "holds text outside its sections")


def _gold(entry: _Entry, call: dict[str, Any], schemas: dict[str, Any], notes: Counter[str]) -> dict[str, Any]:
    name = call["name"]
    if name not in schemas:
        raise entry.error(f"output.{name}", "the gold calls a tool that is not listed")
    schema, arguments = schemas[name], {}
    for key, value in call["arguments"].items():
        if key not in schema["properties"]:
            raise entry.error(f"output.{name}.{key}", "the gold gives an argument that its tool does not declare")
        if value is None and not fits(None, schema["properties"][key]):
            notes["nulls for optional parameters were read as left out"] += 1
        else:
            arguments[key] = as_declared(value, schema["properties"][key], notes)
            if not fits(arguments[key], schema["properties"][key]):
                reason = "the gold gives a value that does not fit its type"
                raise entry.error(f"output.{name}.{key}", reason, f"It reads {value!r:.100}.")
    if missing := [key for key in schema.get("required", ()) if key not in arguments]:
        raise entry.error(f"output.{name}.{missing[0]}", "the gold leaves out a required parameter")
    return {"name": name, "arguments": plain(arguments)}
