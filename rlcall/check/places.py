"""Every schema inside a schema with its place: what a validator reads as one, and nothing that only looks like it.

dict(places({"properties": {"a": {"items": {"type": "string"}}}}))
# {(): ..., ("properties", "a"): {"items": ...}, ("properties", "a", "items"): {"type": "string"}}
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rlcall.calls import Path
from rlcall.verifier.dialects import NAMED

ONE = frozenset((
    "items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties", "unevaluatedProperties",
    "propertyNames", "not", "if", "then", "else",
))  # fmt: skip
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items"))


def places(schema: Any, path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The schemas that are objects; `true` and `false` are left out."""
    if isinstance(schema, dict):
        yield path, schema
        for step, child in children(schema):
            yield from places(child, (*path, *step))


def children(schema: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """What stands directly below a schema where a schema is due, whatever it is."""
    for key, value in schema.items():
        if key in NAMED and isinstance(value, dict):
            yield from (((key, name), child) for name, child in value.items())
        elif key in LISTS and isinstance(value, list):
            yield from (((key, index), child) for index, child in enumerate(value))
        elif key in ONE:
            yield (key,), value
