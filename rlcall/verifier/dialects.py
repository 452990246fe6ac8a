"""Dialects of JSON Schema put right: BFCL's, ToolRL's, those of Python signatures.

notes = []
normalise({"type": "dict", "properties": {"a": {"type": "float", "required": True}}}, notes, "$")
# {"properties": {"a": {"type": "number"}}, "type": "object", "required": ["a"]}
notes[0]    # "$.properties.a: type 'float' is read as number"
"""

from __future__ import annotations

from typing import Any

# Words found in the wild for JSON Schema's types (BFCL, ToolRL, Python signatures). None: any type.
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
NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))


def normalise(schema: Any, notes: list[str], path: str) -> Any:
    """Return a copy of a schema with the dialects put right; each change appends a note."""
    if isinstance(schema, list):
        return [normalise(item, notes, f"{path}[{index}]") for index, item in enumerate(schema)]
    if not isinstance(schema, dict):
        return schema
    result = {}
    for key, item in schema.items():
        result[key] = _normalise_member(key, item, notes, f"{path}.{key}")
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
    original = schema.pop("type")
    word = original.strip().lower()
    name = word if word in TYPES else DIALECT.get(word, "?")
    reading = "any type, since it is not known" if name == "?" else name or "any type"
    notes.append(f"{path}: type {original!r} is read as {reading}")
    if name in TYPES:
        schema["type"] = name


def _lift_required(
    schema: dict[str, Any], result: dict[str, Any], notes: list[str], path: str
) -> None:
    """Move `required: true` inside a property to the object's own list `required`."""
    properties = schema.get("properties")
    if not isinstance(properties, dict):
        return
    marked = []
    for name, item in properties.items():
        if isinstance(item, dict) and item.get("required") is True:
            marked.append(name)
    if not marked:
        return
    listed = result.get("required")
    names = [*listed, *marked] if isinstance(listed, list) else marked
    result["required"] = list(dict.fromkeys(names))
    notes.append(
        f"{path}: `required: true` inside {', '.join(marked)} is read as the object's `required`"
    )
