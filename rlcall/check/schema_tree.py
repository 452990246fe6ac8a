"""Every schema inside a schema, with its path: what a validator reads as one, and nothing else.

schema = {"properties": {"a": {"items": {"type": "string"}}}}
[inner.path for inner in subschemas(schema)]
# [(), ("properties", "a"), ("properties", "a", "items")]
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from rlcall.calls import Path
from rlcall.verifier.dialects import NAMED

# Keywords whose value is one schema, and those whose value is a list of schemas.
SINGLE = frozenset((
    "items", "additionalItems", "unevaluatedItems", "contains", "additionalProperties",
    "unevaluatedProperties", "propertyNames", "not", "if", "then", "else",
))  # fmt: skip
LISTS = frozenset(("allOf", "anyOf", "oneOf", "prefixItems", "items"))


class Subschema(NamedTuple):
    """A schema inside another one, and its path there."""

    path: Path
    schema: dict[str, Any]


def subschemas(schema: Any, path: Path = ()) -> Iterator[Subschema]:
    """Yield the schemas that are objects, the outer ones first; `true` and `false` are left out."""
    if isinstance(schema, dict):
        yield Subschema(path, schema)
        for steps, child in child_schemas(schema):
            yield from subschemas(child, (*path, *steps))


def child_schemas(schema: dict[str, Any]) -> Iterator[tuple[Path, Any]]:
    """Yield what is directly below a schema where a schema is due, whatever it is, and its path."""
    for key, value in schema.items():
        if key in NAMED and isinstance(value, dict):
            for name, child in value.items():
                yield (key, name), child
        elif key in LISTS and isinstance(value, list):
            for index, child in enumerate(value):
                yield (key, index), child
        elif key in SINGLE:
            yield (key,), value
