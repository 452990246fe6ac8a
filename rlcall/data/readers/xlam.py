r"""xLAM's single requests (Liu et al. 2024, APIGen, CC-BY-4.0): `xlam_function_calling_60k.json` and its relatives.

    {"id": 0, "query": "Weather in Paris?",
     "tools": "[{\"name\": \"weather\", \"parameters\": {\"city\": {\"type\": \"str\", \"description\": \"...\"}}}]",
     "answers": "[{\"name\": \"weather\", \"arguments\": {\"city\": \"Paris\"}}]"}

`tools` and `answers` are JSON text, or lists already. How a record is read:

- Tools: a parameter's type is Python's, `List[int]` or `str, optional`. It is required unless it is marked optional or
  has a default; an explicit `required` decides. `"default": ""` of a parameter that is not marked optional is none.
  Parameters that are a JSON Schema, and tools in OpenAI's form, stand as they are.
- Gold: the answers; `[]` means that no call is due. Text for a parameter that is no text is read as JSON of its type
  (`"3"` as 3) and counted. A null for an optional parameter is the parameter left out.
- A record whose gold breaks its tools is set aside.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from rlcall.data.reading import nulls
from rlcall.data.reading.answer_check import BAD_DEFAULT, check_gold
from rlcall.data.reading.chats import check_size, usable_tools
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import UnknownType, as_declared, fits, json_schema
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, plain
from rlcall.files import strict_json

_TEXT_OR_LIST = {"type": ["string", "array"]}
_FORM = {
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
_OWN_TOOL = {
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
_TOOLS = {"type": "array", "items": {"anyOf": [_OPENAI_TOOL, _OWN_TOOL]}}
_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "properties": {"name": {"type": "string"}, "arguments": {"type": "object"}},
}
_CALLS = {"type": "array", "items": _CALL}
_OPTIONAL = re.compile(r",\s*optional\s*$")


def read(path: str) -> Iterator[Reading]:
    """A Reading for each record of a file. RowError for a file that cannot be read."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> Iterator[Row]:
    if not fits(record.value, _FORM):
        raise record.error("", "is no record of xLAM", "It needs query, tools and answers.")
    specs = _listed(record, "tools", _TOOLS)
    tools = [_tool(spec, notes) for spec in specs]
    own = {spec["name"] for spec in specs if _is_own(spec)}
    calls = _calls(record, tools, own, notes)
    check_gold(record, tools, calls, "answers")
    messages = [{"role": "user", "content": record.value["query"]}]
    yield record.row({"messages": messages, "tools": tools, "answer": {"calls": calls}})


def _listed(record: SourceRecord, field: str, form: dict[str, Any]) -> list[dict[str, Any]]:
    value = record.value[field]
    try:
        value = strict_json.load(value) if isinstance(value, str) else value
    except ValueError as error:
        raise record.error(field, "is text that is not JSON", f"It {error}.") from error
    if not fits(value, form):
        raise record.error(
            field, "is a list of another form than xLAM's", f"It begins {str(value)[:80]!r}."
        )
    return list(value)


def _is_own(spec: dict[str, Any]) -> bool:
    """Whether a tool's parameters are in xLAM's dialect: a parameter may be called `type`, but is then an object."""
    return "function" not in spec and not isinstance((spec["parameters"] or {}).get("type"), str)


def _tool(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    if "function" in spec:
        return spec
    function = {key: value for key, value in spec.items() if value is not None}
    if _is_own(spec):
        function["parameters"] = _parameters(spec["parameters"] or {}, notes)
    return {"type": "function", "function": function}


def _parameters(specs: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    properties = {name: _parameter(spec, notes) for name, spec in specs.items()}
    required = [
        name for name, spec in specs.items() if spec.get("required", not _has_optional_form(spec))
    ]
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
    }


def _has_optional_form(spec: dict[str, Any]) -> bool:
    return bool(_OPTIONAL.search(spec["type"])) or spec.get("default", "") != ""


def _parameter(spec: dict[str, Any], notes: list[str]) -> dict[str, Any]:
    words, default = _OPTIONAL.sub("", spec["type"]), spec.get("default")
    schema = {
        key: value for key, value in spec.items() if key not in ("type", "default", "required")
    }
    try:
        schema.update(json_schema(words))
    except UnknownType:
        notes.append(f"type {words!r} was read as any type")
    if default is not None and (default != "" or _OPTIONAL.search(spec["type"])):
        schema["default"] = as_declared(default, schema, notes)
        if not fits(schema["default"], schema):
            notes.append(BAD_DEFAULT)
    return schema


def _calls(
    record: SourceRecord, tools: list[dict[str, Any]], own: set[str], notes: list[str]
) -> list[dict[str, Any]]:
    compiled, calls = usable_tools(record, tools), []
    for call in _listed(record, "answers", _CALLS):
        name, arguments = call["name"], call["arguments"]
        check_size(record, f"answers.{name}", arguments)
        if name in compiled:
            arguments = nulls.in_arguments(compiled[name], arguments, notes)
        if name in own:
            declared = compiled[name].parameters["properties"]
            arguments = {
                key: as_declared(value, declared.get(key, {}), notes)
                for key, value in arguments.items()
            }
        calls.append({"name": name, "arguments": plain(arguments)})
    return calls
