"""What is wrong with the schemas of a row's tools, whatever the answer is.

    list(faults(row))
    # [RowFault("unsatisfiable", "tools[0].function.parameters.properties.days", "no value fits: it must be ...")]

RowFaults are found once per tool and remembered on its JSON text. The meta-schema speaks about one schema at a time, so
each is checked without its children's content, and those that differ in words only are checked once.
"""

from __future__ import annotations

import json
from dataclasses import replace
from functools import lru_cache
from typing import Any

from rlcall.calls import Path
from rlcall.check.conjunction import allowed_types, together, why_empty
from rlcall.check.finding import RowFault, RowFaults, field_path, shorten
from rlcall.check.places import children, places
from rlcall.data.rows import Row
from rlcall.verifier.keywords import Budget, Overspent
from rlcall.verifier.schema import SchemaError, Tool, check_tool, compile_tool

WORDS = frozenset(("description", "title", "$comment", "format", "pattern"))
ANY = frozenset(("default", "const", "example"))
# What says nothing about values, so that a member is checked by its type alone.
ANNOTATIONS = (
    WORDS - {"pattern", "format"} | ANY - {"const"} | {"type", "enum", "examples", "nullable"}
)
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
    """The faults of the row's schemas."""
    for index, tool in enumerate(row.tools):
        for fault in tool_faults(json.dumps(tool, sort_keys=True)):
            yield fault._replace(field=f"tools[{index}].{fault.field}")


@lru_cache(maxsize=16384)
def tool_faults(text: str) -> tuple[RowFault, ...]:
    """The faults of one tool, given as JSON text."""
    tool = compile_tool(text)
    broken = tuple(_broken(tool))
    found = (*_empty(tool), *_enums(tool), *_defaults(tool)) if not broken else ()
    return (*_unknown_types(tool), *broken, *found)


def _field(path: Path) -> str:
    return field_path("function", "parameters", *path)


def _unknown_types(tool: Tool) -> RowFaults:
    for note in tool.notes:
        place, _, said = note.partition(": ")
        if said.endswith("not known"):
            field = place.removeprefix("$.").removeprefix("$")
            message = (
                f"{said}; JSON Schema has object, array, string, number, integer, boolean and null"
            )
            yield RowFault("unknown_type", _field(()) + (f".{field}" if field else ""), message)


def _broken(tool: Tool) -> RowFaults:
    draft = tool.parameters.get("$schema")
    for key, whole in (("parameters", tool.parameters), ("returns", tool.returns)):
        for path, schema in places(whole):
            if reason := _meta_fault(draft, json.dumps(_bare(schema), sort_keys=True)):
                message = f"{reason}; the draft's meta-schema says what may stand here"
                yield RowFault("broken_schema", field_path("function", key, *path), message)


def _bare(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema without its children's content, and without what may differ and be right: names, words, values."""
    bare = {key: _bare_value(key, value) for key, value in schema.items()}
    schemas_first = sorted(
        children(schema), key=lambda child: not isinstance(child[1], dict | bool)
    )
    for (key, *below), child in schemas_first:  # so that what is no schema stays, to be found
        kept = {} if isinstance(child, dict) else child
        bare[str(key)] = (
            kept if not below else [kept] if isinstance(below[0], int) else {"name": kept}
        )
    return bare


def _bare_value(key: str, value: Any) -> Any:
    if key in ANY:
        return None
    if key in WORDS and isinstance(value, str):
        return ""
    if key in ("enum", "examples") and isinstance(value, list):
        return [None] if value else []
    if (
        key == "required"
        and isinstance(value, list)
        and all(isinstance(name, str) for name in value)
    ):
        return ["name"] if len(set(value)) == len(value) else ["name", "name"]
    return value


@lru_cache(maxsize=16384)
def _meta_fault(draft: str | None, schema: str) -> str | None:
    node = json.loads(schema)
    own = {"$schema": draft} if draft and "$schema" not in node else {}
    probe = compile_tool(
        json.dumps({"type": "function", "function": {"name": "f", "parameters": own}})
    )
    try:
        check_tool(replace(probe, parameters=node))
    except SchemaError as error:
        return str(error).partition(": ")[2]
    return None


def _empty(tool: Tool) -> RowFaults:
    for path, schema in places(tool.parameters):
        if reason := why_empty(tool.parameters, [schema]):
            yield RowFault(
                "unsatisfiable", _field(path), f"no value fits: {reason}; correct one of them"
            )


def _enums(tool: Tool) -> RowFaults:
    for path, schema in places(tool.parameters):
        members = schema.get("enum", [schema["const"]] if "const" in schema else [])
        wrong = [member for member in members[:MAX_ENUM] if _misfit(tool, schema, member)]
        if not wrong:
            continue
        shown = ", ".join(json.dumps(member, ensure_ascii=False)[:40] for member in wrong[:3])
        nodes = [node for node in together(tool.parameters, [schema]) if isinstance(node, dict)]
        types = "/".join(sorted(allowed_types(nodes)))
        if types == "array" and not any(isinstance(member, list) for member in members):
            yield RowFault(
                "enum_on_array",
                _field(path),
                f"no array is among {shown}; move the enum under `items`",
            )
        elif len(wrong) == len(members):
            yield RowFault(
                "unsatisfiable",
                _field(path),
                f"no value fits: the type is {types} and the enum has only {shown}",
            )
        else:
            message = f"the rest of the schema ({types}) rules out {shown}; correct the type or drop the value"
            yield RowFault("unreachable_enum", f"{_field(path)}.enum", message)


def _defaults(tool: Tool) -> RowFaults:
    for path, schema in places(tool.parameters):
        if "default" in schema and (reason := _misfit(tool, schema, schema["default"])):
            yield RowFault(
                "default_invalid",
                f"{_field(path)}.default",
                f"{reason}; correct the default or leave it out",
            )


def _misfit(tool: Tool, schema: dict[str, Any], value: Any) -> str | None:
    """Why a value does not fit a schema of the tool; None where it does, or where that cannot be told in time."""
    listed = "enum" not in schema or (isinstance(value, str) and value in schema["enum"])
    if schema.keys() <= ANNOTATIONS and listed and _is_of(value, schema.get("type")):
        return None
    validator: Any = tool.validator.evolve(format_checker=Budget())
    try:
        error = next(validator.descend(value, schema), None)
    except (Overspent, RecursionError):
        return None
    return None if error is None else shorten(error.message)


def _is_of(value: Any, types: Any) -> bool:
    """Whether a value is plainly of one of the types; what is left is for the validator."""
    names = types if isinstance(types, list) else [types]
    own = TYPE_OF[type(value)]
    return types is None or own in names or (own == "integer" and "number" in names)
