"""Types and values that a data set writes in words, as JSON Schema and JSON.

    json_schema("List[int]")                       # {"type": "array", "items": {"type": "integer"}}
    as_declared("1.0", {"type": "number"}, notes)  # 1.0

The text is parsed, never evaluated.
"""

from __future__ import annotations

import ast
from typing import Any

import jsonschema
from referencing.exceptions import Unresolvable

from rlcall.files import strict_json
from rlcall.verifier.dialects import normalise

# None: any type. The words of JSON Schema are here too, since data sets mix them in.
SIMPLE = {
    "str": "string", "string": "string", "char": "string",
    "int": "integer", "integer": "integer", "long": "integer",
    "float": "number", "number": "number", "double": "number",
    "bool": "boolean", "boolean": "boolean",
    "list": "array", "array": "array", "tuple": "array", "set": "array", "sequence": "array",
    "iterable": "array",
    "dict": "object", "object": "object", "mapping": "object",
    "none": "null", "null": "null",
    "any": None,
}  # fmt: skip

BAD_DEFAULT = "defaults do not fit their own type, and were kept as they are"  # a note
AS_DECLARED = "values written as text were read as their declared type"  # a note

_PYTHON_WORDS = {"True": True, "False": False}  # where JSON has true and false

# What jsonschema raises for schemas that are none.
_BROKEN = (
    *(jsonschema.exceptions.UnknownType, Unresolvable, RecursionError),
    *(TypeError, AttributeError, ArithmeticError, ValueError),
)


class UnknownType(ValueError):
    """A type that has no JSON form, such as `Callable[[float], float]`."""


def json_schema(text: str) -> dict[str, Any]:
    """Return the JSON Schema of a type in words. UnknownType where there is none."""
    try:
        return _schema(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnknownType(text) from error


def _schema(node: ast.expr) -> dict[str, Any]:
    match node:
        case ast.Name(id=name) if name.lower() in SIMPLE:
            word = SIMPLE[name.lower()]
            return {"type": word} if word else {}
        case ast.Constant(value=None):
            return {"type": "null"}
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _any_of([_schema(left), _schema(right)])
        case ast.Subscript(value=ast.Name(id=name), slice=ast.Tuple(elts=parts)):
            return _generic(name.lower(), parts)
        case ast.Subscript(value=ast.Name(id=name), slice=part):
            return _generic(name.lower(), [part])
    raise UnknownType(ast.dump(node))


def _generic(name: str, parts: list[ast.expr]) -> dict[str, Any]:
    match name, parts:
        case (("list" | "set" | "sequence" | "iterable"), [item]):
            return {"type": "array", "items": _schema(item)}
        case "tuple", [item, ast.Constant(value=value)] if value is ...:
            return {"type": "array", "items": _schema(item)}
        case "tuple", items:
            schemas = [_schema(item) for item in items]
            return {
                "type": "array",
                "prefixItems": schemas,
                "items": False,
                "minItems": len(schemas),
            }
        case (("dict" | "mapping"), [_, value]):
            return {"type": "object", "additionalProperties": _schema(value)}
        case "union", choices:
            return _any_of([_schema(choice) for choice in choices])
        case "optional", [choice]:
            return _any_of([_schema(choice), {"type": "null"}])
    raise UnknownType(name)


def _any_of(choices: list[dict[str, Any]]) -> dict[str, Any]:
    if all(set(choice) == {"type"} and isinstance(choice["type"], str) for choice in choices):
        return {"type": [choice["type"] for choice in choices]}
    return {"anyOf": choices}


def set_type(schema: dict[str, Any], words: str, notes: list[str]) -> None:
    """Give a parameter's schema the type in words; a note where it is none, and may be any."""
    try:
        schema.update(json_schema(words))
    except UnknownType:
        notes.append(f"type {words!r} was read as any type")


def set_default(schema: dict[str, Any], default: Any, notes: list[str]) -> None:
    """Give a parameter's schema its default, read as its type; a note where it does not fit it."""
    schema["default"] = as_declared(default, schema, notes)
    if not fits(schema["default"], schema):
        notes.append(BAD_DEFAULT)


def as_declared(value: Any, schema: dict[str, Any], notes: list[str]) -> Any:
    """Return a value written as text as its declared type, if the text says one; else as it is."""
    if not isinstance(value, str) or fits(value, schema):
        return value
    try:
        candidate = _PYTHON_WORDS[value] if value in _PYTHON_WORDS else strict_json.load(value)
    except ValueError:
        return value
    if not fits(candidate, schema):
        return value
    notes.append(AS_DECLARED)
    return candidate


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Return whether a value fits a schema; under a broken one, as `{"enum": 5}`, none is."""
    try:
        return jsonschema.Draft202012Validator(schema).is_valid(value)
    except _BROKEN:
        return False


def normal_schema(schema: Any, notes: list[str]) -> Any:
    """Return a schema in JSON Schema's words, not BFCL's (`dict`, `float`); changes are notes."""
    changes: list[str] = []
    result = normalise(schema, changes, "$")
    for change in changes:
        _, _, note = change.partition(": ")  # without the place, so that equal changes are counted
        notes.append(note)
    return result
