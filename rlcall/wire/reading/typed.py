"""Types for the values that a format writes as bare text, by the tool's schema.

typed("5", {"type": "integer"}) -> 5        typed("5", {"type": "string"}) -> "5"
"""

from __future__ import annotations

from typing import Any

from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.parsed import Tools, Unreadable

# Templates that print a value with Jinja write Python's words.
PYTHON_WORDS = {"True": True, "False": False, "None": None}


def properties_of(tools: Tools, name: str) -> dict[str, Any]:
    """Return the schemas of a tool's parameters.

    They are empty where there is no such tool, or none are declared.
    """
    for tool in tools:
        function = tool.get("function", tool)
        if function.get("name") == name:
            properties = (function.get("parameters") or {}).get("properties")
            return properties if isinstance(properties, dict) else {}
    return {}


def typed(text: str, schema: Any) -> Any:
    """Return the text as JSON where the schema allows that type, and as it is where it wants text.

    Without a known type, it is JSON where it can be read as JSON. What fits no type stays what it
    looks like, so that the schema can name the fault.
    """
    types = _types(schema)
    if types == {"string"}:
        return text
    try:
        value = PYTHON_WORDS[text] if text in PYTHON_WORDS else bounded_json.load(text)
    except Unreadable:
        return text
    return text if types and "string" in types and not types & _types_of(value) else value


def _types(schema: Any) -> set[str]:
    """Return the type names that a schema allows; empty where it does not say."""
    if not isinstance(schema, dict):
        return set()
    declared = schema.get("type")
    if isinstance(declared, str):
        return {declared}
    if isinstance(declared, list):
        return {name for name in declared if isinstance(name, str)}
    if isinstance(schema.get("enum"), list):
        return set().union(*map(_types_of, schema["enum"]))
    alternatives = [*(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]
    types = [_types(alternative) for alternative in alternatives]
    return set().union(*types) if all(types) else set()


def _types_of(value: Any) -> set[str]:
    """Return the JSON Schema types that a value has."""
    if value is None:
        return {"null"}
    if isinstance(value, bool):
        return {"boolean"}
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return {"integer", "number"}
    names: dict[type, str] = {float: "number", str: "string", list: "array", dict: "object"}
    return {names[type(value)]} if type(value) in names else set()
