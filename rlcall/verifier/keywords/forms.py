"""Forms of JSON Schema's keywords, as far as a validator stumbles where they are broken.

keyword_fault({"minimum": "low"}, draft.VALIDATORS)      # "minimum: 'low' is not a number"
keyword_fault({"required": ["city"]}, draft.VALIDATORS)  # None

A broken keyword is met only when a completion gives the value that it is about. So all of them are
looked at when a tool is compiled; the meta-schema says the same, and takes a hundred times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from math import isfinite
from typing import Any

from rlcall.verifier.dialects import TYPES


def _is_schema(value: Any) -> bool:
    return isinstance(value, dict | bool)


def _is_list_of_schemas(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_schema, value))


def _is_map_of_schemas(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_schema, value.values()))


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)


def _is_positive(value: Any) -> bool:
    return _is_number(value) and value > 0


def _is_count(value: Any) -> bool:
    return _is_number(value) and value >= 0 and float(value).is_integer()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_list_of_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_type(value: Any) -> bool:
    if isinstance(value, str):
        return value in TYPES
    return bool(value) and _is_list_of_texts(value) and TYPES.issuperset(value)


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number_or_boolean(value: Any) -> bool:
    return isinstance(value, bool) or _is_number(value)


def _is_schema_or_list(value: Any) -> bool:
    return _is_schema(value) or _is_list_of_schemas(value)


def _is_dependencies(value: Any) -> bool:
    if not isinstance(value, dict):
        return False
    return all(_is_schema(item) or _is_list_of_texts(item) for item in value.values())


def _is_map_of_lists(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_list_of_texts, value.values()))


SCHEMA = (_is_schema, "a schema")
SCHEMAS = (_is_list_of_schemas, "a list of schemas")
SCHEMA_MAP = (_is_map_of_schemas, "an object of schemas")
NUMBER = (_is_number, "a number")
LIMIT = (_is_number_or_boolean, "a number")  # draft 4 has booleans here
COUNT = (_is_count, "a whole number from 0")
TEXT = (_is_text, "a text")
TEXTS = (_is_list_of_texts, "a list of texts")

FORMS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "$ref": TEXT, "$dynamicRef": TEXT, "$recursiveRef": TEXT, "$anchor": TEXT,
    "$dynamicAnchor": TEXT, "$id": TEXT,
    "type": (_is_type, "a type of JSON Schema, or a list of them"),
    "enum": (_is_list, "a list"),
    "minimum": NUMBER, "maximum": NUMBER, "exclusiveMinimum": LIMIT, "exclusiveMaximum": LIMIT,
    "multipleOf": (_is_positive, "a number above 0"),
    "minLength": COUNT, "maxLength": COUNT, "minItems": COUNT, "maxItems": COUNT,
    "minProperties": COUNT, "maxProperties": COUNT, "minContains": COUNT, "maxContains": COUNT,
    "pattern": TEXT,
    "uniqueItems": (_is_boolean, "true or false"),
    "required": TEXTS,
    "$defs": SCHEMA_MAP, "definitions": SCHEMA_MAP,
    "properties": SCHEMA_MAP, "patternProperties": SCHEMA_MAP, "dependentSchemas": SCHEMA_MAP,
    "dependentRequired": (_is_map_of_lists, "an object of lists of texts"),
    "dependencies": (_is_dependencies, "an object of schemas or lists of texts"),
    "items": (_is_schema_or_list, "a schema, or a list of them"),
    "prefixItems": SCHEMAS, "allOf": SCHEMAS, "anyOf": SCHEMAS, "oneOf": SCHEMAS,
    "additionalItems": SCHEMA, "additionalProperties": SCHEMA, "contains": SCHEMA,
    "propertyNames": SCHEMA, "not": SCHEMA, "if": SCHEMA, "then": SCHEMA, "else": SCHEMA,
    "unevaluatedItems": SCHEMA, "unevaluatedProperties": SCHEMA,
}  # fmt: skip


# Keywords that a validator uses without a function of its own for them.
ALWAYS_KNOWN = frozenset((
    "$id", "$anchor", "$dynamicAnchor", "$recursiveRef", "$defs", "definitions", "then", "else",
    "minContains", "maxContains",
))  # fmt: skip


def keyword_fault(schema: dict[str, Any], known: Container[str]) -> str | None:
    """Return what is wrong with the form of the first broken keyword; None where all are sound.

    `known` are the keywords of the schema's draft: others are ignored, whatever they hold.
    """
    for key, value in schema.items():
        form = FORMS.get(key)
        if form is None or not (key in known or key in ALWAYS_KNOWN):
            continue
        if not form[0](value):
            return f"{key}: {_shorten(value)} is not {form[1]}"
    return None


def _shorten(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
