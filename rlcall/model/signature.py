"""A tool as one line of text, for models whose chat template knows no tools.

    set_light(on: boolean, color?: "red"|"blue" = "red", at: string (date-time)): Turn it on or off.

Half as long as the tool's JSON, which counts: on a CPU, time goes with the prompt's tokens. `?`
marks what may be left out, `=` a default, parentheses a format or description. Nothing is lost: a
parameter that needs more of JSON Schema has its schema as it is, and a tool that says more of
itself is written as its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

TOOL_KEYS = {"name", "description", "parameters", "returns", "strict"}
SCHEMA_KEYS = {
    "type",
    "properties",
    "required",
    "additionalProperties",
    "title",
    "description",
    "$schema",
}
RETURNS_KEYS = {"type", "properties"}
PARAMETER_KEYS = {
    "type",
    "enum",
    "default",
    "format",
    "description",
    "title",
    "minimum",
    "maximum",
    "pattern",
}
ARRAY_KEYS = {"type", "items", "minItems", "uniqueItems", "description", "default", "title"}
OBJECT_KEYS = {"type", "properties", "required", "additionalProperties", "description", "title"}


def signature(function: Mapping[str, Any]) -> str:
    """Return one line for the `function` part of a tool in OpenAI form."""
    schema = function.get("parameters") or {}
    returns = function.get("returns") or {}
    fits = set(function) <= TOOL_KEYS and set(schema) <= SCHEMA_KEYS
    if not fits or set(returns) not in (set(), RETURNS_KEYS):
        return _json(function)
    line = f"{function['name']}({_parameters(schema)})"
    if returns:
        line += f" -> {{{_results(returns)}}}"
    if description := function.get("description"):
        line += f": {description}"
    return line


def _parameters(schema: Mapping[str, Any]) -> str:
    """Return `a: string, b?: integer`."""
    required = schema.get("required", ())
    parts = []
    for name, part in schema.get("properties", {}).items():
        mark = "" if name in required else "?"
        parts.append(f"{name}{mark}: {_kind(part)}")
    return ", ".join(parts)


def _results(schema: Mapping[str, Any]) -> str:
    """Return `a: string, b: integer`: nothing says which results may be missing."""
    return ", ".join(f"{name}: {_kind(part)}" for name, part in schema["properties"].items())


def _kind(schema: Any) -> str:
    """Return `string (a description) = "default"`, or the schema where that is not everything."""
    if not isinstance(schema, Mapping) or not isinstance(schema.get("type", ""), str):
        return _json(schema)
    kind = _bare_kind(schema)
    if kind is None:
        return _json(schema)
    notes = [*_limits(schema), schema.get("description")]
    if any(notes):
        kind += f" ({', '.join(filter(None, notes))})"
    if "default" in schema:
        kind += f" = {_json(schema['default'])}"
    return kind


def _bare_kind(schema: Mapping[str, Any]) -> str | None:
    """Return the type; None where only the schema itself says it all."""
    kind, keys = schema.get("type"), set(schema)
    if kind == "array" and "items" in keys and keys <= ARRAY_KEYS:
        return f"[{_kind(schema['items'])}]"
    is_closed = schema.get("additionalProperties") is False
    if kind == "object" and is_closed and "properties" in keys and keys <= OBJECT_KEYS:
        return f"{{{_parameters(schema)}}}"
    if keys <= PARAMETER_KEYS:
        return "|".join(map(_json, schema.get("enum", ()))) or str(schema.get("type", "any"))
    return None


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a value must keep to besides its type."""
    if schema.get("format"):
        yield str(schema["format"])
    if "pattern" in schema:
        yield f"like {schema['pattern']}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        yield f"{low} to {high}"
    elif low is not None:
        yield f"at least {low}"
    elif high is not None:
        yield f"at most {high}"
    if schema.get("minItems"):
        yield f"at least {schema['minItems']}"
    if schema.get("uniqueItems"):
        yield "all different"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
