"""A tool as one line of text, for models whose chat template knows no tools.

    set_light(on: boolean, color?: "red"|"blue" = "red", at: string (date-time)): Turn the light on or off.

Half as long as the tool's JSON, which counts: on a CPU, time goes with the prompt's tokens. `?` marks what may be left
out, `=` a default, parentheses a format or description. A parameter that needs more of JSON Schema has its schema as it
is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

_PLAIN = {"type", "enum", "default", "format", "description"}


def signature(function: Mapping[str, Any]) -> str:
    """One line for the `function` part of a tool in OpenAI form."""
    schema = function.get("parameters") or {}
    required = schema.get("required", ())
    parameters = (
        f"{name}{'' if name in required else '?'}: {_kind(parameter)}"
        for name, parameter in schema.get("properties", {}).items()
    )
    description = function.get("description")
    return f"{function['name']}({', '.join(parameters)})" + (f": {description}" if description else "")


def _kind(schema: Any) -> str:
    if not isinstance(schema, Mapping) or not set(schema) <= _PLAIN or not isinstance(schema.get("type", ""), str):
        return json.dumps(schema, ensure_ascii=False)
    values = "|".join(json.dumps(value, ensure_ascii=False) for value in schema.get("enum", ()))
    notes = ", ".join(str(schema[key]) for key in ("format", "description") if schema.get(key))
    default = f" = {json.dumps(schema['default'], ensure_ascii=False)}" if "default" in schema else ""
    return (values or schema.get("type", "any")) + (f" ({notes})" if notes else "") + default
