"""A tool as one line of text, for models whose chat template knows no tools.

    set_light(on: boolean, color?: "red"|"blue" = "red", at: string (date-time)): Turn the light on or off.

Half as long as the tool's JSON, which counts: on a CPU, time goes with the prompt's tokens. `?` marks what may be left
out, `=` a default, parentheses a format or description. Nothing is lost: a parameter that needs more of JSON Schema has
its schema as it is, and a tool that says more of itself is written as its JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

TOOL_KEYS = {"name", "description", "parameters", "strict"}
SCHEMA_KEYS = {"type", "properties", "required", "additionalProperties", "title", "description", "$schema"}
PARAMETER_KEYS = {"type", "enum", "default", "format", "description", "title"}


def signature(function: Mapping[str, Any]) -> str:
    """One line for the `function` part of a tool in OpenAI form."""
    schema = function.get("parameters") or {}
    if not (set(function) <= TOOL_KEYS and set(schema) <= SCHEMA_KEYS):
        return _json(function)
    parameters = (
        f"{name}{'' if name in schema.get('required', ()) else '?'}: {_kind(parameter)}"
        for name, parameter in schema.get("properties", {}).items()
    )
    description = function.get("description")
    return f"{function['name']}({', '.join(parameters)})" + (f": {description}" if description else "")


def _kind(schema: Any) -> str:
    if not (isinstance(schema, Mapping) and set(schema) <= PARAMETER_KEYS and isinstance(schema.get("type", ""), str)):
        return _json(schema)
    values = "|".join(map(_json, schema.get("enum", ())))
    notes = ", ".join(str(schema[key]) for key in ("format", "description") if schema.get(key))
    default = f" = {_json(schema['default'])}" if "default" in schema else ""
    return (values or schema.get("type", "any")) + (f" ({notes})" if notes else "") + default


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
