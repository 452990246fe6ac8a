"""NESTFUL's labelled chains (Basu et al. 2024, IBM, Apache-2.0): a `*-data.json` with its `*-spec.json`.

    for reading in nestful.read("executable-data.json"):    # one for each entry; or of a folder, all of its files
        reading.rows, reading.set_aside                     # a Row, or a RowError that says why there is none

An entry is a request and a chain, `{"input": "...", "output": [{"name", "arguments", "label"}, ...]}`, whose arguments
refer to earlier results as `"$var1.id$"`. How it is read:

- Tools: those that the chain calls, in the specification's order, with their outputs under `returns`. Types are JSON
  Schema's in either case, other words (`Enum`, `file`) are no type; `allowed_values` and `possible_values`, where they
  are a list with something in it, are an `enum` (one tool has the text `"1-100"` there, which is not read).
- Gold: the calls under their labels. The last entry, `var_result`, says which results the user wants; it is no call.
- An entry whose chain cannot be right is set aside: it calls a tool that the specification lacks, gives an argument
  that the tool does not declare or that does not fit, leaves out a required one, refers to what no earlier call gives,
  or writes a reference into a longer text, which is an expression and no reference.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from rlcall.calls import Call, Reference, decode, show_path
from rlcall.calls import Path as Place
from rlcall.data.reading.answer_check import MISFIT, MISSING, UNDECLARED, UNKNOWN_TOOL
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.python_types import SIMPLE, fits
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError, plain
from rlcall.verifier.graph import Edge, resolve
from rlcall.verifier.schema import Tool, compile_tool

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

Fault = tuple[str, int, Place, str]  # code, call, place in its arguments, message


def read(path: str) -> Iterator[Reading]:
    """A Reading for each entry of a `*-data.json`, whose `*-spec.json` stands beside it, or of all those of a folder.

    RowError for a file that cannot be read, and for a specification that is none.
    """
    folder = Path(path)
    files = sorted(folder.glob("*-data.json")) if folder.is_dir() else [folder]
    if not files or not files[0].name.endswith("-data.json"):
        form = "Give a *-data.json, or a folder of them; the *-spec.json is looked for beside it."
        raise RowError(path, 0, "", "is no file of NESTFUL", form)
    for data in files:
        tools = _tools(str(data.with_name(f"{data.name.removesuffix('-data.json')}-spec.json")))
        yield from read_each(records(str(data)), partial(_rows, tools))


def _rows(
    tools: Mapping[str, dict[str, Any]], record: SourceRecord, notes: list[str]
) -> Iterator[Row]:
    entry = record.value
    if not fits(entry, _ENTRY):
        raise record.error(
            "", "is no entry of NESTFUL", "One has input, a text, and output, a list of calls."
        )
    chain = [call for call in entry["output"] if call["name"] != "var_result"]
    named = {call["name"] for call in chain}
    used = {name: tool for name, tool in tools.items() if name in named}
    record.check_tools(used.values())
    for code, number, at, message in _faults(chain, used):
        raise record.error(
            f"output[{number}].arguments{show_path(at)[1:]}", _REASONS.get(code, MISFIT), message
        )
    calls = [{**call, "arguments": _as_written(call["arguments"])} for call in chain]
    messages = [{"role": "user", "content": entry["input"]}]
    yield record.row(
        {"messages": messages, "tools": list(used.values()), "answer": {"calls": calls}}
    )


def _as_written(value: Any) -> Any:
    """An argument as an answer writes it: references stay references, and all other text is plain text."""
    if isinstance(value, dict):
        return {key: _as_written(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_written(item) for item in value]
    return value if isinstance(decode(value), Reference) else plain(value)


def _faults(chain: list[dict[str, Any]], used: Mapping[str, dict[str, Any]]) -> Iterator[Fault]:
    """What is wrong with a chain: with its tools and labels first, since the rest cannot be said without them."""
    calls = [Call(call["name"], decode(call["arguments"]), call.get("label")) for call in chain]
    labels = [call.label for call in calls]
    for index, call in enumerate(calls):
        if call.name not in used:
            yield "unknown_tool", index, (), f"It is {call.name!r}."
        if call.label in labels[:index]:
            yield "same_label", index, (), f"It is {call.label!r}."
        for key, value in call.arguments.items():
            if isinstance(value, str) and _MENTION.search(value):
                yield "mention", index, (key,), f"It reads {value!r}."
    tools = {name: compile_tool(json.dumps(tool)) for name, tool in used.items()}
    graph = resolve(calls)
    yield from (
        (fault.code, fault.user, fault.path, f"It reads {fault.reference}.")
        for fault in graph.faults
    )
    for index, call in enumerate(calls):
        yield from (
            (code, index, path, message)
            for code, path, message in _argument_faults(call, tools[call.name])
        )
    yield from _result_faults(calls, graph.edges, tools)


def _argument_faults(call: Call, tool: Tool) -> Iterator[tuple[str, Place, str]]:
    for key in call.arguments:
        if not tool.declares((key,)):
            yield "unknown_parameter", (key,), f"{call.name!r} has no {key!r}."
    for violation in tool.violations(call.arguments):
        yield violation.code, violation.path, f"In {call.name!r}: {violation.message}."


def _result_faults(
    calls: Sequence[Call], edges: Sequence[Edge], tools: Mapping[str, Tool]
) -> Iterator[Fault]:
    for edge in edges:
        wanted = tools[calls[edge.user].name].types(edge.path)
        if fault := tools[calls[edge.source].name].output_fault(edge.result_path, wanted):
            yield (
                "wrong_result" if fault[0] == "wrong_type" else fault[0],
                edge.user,
                edge.path,
                f"There, {fault[1]}.",
            )


def _tools(path: str) -> dict[str, dict[str, Any]]:
    """The tools of a specification in OpenAI's form, by name. One that is listed twice must be the same twice."""
    tools: dict[str, dict[str, Any]] = {}
    for record in records(path):
        if isinstance(record, RowError):
            raise record
        if not fits(record.value, _SPEC):
            raise record.error(
                "", "is no tool of NESTFUL: it needs name, parameters and output_parameters"
            )
        tool = _tool(record.value)
        if tools.setdefault(record.value["name"], tool) != tool:
            raise record.error(
                "name", f"two different tools are named {record.value['name']!r}", "Rename one."
            )
    return tools


def _tool(spec: dict[str, Any]) -> dict[str, Any]:
    parameters = next(spec[key] for key in _PARAMETERS if key in spec)
    function = {
        "name": spec["name"],
        "description": spec.get("description", ""),
        "parameters": _object(parameters),
    }
    return {
        "type": "function",
        "function": {**function, "returns": _object(spec["output_parameters"])},
    }


def _object(members: dict[str, Any]) -> dict[str, Any]:
    required = [
        name
        for name, member in members.items()
        if isinstance(member, dict) and member.get("required") is True
    ]
    properties = {name: _schema(member) for name, member in members.items()}
    return {
        "type": "object",
        "properties": properties,
        **({"required": required} if required else {}),
    }


def _schema(spec: dict[str, Any] | str) -> dict[str, Any]:
    if isinstance(spec, str):  # only a type
        return _schema({"type": spec})
    schema: dict[str, Any] = {
        ours: spec[theirs] for theirs, ours in _KEYS.items() if spec.get(theirs, []) != []
    }
    if not isinstance(schema.get("enum", []), list):
        del schema["enum"]
    kind = spec.get("type", "").lower()
    if kind in SIMPLE:
        schema["type"] = SIMPLE[kind]
    if "items" in spec:
        schema["items"] = _schema(spec["items"])
    return {**schema, **_object(spec["properties"])} if "properties" in spec else schema
