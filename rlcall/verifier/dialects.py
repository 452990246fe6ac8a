"""Dialects of JSON Schema put right: those of BFCL, ToolRL, Python, OpenAPI, and of Arrow's nulls.

notes = []
normalise({"type": "dict", "properties": {"a": {"type": "float", "required": True}}}, notes, "$")
# {"properties": {"a": {"type": "number"}}, "type": "object", "required": ["a"]}
notes[0]    # "$.properties.a: type 'float' is read as number"

What a schema means is read from it where that is beyond doubt; `rlcall.verifier.keywords.forms`
refuses what is left.
"""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
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
NAMED = frozenset((
    "properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies",
))  # fmt: skip
MAY_BE_NULL = frozenset(("const", "default", "example", "examples"))
NUMBERS = frozenset((
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "minContains", "maxContains",
))  # fmt: skip
# With one of these beside it, a type alone does not say what a value may be.
COMBINING = frozenset(("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "not", "if"))
ANNOTATIONS = ("title", "description", "default", "examples")

DEPENDENCIES = ("draft-03", "draft-04", "draft-06", "draft-07")  # one keyword for two
LIST_ITEMS = (*DEPENDENCIES, "2019-09")  # `items` may be a list
BOOLEAN_LIMITS = ("draft-03", "draft-04")  # `exclusiveMinimum` may be true


def normalise(schema: Any, notes: list[str], path: str, dialect: str = "") -> Any:
    """Return a copy of a schema with the dialects put right; each change appends a note.

    `dialect` is the `$schema` of the whole. The copy has none: it was said once, at the root, and
    jsonschema would choose another validator by it in the middle of a check.
    """
    if isinstance(schema, list):
        return [
            normalise(item, notes, f"{path}[{index}]", dialect) for index, item in enumerate(schema)
        ]
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, item in schema.items():
        if key == "$schema":
            continue
        if item is None and key not in MAY_BE_NULL:
            notes.append(f"{path}: {key!r} is null, which is read as left out")
            continue
        result[key] = _normalise_member(key, item, notes, f"{path}.{key}", dialect)
    for repair in REPAIRS:
        repair(result, notes, path)
    _lift_required(schema, result, notes, path)
    for drafts, repair in REPAIRS_OUTSIDE:
        if not speaks(dialect, drafts):
            repair(result, notes, path)
    if isinstance(result.get("items"), bool) and speaks(dialect, BOOLEAN_LIMITS):
        result["items"] = {} if result["items"] else {"not": {}}  # draft 4 has no boolean schemas
    return _allow_null(result)


def _normalise_member(key: str, item: Any, notes: list[str], path: str, dialect: str) -> Any:
    if key in OPAQUE:
        return item
    if key not in NAMED:
        return normalise(item, notes, path, dialect)
    if item == []:
        notes.append(f"{path}: an empty list is read as an empty object")  # PHP's empty map
        return {}
    if not isinstance(item, dict):
        return item
    members = {}
    for name, child in item.items():
        if child is None:
            notes.append(f"{path}: {name!r} is null, which is read as left out")  # Arrow's padding
        else:
            members[name] = normalise(child, notes, f"{path}.{name}", dialect)
    return members


def speaks(dialect: str, drafts: tuple[str, ...]) -> bool:
    """Return whether a `$schema` names one of the drafts."""
    return any(draft in dialect for draft in drafts)


def _read_types(schema: dict[str, Any], notes: list[str], path: str) -> None:
    """Replace words that are not JSON Schema's, alone or in a list, by its types."""
    declared = schema.get("type")
    if isinstance(declared, str) and declared not in TYPES:
        name = _type_of_word(declared)
        notes.append(f"{path}: type {declared!r} is read as {_describe(declared, name)}")
        del schema["type"]
        if name:
            schema["type"] = name
    elif isinstance(declared, list) and not TYPES.issuperset(map(str, declared)):
        names = [_type_of_word(word) for word in map(str, declared)]
        if all(names):
            schema["type"] = list(dict.fromkeys(names))
            notes.append(f"{path}: type {declared!r} is read as {schema['type']}")


def _type_of_word(word: str) -> str | None:
    """Return the type that a word means; None for any type, or where it is not known."""
    name = word.strip().lower()
    return name if name in TYPES else DIALECT.get(name)


def _describe(word: str, name: str | None) -> str:
    if name or word.strip().lower() in DIALECT:
        return name or "any type"
    return "any type, since it is not known"


def _drop_required_flag(schema: dict[str, Any], notes: list[str], path: str) -> None:
    """Remove `required: true` inside a property; it is lifted to the object that has it."""
    if isinstance(schema.get("required"), bool):
        del schema["required"]


def _read_numbers(schema: dict[str, Any], notes: list[str], path: str) -> None:
    """Read limits that are written as text, `minimum: "1"`."""
    for key in NUMBERS & schema.keys():
        text = schema[key]
        if not isinstance(text, str):
            continue
        try:
            number = float(text)
        except ValueError:
            continue
        if isfinite(number):
            schema[key] = int(number) if number.is_integer() else number
            notes.append(f"{path}.{key}: {text!r} is read as a number")


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


def _read_boolean_limits(schema: dict[str, Any], notes: list[str], path: str) -> None:
    """Read draft 4's `exclusiveMinimum: true` beside `minimum`, which OpenAPI has kept."""
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        flag = schema.get(exclusive)
        if not isinstance(flag, bool):
            continue
        del schema[exclusive]
        notes.append(f"{path}: {exclusive} {str(flag).lower()} is read as draft 4 has it")
        if flag and limit in schema:
            schema[exclusive] = schema.pop(limit)


def _read_list_items(schema: dict[str, Any], notes: list[str], path: str) -> None:
    """Read a list under `items` as 2020-12's `prefixItems`."""
    items = schema.get("items")
    if not isinstance(items, list) or "prefixItems" in schema:
        return
    notes.append(f"{path}: the list under `items` is read as `prefixItems`")
    del schema["items"]
    if items:
        schema["prefixItems"] = items
    if "additionalItems" in schema:
        schema["items"] = schema.pop("additionalItems")


def _read_dependencies(schema: dict[str, Any], notes: list[str], path: str) -> None:
    """Read `dependencies`, which the drafts from 2019-09 have divided in two."""
    dependencies = schema.get("dependencies")
    if not isinstance(dependencies, dict):
        return
    notes.append(f"{path}: `dependencies` is read as draft 7 has it")
    del schema["dependencies"]
    for name, needed in dependencies.items():
        key = "dependentRequired" if isinstance(needed, list) else "dependentSchemas"
        members = schema.setdefault(key, {})
        if isinstance(members, dict):
            members.setdefault(name, needed)


Repair = Callable[[dict[str, Any], list[str], str], None]
REPAIRS: tuple[Repair, ...] = (
    _read_types,
    _drop_required_flag,
    _read_numbers,
)
# What some drafts have of their own, and others write all the same.
REPAIRS_OUTSIDE: tuple[tuple[tuple[str, ...], Repair], ...] = (
    (BOOLEAN_LIMITS, _read_boolean_limits),
    (LIST_ITEMS, _read_list_items),
    (DEPENDENCIES, _read_dependencies),
)


def _allow_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Make null valid where `nullable: true` or `default: null` says that it is."""
    is_nullable = schema.pop("nullable", None) is True
    if not is_nullable and not ("default" in schema and schema["default"] is None):
        return schema
    if COMBINING.isdisjoint(schema):
        declared = schema.get("type")
        if isinstance(declared, str):
            declared = [declared]
        if isinstance(declared, list) and "null" not in declared:
            schema["type"] = [*declared, "null"]
        if "const" in schema and "enum" not in schema:
            schema["enum"] = [schema.pop("const")]
        values = schema.get("enum")
        if isinstance(values, list) and None not in values:
            schema["enum"] = [*values, None]
        return schema
    annotations = {key: schema[key] for key in ANNOTATIONS if key in schema}
    return {**annotations, "anyOf": [schema, {"type": "null"}]}
