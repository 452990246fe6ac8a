"""Types and values as data sets write them in text, as JSON Schema and JSON.

    json_schema("List[Union[int, float]]")   # {"type": "array", "items": {"type": ["integer", "number"]}}
    as_declared("1.0", {"type": "number"}, notes)   # 1.0

The text is parsed, never evaluated.
"""

from __future__ import annotations

import ast
from typing import Any

import jsonschema
from referencing.exceptions import Unresolvable

from rlcall.files import strict_json

# None: any type. The words of JSON Schema are here too, since data sets mix them in.
SIMPLE = {
    "str": "string", "string": "string", "char": "string",
    "int": "integer", "integer": "integer", "long": "integer",
    "float": "number", "number": "number", "double": "number",
    "bool": "boolean", "boolean": "boolean",
    "list": "array", "array": "array", "tuple": "array", "set": "array", "sequence": "array", "iterable": "array",
    "dict": "object", "object": "object", "mapping": "object",
    "none": "null", "null": "null",
    "any": None,
}  # fmt: skip

_SPELLED = {"True": True, "False": False}  # Python's, where JSON has true and false


# What jsonschema raises for schemas that are none
_BROKEN = (
    *(jsonschema.exceptions.UnknownType, Unresolvable, RecursionError),
    *(TypeError, AttributeError, ArithmeticError, ValueError),
)


class UnknownType(ValueError):
    """A type that has no JSON form, such as `Callable[[float], float]`."""


def json_schema(text: str) -> dict[str, Any]:
    """The JSON Schema of a type in words. UnknownType where there is none."""
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
            return {"type": "array", "prefixItems": [_schema(item) for item in items], "items": False,
                    "minItems": len(items)}  # fmt: skip
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


def as_declared(value: Any, schema: dict[str, Any], notes: list[str]) -> Any:
    """A value written as text as its declared type, if that is what the text says; else the value as it is."""
    if not isinstance(value, str) or fits(value, schema):
        return value
    try:
        candidate = _SPELLED[value] if value in _SPELLED else strict_json.load(value)
    except ValueError:
        return value
    if not fits(candidate, schema):
        return value
    notes.append("values written as text were read as their declared type")
    return candidate


def fits(value: Any, schema: dict[str, Any]) -> bool:
    """Whether a value is valid under a schema. Nothing fits one that is broken, such as `{"enum": 5}`."""
    try:
        return jsonschema.Draft202012Validator(schema).is_valid(value)
    except _BROKEN:
        return False
