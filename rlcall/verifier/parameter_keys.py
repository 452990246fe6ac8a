"""Keys under which other forms of tools than OpenAI's hold the parameters.

    unread_parameters({"name": "f", "inputSchema": {"type": "object"}})     # "inputSchema"
    bare_names({"city": {"type": "string"}})        # ["city"]: `properties` is missing around it

A tool whose parameters are not seen would count as one without any, and every right call to it as
wrong. So it is refused by the name of the key; `rlcall.data.tool_forms` reads such tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Members of a function that describe what it gives back, or the function itself.
NO_PARAMETERS = frozenset((
    "returns", "return", "response", "responses", "result", "results", "output", "outputs",
    "outputSchema", "output_schema", "output_parameters", "responseJsonSchema",
    "response_json_schema", "annotations", "metadata", "_meta", "meta", "examples", "example",
    "errors", "execution", "icons", "tags", "cache_control", "defer_loading", "input_examples",
))  # fmt: skip
# Keywords at the root of parameters whose values are schemas or map names to schemas, ...
_SCHEMAS = frozenset((
    "patternProperties", "additionalProperties", "definitions", "dependentSchemas", "dependencies",
    "dependentRequired", "propertyNames", "unevaluatedProperties", "not", "if", "then", "else",
    "contains", "unevaluatedItems", "additionalItems", "contentSchema",
))  # fmt: skip
# ... and what a schema that describes one parameter holds.
_OF_A_PARAMETER = frozenset((
    "type", "description", "enum", "const", "default", "anyOf", "oneOf", "allOf", "$ref", "items",
    "properties", "format",
))  # fmt: skip


def unread_fault(function: Mapping[str, Any]) -> str:
    """Return why a function's parameters would not be seen, "" where they are."""
    key = unread_parameters(function)
    if key:
        return f"its parameters are under {key!r}, where nothing reads them; write `parameters`"
    declared = function.get("parameters")
    names = bare_names(declared) if isinstance(declared, dict) else []
    if names:
        return (
            f"its parameters have {names[0]!r} where a JSON Schema has `properties`; "
            'write {"type": "object", "properties": {...}, "required": [...]}'
        )
    return ""


def unread_parameters(function: Mapping[str, Any]) -> str:
    """Return the key of a function that holds parameters, where it has no `parameters`; or ""."""
    if function.get("parameters"):
        return ""
    for key, value in function.items():
        if key not in NO_PARAMETERS and not key.startswith("x-") and _describes(value):
            return key
    return ""


def bare_names(parameters: Mapping[str, Any]) -> list[str]:
    """Return the names of parameters that stand where a JSON Schema should, without `properties`.

    An empty list for a schema, whatever else is wrong with it.
    """
    if _is_schema_map(parameters.get("properties")):
        return []
    declared = parameters.get("type", "object")
    if not isinstance(declared, dict) and declared not in ("object", "dict", "OBJECT"):
        return []
    names = []
    for key, value in parameters.items():
        is_keyword = key in _SCHEMAS or key.startswith(("$", "x-"))
        if not is_keyword and isinstance(value, dict) and not _OF_A_PARAMETER.isdisjoint(value):
            names.append(key)
    return [] if names == ["items"] else names


def _is_schema_map(properties: Any) -> bool:
    """Return whether it maps names to schemas; a parameter may itself be called `properties`."""
    if not isinstance(properties, dict):
        return properties == []
    return not isinstance(properties.get("type"), str)


def _describes(value: Any) -> bool:
    """Return whether a value describes parameters: a schema, a map of schemas, or a list of them"""
    if isinstance(value, list):
        return bool(value) and all(_is_named(item) for item in value)
    if not isinstance(value, dict) or not value:
        return False
    if isinstance(value.get("json"), dict):
        return True
    return "properties" in value or value.get("type") == "object" or bool(bare_names(value))


def _is_named(item: Any) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and "type" in item
