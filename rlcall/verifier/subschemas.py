"""The parts of a JSON Schema that speak about a value.

schema = {"properties": {"at": {"$ref": "#/$defs/place"}}, "$defs": {"place": {"enum": ["home"]}}}
descend(schema, ("at",))    # [{"$ref": "#/$defs/place"}, {"enum": ["home"]}]
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from typing import Any

from rlcall.calls import Path
from rlcall.verifier.dialects import NAMED, OPAQUE
from rlcall.verifier.references import REFERENCES, resolve_ref

# Keywords that apply a schema, a list of them, or a map of them, to a value or to a part of it, or
# keep them for a reference.
APPLICATORS = (
    "items", "prefixItems", "additionalItems", "unevaluatedItems", "contains",
    "properties", "patternProperties", "additionalProperties", "unevaluatedProperties",
    "propertyNames", "dependentSchemas", "dependencies", "$defs", "definitions",
    "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
)  # fmt: skip
MAPS = frozenset((
    "properties", "patternProperties", "dependentSchemas", "dependencies", "$defs", "definitions",
))  # fmt: skip
# Applied by a reference or by `if`, so no draft lists them as keywords of their own.
APPLIED_BY_OTHERS = frozenset(("$defs", "definitions", "then", "else"))


def reachable(
    root: dict[str, Any], keywords: Container[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield every schema that can be applied to a value or a part of it, once, with its path.

    `keywords` are those of the draft: what stands under a name that it does not know (2020-12 has
    no `additionalItems`) applies to nothing. ValueError where a reference is not local or leads
    nowhere.
    """
    applicators = [key for key in APPLICATORS if key in keywords or key in APPLIED_BY_OTHERS]
    seen: set[int] = set()
    waiting: list[tuple[str, Any]] = [("$", root)]
    while waiting:
        path, schema = waiting.pop()
        if not isinstance(schema, dict) or id(schema) in seen:
            continue
        seen.add(id(schema))
        yield path, schema
        for key in applicators:
            if key in schema:
                waiting += _members(schema[key], f"{path}.{key}", is_map=key in MAPS)
        for key in REFERENCES:
            if isinstance(schema.get(key), str):
                waiting.append((schema[key], resolve_ref(root, schema[key])))


def _members(value: Any, path: str, is_map: bool) -> Iterator[tuple[str, Any]]:
    """Yield the schemas under a keyword with their paths; what is none is left to others."""
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield f"{path}[{index}]", item
    elif is_map and isinstance(value, dict):
        for name, item in value.items():
            yield f"{path}.{name}", item
    else:
        yield path, value


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema inside a schema, itself first, also where nothing applies it.

    Defaults and members of `enum` only look like schemas, and are left out.
    """
    if isinstance(schema, list):
        for item in schema:
            yield from walk(item)
    elif isinstance(schema, dict):
        yield schema
        for key, item in schema.items():
            if key in NAMED and isinstance(item, dict):
                yield from walk(list(item.values()))
            elif key not in OPAQUE:
                yield from walk(item)


def expand(root: dict[str, Any], schemas: Iterable[Any]) -> list[dict[str, Any]]:
    """Return the schemas and all that they apply to the same value, each once, as they are read."""
    expanded: dict[int, dict[str, Any]] = {}  # by identity: a `$ref` may lead to one schema twice

    def add(schema: Any) -> None:
        if isinstance(schema, dict) and id(schema) not in expanded:
            expanded[id(schema)] = schema
            for inner in in_place(root, schema):
                add(inner)

    for schema in schemas:
        add(schema)
    return list(expanded.values())


def in_place(root: dict[str, Any], schema: dict[str, Any]) -> Iterator[Any]:
    """Yield the schemas that a schema applies to the value itself."""
    for key in REFERENCES:
        if isinstance(schema.get(key), str):
            yield resolve_ref(root, schema[key])
    for key in ("allOf", "anyOf", "oneOf"):
        yield from schema.get(key, ())


def descend(root: dict[str, Any], path: Path) -> list[dict[str, Any]]:
    """Return the schemas that speak about the value at a path; "*" in it stands for any index."""
    nodes = expand(root, [root])
    for step in path:
        children = [child for node in nodes for child in children_of(node, step)]
        nodes = expand(root, children)
    return nodes


def types_of(nodes: Iterable[dict[str, Any]]) -> frozenset[str]:
    """Return the JSON types that the schemas name; empty for any."""
    names: set[str] = set()
    for node in nodes:
        types = node.get("type", [])
        names.update([types] if isinstance(types, str) else types)
    return frozenset(names)


def children_of(node: dict[str, Any], step: str | int) -> Iterator[Any]:
    """Yield the schemas that a schema applies to one member, or by "*" to the items of a list."""
    if step == "*":
        items = node.get("items")
        yield from items if isinstance(items, list) else [items]
        yield from node.get("prefixItems", ())
        return
    if step in node.get("properties", {}):
        yield node["properties"][step]
        return
    # Any of the patterns may match, and matching takes its time.
    yield from node.get("patternProperties", {}).values()
    yield node.get("additionalProperties")
