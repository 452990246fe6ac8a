"""Tools without the noise of the libraries that wrote them, and valid for exactly the same calls.

    clean_parameters({"title": "fArguments", "type": "object", "properties": {
        "day": {"anyOf": [{"type": "string"}, {"type": "null"}], "title": "Day"}}})
    # {"type": "object", "properties": {"day": {"type": ["string", "null"]}}}

Definitions are put where they are used, titles that repeat a name go, `anyOf` of a type and null is
a list of types, and what a docstring says of each argument stands at the argument.
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.tools.docstrings import split_docstring
from rlcall.tools.inlining import ANNOTATIONS, inlined, is_plain
from rlcall.tools.places import Schema, changed, schemas

TYPES = frozenset(("string", "integer", "number", "boolean", "array", "object"))
NOISE = frozenset(("xml", "externalDocs"))
# A schema with one of these says something else under another draft: its `$schema` stays.
DRAFT_KEYWORDS = frozenset((
    "$ref", "additionalItems", "dependencies", "dependentSchemas", "dependentRequired",
    "unevaluatedProperties", "unevaluatedItems", "prefixItems", "minContains", "maxContains",
    "$id", "id", "$anchor", "$dynamicAnchor", "$dynamicRef", "$recursiveRef",
))  # fmt: skip
_LATEST = "https://json-schema.org/draft/2020-12/schema"
_ALIKE = re.compile(r"https?://json-schema\.org/draft(?:-07|/2019-09)/schema#?")
_APPLIED = ("$ref", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "nullable")


def clean_tool(tool: dict[str, Any]) -> dict[str, Any]:
    """Return a tool in OpenAI's form with its schemas cleaned and its docstring taken apart."""
    function = dict(tool["function"])
    if isinstance(function.get("parameters"), dict):
        function["parameters"] = clean_parameters(function["parameters"])
        if function["parameters"].get("description") == function.get("description", ""):
            del function["parameters"]["description"]
    if isinstance(function.get("returns"), dict):
        function["returns"] = _clean_returns(function["returns"])
    if isinstance(function.get("description"), str):
        _take_docstring_apart(function)
    return {**tool, "function": function}


def clean_parameters(schema: Schema) -> Schema:
    """Return a schema that takes the same values, shorter."""
    try:
        return _clean(schema)
    except RecursionError:  # whoever compiles it says so
        return schema


def _clean(schema: Schema) -> Schema:
    root = {key: value for key, value in schema.items() if key != "title"}
    if is_plain(root):
        root = _with_folded_null(inlined(root), "")
    root = changed(root, _untitled)
    if _may_drop_dialect(root):
        del root["$schema"]
    return root


def _clean_returns(schema: Schema) -> Schema:
    """Return a result's schema: which of its parts are always there decides nothing."""
    result = clean_parameters(schema)
    if result.get("type") == "object" and isinstance(result.get("properties"), dict):
        for key in ("required", "additionalProperties", "description"):
            result.pop(key, None)
    return result


def _untitled(schema: Schema, name: str) -> Schema:
    """Drop a title that repeats the name or stands beside a description; else it describes."""
    result = changed(schema, _untitled)
    for key in NOISE:
        result.pop(key, None)
    title = result.get("title")
    if not isinstance(title, str):
        return result
    del result["title"]
    if name and "description" not in result and _letters(title) != _letters(name):
        result["description"] = title
    return result


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _with_folded_null(schema: Schema, _name: str) -> Schema:
    """Write `anyOf` of one type and null, or of bare types, as a list of types."""
    result = changed(schema, _with_folded_null)
    for key in ("anyOf", "oneOf"):
        beside = {name: value for name, value in result.items() if name != key}
        parts = result.get(key)
        if not isinstance(parts, list) or not ANNOTATIONS.issuperset(beside):
            continue
        folded = _nullable(parts) or (_bare_types(parts) if key == "anyOf" else None)
        if folded is not None:
            return {**folded, **beside}
    return result


def _nullable(parts: list[Any]) -> Schema | None:
    """Return one schema for a schema and null; None where there is none."""
    others = [part for part in parts if not _is_null(part)]
    if len(parts) != 2 or len(others) != 1:
        return None
    part = others[0]
    if not isinstance(part, dict) or any(key in part for key in _APPLIED):
        return None
    kind = part.get("type")
    if not isinstance(kind, str) or kind not in TYPES:
        return None
    result = {**part, "type": [kind, "null"]}
    if "const" in part:
        result["enum"] = [result.pop("const"), None]
        if "enum" in part:
            return None
    elif isinstance(part.get("enum"), list):
        result["enum"] = [*(value for value in part["enum"] if value is not None), None]
    return result


def _is_null(part: Any) -> bool:
    if not isinstance(part, dict) or part.get("type") != "null":
        return False
    return ANNOTATIONS.issuperset(part.keys() - {"type"})


def _bare_types(parts: list[Any]) -> Schema | None:
    kinds = []
    for part in parts:
        if not isinstance(part, dict) or not part.keys() <= {"type", "title"}:
            return None
        kind = part.get("type")
        if kind not in (*TYPES, "null") or kind in kinds:
            return None
        kinds.append(kind)
    return {"type": kinds} if len(kinds) > 1 else None


def _may_drop_dialect(schema: Schema) -> bool:
    """Tell whether the schema says the same where no dialect is named."""
    dialect = schema.get("$schema")
    if not isinstance(dialect, str):
        return False
    if dialect.rstrip("#") == _LATEST:
        return True
    if not _ALIKE.fullmatch(dialect):
        return False
    for part in schemas(schema):
        if DRAFT_KEYWORDS & part.keys() or isinstance(part.get("items"), list):
            return False
    return True


def _take_docstring_apart(function: dict[str, Any]) -> None:
    """Put what a description says of each parameter at the parameter."""
    parameters = function.get("parameters") or {}
    properties = parameters.get("properties")
    if not isinstance(properties, dict):
        properties = {}
    text, told = split_docstring(function["description"], properties)
    described = dict(properties)
    for name, note in told.items():
        part = properties[name]
        if isinstance(part, dict) and "description" not in part and "$ref" not in part:
            described[name] = {**part, "description": note}
    function["description"] = text
    if told:
        function["parameters"] = {**parameters, "properties": described}
