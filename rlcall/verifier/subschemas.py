"""The parts of a JSON Schema that speak about a value.

schema = {"properties": {"at": {"$ref": "#/$defs/place"}}, "$defs": {"place": {"enum": ["home"]}}}
descend(schema, ("at",))    # [{"$ref": "#/$defs/place"}, {"enum": ["home"]}]
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from rlcall.calls import Path
from rlcall.verifier.dialects import NAMED, OPAQUE


def walk(schema: Any) -> Iterator[dict[str, Any]]:
    """Yield every schema inside a schema, itself first.

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


def resolve_ref(root: dict[str, Any], ref: str) -> dict[str, Any]:
    """Return the schema behind a local `$ref` (a JSON Pointer fragment).

    ValueError for any other, which would be the network or another file, and for one that points at
    nothing.
    """
    if not ref.startswith("#"):
        raise ValueError(
            f"$ref {ref!r} is not local; put the definition under $defs and use '#/$defs/...'"
        )
    node: Any = root
    for part in filter(None, ref[1:].split("/")):
        part = part.replace("~1", "/").replace("~0", "~")
        try:
            node = node[int(part)] if isinstance(node, list) else node[part]
        except (LookupError, TypeError, ValueError):
            raise ValueError(f"$ref {ref!r} points at nothing: there is no {part!r}") from None
    if not isinstance(node, dict):
        raise ValueError(f"$ref {ref!r} does not point at a schema")
    return node


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
    if isinstance(schema.get("$ref"), str):
        yield resolve_ref(root, schema["$ref"])
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
