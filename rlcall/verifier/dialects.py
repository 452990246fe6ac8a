"""The dialects of JSON Schema found in the wild, put right: BFCL's, ToolRL's, those of Python signatures.

notes = []
normalise({"type": "dict", "properties": {"a": {"type": "float", "required": True}}}, notes, "$")
# {"type": "object", "properties": {"a": {"type": "number"}}, "required": ["a"]}, and a note for each change
"""

from __future__ import annotations

from typing import Any

# What is found in the wild for a JSON Schema type (BFCL, ToolRL, Python signatures). None: any type.
DIALECT = {
    "dict": "object", "hashmap": "object", "map": "object",
    "float": "number", "double": "number", "decimal": "number",
    "int": "integer", "long": "integer",
    "str": "string", "char": "string",
    "bool": "boolean",
    "list": "array", "tuple": "array", "set": "array",
    "none": "null",
    "any": None,
}  # fmt: skip
TYPES = frozenset(("object", "number", "integer", "string", "boolean", "array", "null"))

# Keywords whose values are no schemas; and those whose values map names to schemas.
OPAQUE = frozenset(("enum", "const", "default", "examples", "example", "description", "title"))
NAMED = frozenset(
    ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
)  # name -> schema


def normalise(schema: Any, notes: list[str], path: str) -> Any:
    """A copy of a schema with the dialects found in the wild put right; each change leaves a note."""
    if isinstance(schema, list):
        return [normalise(item, notes, f"{path}[{index}]") for index, item in enumerate(schema)]
    if not isinstance(schema, dict):
        return schema
    result = {
        key: _normalise_member(key, item, notes, f"{path}.{key}") for key, item in schema.items()
    }
    if isinstance(result.get("type"), str) and result["type"] not in TYPES:
        _normalise_type(result, notes, path)
    if isinstance(result.get("required"), bool):
        del result["required"]
    _lift_required(schema, result, notes, path)
    return result


def _normalise_member(key: str, item: Any, notes: list[str], path: str) -> Any:
    if key in OPAQUE:
        return item
    if key in NAMED and isinstance(item, dict):
        return {name: normalise(child, notes, f"{path}.{name}") for name, child in item.items()}
    return normalise(item, notes, path)


def _normalise_type(schema: dict[str, Any], notes: list[str], path: str) -> None:
    written = schema.pop("type")
    word = written.strip().lower()
    name = word if word in TYPES else DIALECT.get(word, "?")
    known = f"{name or 'any type'}" if name != "?" else "any type, since it is not known"
    notes.append(f"{path}: type {written!r} is read as {known}")
    if name in TYPES:
        schema["type"] = name


def _lift_required(
    schema: dict[str, Any], result: dict[str, Any], notes: list[str], path: str
) -> None:
    """`required: true` inside a property is a word for the list beside `properties`."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    inside = [
        name
        for name, item in properties.items()
        if isinstance(item, dict) and item.get("required") is True
    ]
    if inside:
        given = result.get("required")
        result["required"] = list(
            dict.fromkeys([*(given if isinstance(given, list) else ()), *inside])
        )
        notes.append(
            f"{path}: `required: true` inside {', '.join(inside)} is read as the object's `required`"
        )
