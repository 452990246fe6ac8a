"""A tool as one line of text, for models whose chat template knows no tools.

    set_light(on: boolean, color?: "red"|"blue" = "red", at: string (date-time)): Turn the light on or off.

Half as long as the tool's JSON, which counts: on a CPU, time goes with the prompt's tokens. `?` marks what may be left
out, `=` a default, parentheses a format or description. Nothing is lost: a parameter that needs more of JSON Schema has
its schema as it is, and a tool that says more of itself is written as its JSON.
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
    """One line for the `function` part of a tool in OpenAI form."""
    schema, returns = function.get("parameters") or {}, function.get("returns") or {}
    if not (
        set(function) <= TOOL_KEYS
        and set(schema) <= SCHEMA_KEYS
        and set(returns) in (set(), RETURNS_KEYS)
    ):
        return _json(function)
    result = f" -> {{{_parts(returns, marked=False)}}}" if returns else ""
    description = function.get("description")
    return f"{function['name']}({_parts(schema)}){result}" + (
        f": {description}" if description else ""
    )


def _parts(schema: Mapping[str, Any], marked: bool = True) -> str:
    """`a: string, b?: integer`; results are not marked, since nothing says which of them must be there."""
    required = schema.get("required", ()) if marked else schema["properties"]
    properties = schema.get("properties", {}).items()
    return ", ".join(
        f"{name}{'' if name in required else '?'}: {_kind(part)}" for name, part in properties
    )


def _kind(schema: Any) -> str:
    written = (
        _bare_kind(schema)
        if isinstance(schema, Mapping) and isinstance(schema.get("type", ""), str)
        else None
    )
    if written is None:
        return _json(schema)
    notes = ", ".join(filter(None, (*_limits(schema), schema.get("description"))))
    default = f" = {_json(schema['default'])}" if "default" in schema else ""
    return written + (f" ({notes})" if notes else "") + default


def _bare_kind(schema: Mapping[str, Any]) -> str | None:
    """The type; None where only the schema itself says it all."""
    if schema.get("type") == "array" and "items" in schema and set(schema) <= ARRAY_KEYS:
        return f"[{_kind(schema['items'])}]"
    closed = schema.get("additionalProperties") is False
    if (
        schema.get("type") == "object"
        and closed
        and "properties" in schema
        and set(schema) <= OBJECT_KEYS
    ):
        return f"{{{_parts(schema)}}}"
    if set(schema) <= PARAMETER_KEYS:
        return "|".join(map(_json, schema.get("enum", ()))) or str(schema.get("type", "any"))
    return None


def _limits(schema: Mapping[str, Any]) -> Iterator[str]:
    """What a value must keep to beside its type."""
    if schema.get("format"):
        yield str(schema["format"])
    if "pattern" in schema:
        yield f"like {schema['pattern']}"
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None or high is not None:
        yield (
            f"{low} to {high}"
            if None not in (low, high)
            else f"at least {low}"
            if high is None
            else f"at most {high}"
        )
    if schema.get("minItems"):
        yield f"at least {schema['minItems']}"
    if schema.get("uniqueItems"):
        yield "all different"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
