"""Whether any value fits a schema, as far as that can be told without trying values.

    why_empty({"properties": {...}}, [{"minimum": 5}, {"maximum": 3}])     # "it must be from 5 and up to 3"

The schemas given hold together for one value: a schema with its `allOf` and local `$ref`. What cannot be decided here,
such as `pattern`, `if` and `contains`, is taken to leave some value. JSON Schema 2020-12, "Validation".
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from rlcall.verifier.dialects import TYPES
from rlcall.verifier.subschemas import resolve_ref

Schemas = Sequence[dict[str, Any]]

# type -> its lower and upper limit
SIZES = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
NUMBERS = frozenset(("number", "integer"))
MAX_DEPTH = 4  # of schemas that must hold together; deeper ones are taken to leave some value


def together(root: dict[str, Any], schemas: Sequence[Any]) -> list[Any]:
    """The schemas with all that must hold along with them: `allOf` and local `$ref`, each once."""
    found: list[Any] = []
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop(0)
        if any(schema is other for other in found):
            continue
        found.append(schema)
        if isinstance(schema, dict):
            waiting += schema.get("allOf", ())
            if isinstance(schema.get("$ref"), str):
                waiting.append(resolve_ref(root, schema["$ref"]))
    return found


def why_empty(root: dict[str, Any], schemas: Sequence[Any], depth: int = 0) -> str | None:
    """Why no value fits all of the schemas, as a sentence's end; None where some value may."""
    parts = together(root, schemas)
    if any(
        part is False or (isinstance(part, dict) and part.get("not") in (True, {}))
        for part in parts
    ):
        return "nothing is allowed there"
    nodes = [part for part in parts if isinstance(part, dict)]
    types = allowed_types(nodes)
    if not types:
        return f"no type is all of {' and '.join(_written_types(nodes))}"
    reasons = (
        check(root, nodes, types, depth)
        for check in (_numbers, _sizes, _members, _items, _branches)
    )
    return next((reason for reason in reasons if reason), None) if depth < MAX_DEPTH else None


def allowed_types(nodes: Schemas) -> frozenset[str]:
    """The JSON types that all the schemas permit."""
    allowed = TYPES
    for node in nodes:
        if "type" in node:
            named = node["type"] if isinstance(node["type"], list) else [node["type"]]
            allowed &= {*named, *(["integer"] if "number" in named else [])}
    return allowed


def _written_types(nodes: Schemas) -> list[str]:
    return list(dict.fromkeys(str(node["type"]) for node in nodes if "type" in node))


def _limits(nodes: Schemas, key: str) -> list[Any]:
    return [
        node[key]
        for node in nodes
        if isinstance(node.get(key), int | float) and not isinstance(node[key], bool)
    ]


def _numbers(root: Any, nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if not types <= NUMBERS:
        return None
    low, open_below = max(_bounds(nodes, "minimum", "exclusiveMinimum"), default=(-math.inf, False))
    high, closed_above = min(
        _bounds(nodes, "maximum", "exclusiveMaximum", closed=True), default=(math.inf, True)
    )
    said = f"it must be {'above' if open_below else 'from'} {low:g} and {'up to' if closed_above else 'below'} {high:g}"
    if low > high or (low == high and (open_below or not closed_above)):
        return said
    step = max(_limits(nodes, "multipleOf"), default=0) or (0 if "number" in types else 1)
    if step and math.isfinite(low) and math.isfinite(high):
        size, start, end = (
            Fraction(str(number)) for number in (step, low, high)
        )  # 0.3 is three times 0.1
        first = math.ceil(start / size) * size
        first += size if open_below and first == start else 0
        if first > end or (first == end and not closed_above):
            return f"{said}, and a multiple of {step:g}"
    return None


def _bounds(
    nodes: Schemas, key: str, exclusive: str, closed: bool = False
) -> Iterator[tuple[Any, bool]]:
    """Each bound with whether it is exclusive; whether it is not, where `closed`. Draft 4 has `exclusive...: true`."""
    yield from ((limit, not closed) for limit in _limits(nodes, exclusive))
    for node in nodes:
        yield from (
            (limit, (node.get(exclusive) is True) != closed) for limit in _limits([node], key)
        )


def _sizes(root: Any, nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if len(types) != 1 or (kind := next(iter(types))) not in SIZES:
        return None
    least, most = SIZES[kind]
    low, high = max(_limits(nodes, least), default=0), min(_limits(nodes, most), default=math.inf)
    required = {name for node in nodes for name in node.get("required", ())}
    if kind == "object" and len(required) > high:
        return f"{len(required)} properties are required and at most {high:g} allowed"
    return f"{least} is {low:g} and {most} is {high:g}" if low > high else None


def _members(root: dict[str, Any], nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if types != {"object"}:
        return None
    for name in dict.fromkeys(name for node in nodes for name in node.get("required", ())):
        if any(_forbids(node, name) for node in nodes):
            return f"{name!r} is required, and neither `properties` nor anything else allows it"
        children = [child for node in nodes for child in _named(node, name)]
        if reason := why_empty(root, children, depth + 1):
            return f"{name!r} is required, and {reason}"
    return None


def _forbids(node: dict[str, Any], name: str) -> bool:
    closed = node.get("additionalProperties") is False and not node.get("patternProperties")
    return closed and name not in node.get("properties", ())


def _named(node: dict[str, Any], name: str) -> list[Any]:
    """The schemas that a member must fit; `patternProperties` are taken not to match."""
    if name in node.get("properties", {}):
        return [node["properties"][name]]
    return [] if node.get("patternProperties") else [node.get("additionalProperties", True)]


def _items(root: dict[str, Any], nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if types != {"array"} or max(_limits(nodes, "minItems"), default=0) < 1:
        return None
    if any("prefixItems" in node or isinstance(node.get("items"), list) for node in nodes):
        return None
    items = [node["items"] for node in nodes if "items" in node]
    reason = why_empty(root, items, depth + 1)
    return f"there must be items, and {reason}" if reason else None


def _branches(
    root: dict[str, Any], nodes: Schemas, types: frozenset[str], depth: int
) -> str | None:
    for node in nodes:
        for key in ("anyOf", "oneOf"):
            others = [
                {k: v for k, v in one.items() if k != key} if one is node else one for one in nodes
            ]
            branches = node.get(key, ())
            reasons = [why_empty(root, [*others, branch], depth + 1) for branch in branches]
            if branches and all(reasons):
                return f"no branch of {key} leaves anything: {reasons[0]}"
    return None
