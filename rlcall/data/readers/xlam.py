r"""xLAM's single requests (Liu et al. 2024, APIGen, CC-BY-4.0): `xlam_function_calling_60k.json`.

    {"id": 0, "query": "Weather in Paris?",
     "tools": "[{\"name\": \"weather\", \"parameters\": {\"city\": {\"type\": \"str\", ...}}}]",
     "answers": "[{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}}]"}

`tools` and `answers` are JSON text, or lists already. How a record is read:

- Tools: a parameter's type is Python's, `List[int]` or `str, optional`. It is required unless it is
  marked optional or has a default; an explicit `required` decides. `"default": ""` of a parameter
  that is not marked optional is none. Parameters that are a JSON Schema, and tools in OpenAI's
  form, stay as they are.
- Gold: the answers; `[]` means that no call is due. Text for a parameter that is no text is read as
  JSON of its type (`"3"` as 3) and counted. A null for an optional parameter is the parameter left
  out.
- A record whose gold breaks its tools is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import nulls
from rlcall.data.reading.answer_check import check_calls, check_size, usable_tools
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import as_declared, fits, set_default, set_type
from rlcall.data.reading.records import SourceRecord, beginning, records
from rlcall.data.rows import Row, plain

_TEXT_OR_LIST = {"type": ["string", "array"]}
_RECORD = {
    "type": "object",
    "required": ["query", "tools", "answers"],
    "properties": {
        "query": {"type": "string", "minLength": 1},
        "tools": _TEXT_OR_LIST,
        "answers": _TEXT_OR_LIST,
    },
}
_PARAMETER = {
    "type": "object",
    "required": ["type"],
    "properties": {"type": {"type": "string"}, "required": {"type": "boolean"}},
}
_SCHEMA = {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}}
_XLAM_TOOL = {
    "type": "object",
    "required": ["name", "parameters"],
    "properties": {
        "name": {"type": "string"},
        "parameters": {
            "anyOf": [_SCHEMA, {"type": ["object", "null"], "additionalProperties": _PARAMETER}]
        },
    },
}
_OPENAI_TOOL = {
    "type": "object",
    "required": ["type", "function"],
    "properties": {"function": {"required": ["name"]}},
}
_TOOLS = {"type": "array", "items": {"anyOf": [_OPENAI_TOOL, _XLAM_TOOL]}}
_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
}
_CALLS = {"type": "array", "items": _CALL}
_OPTIONAL = re.compile(r",\s*optional\s*$")


def recognises(value: dict[str, Any]) -> bool:
    """Return whether a record is in this form."""
    return fits(value, _RECORD)


def read(path: str) -> Iterator[Reading]:
    """Read each record of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row]:
    if not fits(record.value, _RECORD):
        raise record.error("", "is not a record of xLAM", "It needs query, tools and answers.")
    specs = _list(record, "tools", _TOOLS)
    tools = [_tool(spec, notes) for spec in specs]
    in_words = {spec["name"] for spec in specs if _is_in_words(spec)}
    calls = _calls(record, tools, in_words, notes)
    check_calls(record, tools, calls, "answers")
    messages = [{"role": "user", "content": record.value["query"]}]
    yield record.row({"messages": messages, "tools": tools, "answer": {"calls": calls}})


def _list(record: SourceRecord, field: str, shape: dict[str, Any]) -> list[dict[str, Any]]:
    value = record.value[field]
    if isinstance(value, str):
        value = record.parse_json(field, value)
    if not fits(value, shape):
        raise record.error(field, "is a list of another form than xLAM's", beginning(value))
    return list(value)


# Tools


def _is_in_words(spec: dict[str, Any]) -> bool:
    """Return whether a tool's parameters are in xLAM's words, not in JSON Schema.

    A parameter may be called `type`, but is then an object.
    """
    return "function" not in spec and not isinstance((spec["parameters"] or {}).get("type"), str)


def _tool(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    if "function" in spec:
        return spec
    function = {key: value for key, value in spec.items() if value is not None}
    if _is_in_words(spec):
        function["parameters"] = _parameters(spec["parameters"] or {}, notes)
    return {"type": "function", "function": function}


def _parameters(specs: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for name, spec in specs.items():
        schema["properties"][name] = _parameter(spec, notes)
        is_optional = _OPTIONAL.search(spec["type"]) or spec.get("default", "") != ""
        if spec.get("required", not is_optional):
            required.append(name)
    if required:
        schema["required"] = required
    return schema


def _parameter(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    schema = {
        key: value for key, value in spec.items() if key not in ("type", "default", "required")
    }
    set_type(schema, _OPTIONAL.sub("", spec["type"]), notes)
    default = spec.get("default")
    if default is not None and (default != "" or _OPTIONAL.search(spec["type"])):
        set_default(schema, default, notes)
    return schema


# Gold


def _calls(
    record: SourceRecord, tools: list[dict[str, Any]], in_words: set[str], notes: list[str]
) -> list[dict[str, Any]]:
    """Return the answers as an answer of ours writes them; `in_words`: tools in xLAM's words."""
    compiled = usable_tools(record, tools)
    calls = []
    for call in _list(record, "answers", _CALLS):
        name, arguments = call["name"], call["arguments"]
        check_size(record, f"answers.{name}", arguments)
        if name in compiled:
            arguments = nulls.in_arguments(compiled[name], arguments, notes)
        if name in in_words:
            properties = compiled[name].parameters["properties"]
            for key, value in arguments.items():
                arguments[key] = as_declared(value, properties.get(key, {}), notes)
        calls.append({"name": name, "arguments": plain(arguments)})
    return calls
