"""NESTFUL's labelled chains (Basu et al. 2024, IBM, Apache-2.0): `*-data.json` and `*-spec.json`.

    {"input": "What is Ann's order number 5 about?",
     "output": [{"name": "find_user", "arguments": {"name": "Ann"}, "label": "var1"},
                {"name": "get_order", "arguments": {"user": "$var1.id$", "n": 5}, "label": "var2"},
                {"name": "var_result", "arguments": {"about": "$var2.title$"}}]}

An entry is a request and a chain, whose arguments refer to earlier results. How it is read:

- Tools: those that the chain calls, in the specification's order, with their outputs under
  `returns`. Types are JSON Schema's in either case, other words (`Enum`, `file`) are no type;
  `allowed_values` and `possible_values`, where they are a list with something in it, are an `enum`
  (one tool has the text `"1-100"` there, which is not read).
- Gold: the calls under their labels. The last entry, `var_result`, says which results the user
  wants; it is no call.
- An entry whose chain cannot be right is set aside: it calls a tool that the specification lacks,
  gives an argument that the tool does not declare or that does not fit, leaves out a required one,
  refers to what no earlier call gives, or writes a reference into a longer text, which is an
  expression and no reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rlcall.calls import Call, Reference, decode, show_path
from rlcall.calls import Path as ArgumentPath
from rlcall.data.reading.answer_check import MISFIT, MISSING, UNDECLARED, UNKNOWN_TOOL
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import SIMPLE, fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError, plain
from rlcall.verifier.graph import Edge, resolve
from rlcall.verifier.schema import Tool, compile_tools

_CALL = {
    "type": "object",
    "required": ["name", "arguments"],
    "properties": {
        "name": {"type": "string"},
        "arguments": {"type": "object"},
        "label": {"type": "string"},
    },
}
_ENTRY = {
    "type": "object",
    "required": ["input", "output"],
    "properties": {"input": {"type": "string"}, "output": {"type": "array", "items": _CALL}},
}
_PARAMETERS = ("query_parameters", "path_parameters", "parameters", "arguments")
_MEMBERS = {"type": "object", "additionalProperties": {"$ref": "#/$defs/member"}}
_MEMBER = {
    "type": ["object", "string"],
    "properties": {
        "type": {"type": "string"},
        "items": {"$ref": "#/$defs/member"},
        "properties": _MEMBERS,
    },
}
_SPEC = {
    "$defs": {"member": _MEMBER},
    "type": "object",
    "required": ["name", "output_parameters"],
    "anyOf": [{"required": [key]} for key in _PARAMETERS],
    "properties": {
        "name": {"type": "string"},
        **dict.fromkeys((*_PARAMETERS, "output_parameters"), _MEMBERS),
    },
}
# NESTFUL's word -> JSON Schema's
_KEYS = {
    "description": "description",
    "format": "format",
    "enum": "enum",
    "allowed_values": "enum",
    "possible_values": "enum",
    "default": "default",
    "default_value": "default",
}
_MENTION = re.compile(r"\bvar\d+\b[^$]*\$")
# A fault's code -> the reason that is counted; MISFIT for all others.
_REASONS = {
    "unknown_tool": UNKNOWN_TOOL,
    "same_label": "two calls of the gold have the same label",
    "mention": "the gold writes a reference into a longer text",
    "dangling_reference": "the gold refers to no call",
    "forward_reference": "the gold refers to a call that is not an earlier one",
    "cyclic_reference": "the gold refers to a call that is not an earlier one",
    "unknown_parameter": UNDECLARED,
    "missing_parameter": MISSING,
    "wrong_path": "the gold refers to what the output of the other call does not have",
    "wrong_result": "the gold refers to a result of another type than its parameter",
}

ChainFault = tuple[str, int, ArgumentPath, str]
"""A code, the call's index, the path in its arguments, and a message."""


def read(path: str) -> Iterator[Reading]:
    """Read each entry of a `*-data.json`, whose `*-spec.json` is next to it, or of all in a folder.

    Raises RowError for a file that cannot be read, and for a specification that is none.
    """
    folder = Path(path)
    files = sorted(folder.glob("*-data.json")) if folder.is_dir() else [folder]
    if not files or not files[0].name.endswith("-data.json"):
        remedy = "Give a *-data.json, or a folder of them; the *-spec.json is expected next to it."
        raise RowError(path, 0, "", "is not a file of NESTFUL", remedy)
    for data in files:
        spec = data.with_name(f"{data.name.removesuffix('-data.json')}-spec.json")
        yield from read_each(records(str(data)), partial(_rows, _tools(str(spec))))


def _rows(
    tools: Mapping[str, dict[str, Any]], record: SourceRecord, notes: list[str]
) -> Iterator[Row]:
    entry = record.value
    if not fits(entry, _ENTRY):
        detail = "One has input, a text, and output, a list of calls."
        raise record.error("", "is not an entry of NESTFUL", detail)
    chain = [call for call in entry["output"] if call["name"] != "var_result"]
    names = {call["name"] for call in chain}
    used = [tool for name, tool in tools.items() if name in names]
    record.check_tools(used)
    for code, index, path, message in _faults(chain, compile_tools(json.dumps(used))):
        field = f"output[{index}].arguments{show_path(path)[1:]}"
        raise record.error(field, _REASONS.get(code, MISFIT), message)
    gold = [{**call, "arguments": _as_written(call["arguments"])} for call in chain]
    messages = [{"role": "user", "content": entry["input"]}]
    yield record.row({"messages": messages, "tools": used, "answer": {"calls": gold}})


def _as_written(value: Any) -> Any:
    """Return an argument as an answer writes it: references as they are, other text as plain."""
    if isinstance(value, dict):
        return {key: _as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    return value if isinstance(decode(value), Reference) else plain(value)


# A chain's faults


def _faults(chain: list[dict[str, Any]], tools: Mapping[str, Tool]) -> Iterator[ChainFault]:
    """Yield what is wrong with a chain; tools and labels first, since the rest rests on them."""
    calls = [Call(call["name"], decode(call["arguments"]), call.get("label")) for call in chain]
    for index, call in enumerate(calls):
        yield from _call_faults(index, call, calls[:index], tools)
    graph = resolve(calls)
    for fault in graph.faults:
        yield fault.code, fault.user, fault.path, f"It reads {fault.reference}."
    for index, call in enumerate(calls):
        yield from _argument_faults(index, call, tools[call.name])
    yield from _result_faults(calls, graph.edges, tools)


def _call_faults(
    index: int, call: Call, earlier: Sequence[Call], tools: Mapping[str, Tool]
) -> Iterator[ChainFault]:
    if call.name not in tools:
        yield "unknown_tool", index, (), f"It is {call.name!r}."
    if any(call.label == other.label for other in earlier):
        yield "same_label", index, (), f"It is {call.label!r}."
    for key, value in call.arguments.items():
        if isinstance(value, str) and _MENTION.search(value):
            yield "mention", index, (key,), f"It reads {value!r}."


def _argument_faults(index: int, call: Call, tool: Tool) -> Iterator[ChainFault]:
    for key in call.arguments:
        if not tool.declares((key,)):
            yield "unknown_parameter", index, (key,), f"{call.name!r} has no {key!r}."
    for violation in tool.violations(call.arguments):
        message = f"In {call.name!r}: {violation.message}."
        yield violation.code, index, violation.path, message


def _result_faults(
    calls: Sequence[Call], edges: Sequence[Edge], tools: Mapping[str, Tool]
) -> Iterator[ChainFault]:
    for edge in edges:
        wanted = tools[calls[edge.user].name].types(edge.path)
        if fault := tools[calls[edge.source].name].output_fault(edge.result_path, wanted):
            code, message = fault
            code = "wrong_result" if code == "wrong_type" else code
            yield code, edge.user, edge.path, f"There, {message}."


# Tools


def _tools(path: str) -> dict[str, dict[str, Any]]:
    """Return the tools of a specification in OpenAI's form, by name.

    Raises RowError where the file is none; a tool that is listed twice must be the same twice.
    """
    tools: dict[str, dict[str, Any]] = {}
    for record in records(path):
        if isinstance(record, RowError):
            raise record
        if not fits(record.value, _SPEC):
            reason = "is not a tool of NESTFUL: it needs name, parameters and output_parameters"
            raise record.error("", reason)
        tool = _tool(record.value)
        name = record.value["name"]
        if tools.setdefault(name, tool) != tool:
            raise record.error("name", f"two different tools are named {name!r}", "Rename one.")
    return tools


def _tool(spec: dict[str, Any]) -> dict[str, Any]:
    parameters = next(spec[key] for key in _PARAMETERS if key in spec)
    function = {
        "name": spec["name"],
        "description": spec.get("description", ""),
        "parameters": _object(parameters),
        "returns": _object(spec["output_parameters"]),
    }
    return {"type": "function", "function": function}


def _object(members: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": {}}
    required = []
    for name, member in members.items():
        schema["properties"][name] = _schema(member)
        if isinstance(member, dict) and member.get("required") is True:
            required.append(name)
    if required:
        schema["required"] = required
    return schema


def _schema(spec: dict[str, Any] | str) -> dict[str, Any]:
    if isinstance(spec, str):  # only a type
        spec = {"type": spec}
    schema: dict[str, Any] = {}
    for nestful_key, key in _KEYS.items():
        if spec.get(nestful_key, []) != []:
            schema[key] = spec[nestful_key]
    if not isinstance(schema.get("enum", []), list):
        del schema["enum"]
    word = spec.get("type", "").lower()
    if word in SIMPLE:
        schema["type"] = SIMPLE[word]
    if "items" in spec:
        schema["items"] = _schema(spec["items"])
    return {**schema, **_object(spec["properties"])} if "properties" in spec else schema
