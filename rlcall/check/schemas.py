"""Faults of the schemas of a row's tools, whatever the answer is.

    list(faults(row))
    # [RowFault("unsatisfiable", "tools[0].function.parameters.properties.days",
    #           "no value fits: it must be from 5 and up to 3; correct one of them")]

Faults are found once per tool and remembered under its JSON text. The meta-schema speaks about one
schema at a time, so each is checked without its children's content, and those that differ only in
words are checked once.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from itertools import pairwise
from typing import Any

from rlcall.calls import Path
from rlcall.check.conjunction import allowed_types, conjuncts, why_empty
from rlcall.check.finding import RowFault, RowFaults, field_path, shorten
from rlcall.check.schema_tree import child_schemas, subschemas
from rlcall.data.rows import Row
from rlcall.verifier.keywords.budget import Budget, Overspent
from rlcall.verifier.schema import SchemaError, Tool, check_tool, compile_tool

WORDS = frozenset(("description", "title", "$comment", "format", "pattern"))
ANY_VALUE = frozenset(("default", "const", "example"))
# What says nothing about values, so that a member is checked by its type alone.
ANNOTATIONS = frozenset((
    "description", "title", "$comment", "default", "example", "examples", "type", "enum",
    "nullable",
))  # fmt: skip
TYPE_OF = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
    list: "array",
    dict: "object",
}
MAX_ENUM = 1_000  # values of one enum that are tried


def faults(row: Row) -> RowFaults:
    """Yield the faults of the row's schemas."""
    for index, tool in enumerate(row.tools):
        for fault in tool_faults(json.dumps(tool, sort_keys=True)):
            yield fault._replace(field=f"tools[{index}].{fault.field}")


@lru_cache(maxsize=16384)
def tool_faults(text: str) -> tuple[RowFault, ...]:
    """Return the faults of one tool, given as JSON text."""
    tool = compile_tool(text)
    unknown, broken = list(_unknown_types(tool)), list(_broken(tool))
    if broken:
        return (*unknown, *broken)
    return (*unknown, *_empty(tool), *_enums(tool), *_defaults(tool))


def _field(path: Path) -> str:
    return field_path("function", "parameters", *path)


def _unknown_types(tool: Tool) -> RowFaults:
    for note in tool.notes:
        path, _, text = note.partition(": ")
        if text.endswith("not known"):
            field = path.removeprefix("$.").removeprefix("$")
            message = (
                f"{text}; JSON Schema has object, array, string, number, integer, boolean and null"
            )
            yield RowFault("unknown_type", _field(()) + (f".{field}" if field else ""), message)


def _broken(tool: Tool) -> RowFaults:
    draft = tool.dialect
    for key, root in (("parameters", tool.parameters), ("returns", tool.returns)):
        for path, schema in subschemas(root):
            if reason := _meta_fault(draft, json.dumps(_bare(schema), sort_keys=True)):
                message = f"{reason}; the draft's meta-schema says what is allowed here"
                yield RowFault("broken_schema", field_path("function", key, *path), message)


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema without its children's content, its names, words and values replaced."""
    bare = {key: _bare_value(key, value) for key, value in schema.items()}
    # Children that are no schemas come last and replace others, so that the meta-schema sees them.
    children = sorted(
        child_schemas(schema), key=lambda child: not isinstance(child[1], dict | bool)
    )
    for (key, *steps), child in children:
        content = {} if isinstance(child, dict) else child
        if not steps:
            bare[str(key)] = content
        elif isinstance(steps[0], int):
            bare[str(key)] = [content]
        else:
            # A child that is no schema is named as it is, for the message about it.
            name = "name" if isinstance(child, dict | bool) else str(steps[0])
            bare[str(key)] = {name: content}
    return bare


def _bare_value(key: str, value: Any) -> Any:
    if key in ANY_VALUE:
        return None
    if key in WORDS and isinstance(value, str):
        return ""
    if key in ("enum", "examples") and isinstance(value, list):
        return [None] if value else []
    if key == "required" and _is_list_of_text(value):
        return ["name"] if len(set(value)) == len(value) else ["name", "name"]
    return value


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


@lru_cache(maxsize=16384)
def _meta_fault(draft: str | None, schema: str) -> str | None:
    """Return what the meta-schema of a draft has against a schema, given as JSON text."""
    node = json.loads(schema)
    parameters = {"$schema": draft} if draft else {}
    function = {"name": "f", "parameters": parameters}
    probe = compile_tool(json.dumps({"type": "function", "function": function}))
    try:
        check_tool(replace(probe, parameters=node))
    except SchemaError as error:
        return str(error).partition(": ")[2]
    return None


def _empty(tool: Tool) -> RowFaults:
    for path, schema in subschemas(tool.parameters):
        if reason := why_empty(tool.parameters, [schema]):
            message = f"no value fits: {reason}; correct one of them"
            code = "unreachable_branch" if _is_in_branch(path) else "unsatisfiable"
            yield RowFault(code, _field(path), message)


def _is_in_branch(path: Path) -> bool:
    """Return whether a path leads into one of several branches.

    Where all of them are dead, it is the schema around them that no value fits.
    """
    return any(
        step in ("anyOf", "oneOf") and isinstance(index, int) for step, index in pairwise(path)
    )


def _enums(tool: Tool) -> RowFaults:
    for path, schema in subschemas(tool.parameters):
        members = schema.get("enum", [schema["const"]] if "const" in schema else [])
        wrong = [member for member in members[:MAX_ENUM] if _misfit(tool, schema, member)]
        if wrong:
            yield _enum_fault(tool, path, schema, members, wrong)


def _enum_fault(
    tool: Tool, path: Path, schema: dict[str, Any], members: list[Any], wrong: list[Any]
) -> RowFault:
    """Return the fault of an enum of which some members are wrong, under the rest of its schema."""
    examples = ", ".join(json.dumps(member, ensure_ascii=False)[:40] for member in wrong[:3])
    nodes = [node for node in conjuncts(tool.parameters, [schema]) if isinstance(node, dict)]
    types = "/".join(sorted(allowed_types(nodes)))
    if types == "array" and not any(isinstance(member, list) for member in members):
        message = f"no array is among {examples}; move the enum under `items`"
        return RowFault("enum_on_array", _field(path), message)
    if len(wrong) == len(members):
        message = f"no value fits: the type is {types} and the enum has only {examples}"
        code = "unreachable_branch" if _is_in_branch(path) else "unsatisfiable"
        return RowFault(code, _field(path), message)
    ruled_out = f"the rest of the schema ({types}) rules out {examples}"
    message = f"{ruled_out}; correct the type or drop the value"
    return RowFault("unreachable_enum", f"{_field(path)}.enum", message)


def _defaults(tool: Tool) -> RowFaults:
    for path, schema in subschemas(tool.parameters):
        if "default" in schema and (reason := _misfit(tool, schema, schema["default"])):
            message = f"{reason}; correct the default or leave it out"
            yield RowFault("default_invalid", f"{_field(path)}.default", message)


def _misfit(tool: Tool, schema: dict[str, Any], value: Any) -> str | None:
    """Return why a value does not fit a schema of the tool; None where it may fit."""
    # Most values are settled by their type, without a validator.
    in_enum = "enum" not in schema or (isinstance(value, str) and value in schema["enum"])
    if schema.keys() <= ANNOTATIONS and in_enum and _is_plainly(value, schema.get("type")):
        return None
    validator: Any = tool.validator
    try:
        with Budget():
            error = next(validator.descend(value, schema), None)
    except (Overspent, RecursionError):
        return None
    return None if error is None else shorten(error.message)


def _is_plainly(value: Any, types: Any) -> bool:
    """Return whether a value is plainly of one of the types; False leaves that to the validator."""
    if types is None:
        return True
    names = types if isinstance(types, list) else [types]
    name = TYPE_OF[type(value)]
    return name in names or (name == "integer" and "number" in names)
