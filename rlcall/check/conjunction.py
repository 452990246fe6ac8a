"""Schemas that no value fits, as far as that can be decided without trying values.

    why_empty({}, [{"type": "integer"}, {"minimum": 5}, {"maximum": 3}])
    # "it must be from 5 and up to 3"

The schemas of a list hold together for one value, as those of an `allOf` do. What is not decided
here, such as `pattern`, `if` and `contains`, is taken to leave some value. The keywords are those
of JSON Schema 2020-12, "Validation".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from rlcall.verifier.dialects import TYPES
from rlcall.verifier.references import resolve_ref

Schemas = Sequence[dict[str, Any]]

# type -> its lower and upper limit
SIZES = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
NUMBERS = frozenset(("number", "integer"))
MAX_DEPTH = 4  # of schemas that must hold together; deeper ones are taken to leave some value


def conjuncts(root: dict[str, Any], schemas: Sequence[Any]) -> list[Any]:
    """Return the schemas with those that must hold as well, `allOf` and local `$ref`, each once."""
    result: list[Any] = []
    waiting = list(schemas)
    while waiting:
        schema = waiting.pop(0)
        if any(schema is other for other in result):
            continue
        result.append(schema)
        if isinstance(schema, dict):
            waiting += schema.get("allOf", ())
            if isinstance(schema.get("$ref"), str):
                waiting.append(resolve_ref(root, schema["$ref"]))
    return result


def why_empty(root: dict[str, Any], schemas: Sequence[Any], depth: int = 0) -> str | None:
    """Return why no value fits all of the schemas, as a sentence's end; None where some value may.

    `root` is the schema that local `$ref` are resolved in.
    """
    nodes = []
    for conjunct in conjuncts(root, schemas):
        if conjunct is False:
            return "nothing is allowed there"
        if isinstance(conjunct, dict):
            if conjunct.get("not") in (True, {}):
                return "nothing is allowed there"
            nodes.append(conjunct)
    types = allowed_types(nodes)
    if not types:
        named = dict.fromkeys(str(node["type"]) for node in nodes if "type" in node)
        return f"no type is all of {' and '.join(named)}"
    if depth >= MAX_DEPTH:
        return None
    for decide in (_numbers, _sizes, _members, _items, _branches):
        if reason := decide(root, nodes, types, depth):
            return reason
    return None


def allowed_types(nodes: Schemas) -> frozenset[str]:
    """Return the JSON types that all the schemas permit."""
    allowed = TYPES
    for node in nodes:
        if "type" in node:
            types = node["type"] if isinstance(node["type"], list) else [node["type"]]
            if "number" in types:
                types = [*types, "integer"]
            allowed &= frozenset(types)
    return allowed


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _limits(nodes: Schemas, key: str) -> list[Any]:
    """Return the numbers under a keyword in all the schemas."""
    return [node[key] for node in nodes if _is_number(node.get(key))]


def _shown(number: Any) -> str:
    try:
        return f"{number:g}"
    except OverflowError:  # an integer beyond any float
        return f"{'-' if number < 0 else ''}1e{len(str(abs(number))) - 1} or so"


def _tightest(nodes: Schemas, key: str, exclusive_key: str, sign: int) -> tuple[Any, bool]:
    """Return the tightest bound, lower for sign 1 and upper for -1, and whether it is exclusive."""
    bounds: list[tuple[Any, bool]] = [(-math.inf, False)]
    for node in nodes:
        # `exclusive_key` has a bound of its own; in draft 4, it is `true` and says what `key` is.
        if _is_number(node.get(exclusive_key)):
            bounds.append((sign * node[exclusive_key], True))
        if _is_number(node.get(key)):
            bounds.append((sign * node[key], node.get(exclusive_key) is True))
    bound, is_exclusive = max(bounds)  # of equal bounds, the exclusive one
    return sign * bound, is_exclusive


def _numbers(root: Any, nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if not types <= NUMBERS:
        return None
    low, open_low = _tightest(nodes, "minimum", "exclusiveMinimum", 1)
    high, open_high = _tightest(nodes, "maximum", "exclusiveMaximum", -1)
    lower = f"{'above' if open_low else 'from'} {_shown(low)}"
    upper = f"{'below' if open_high else 'up to'} {_shown(high)}"
    if low > high or (low == high and (open_low or open_high)):
        return f"it must be {lower} and {upper}"
    step = max(_limits(nodes, "multipleOf"), default=0)
    if not step and types == {"integer"}:
        step = 1
    if not step or -math.inf in (low, -high):
        return None
    # Fractions of the text, since 0.3 is three times 0.1 in a schema, but not among floats.
    unit, start, end = Fraction(str(step)), Fraction(str(low)), Fraction(str(high))
    first = math.ceil(start / unit) * unit
    if open_low and first == start:
        first += unit
    if first > end or (open_high and first == end):
        return f"it must be {lower} and {upper}, and a multiple of {_shown(step)}"
    return None


def _sizes(root: Any, nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if len(types) != 1 or not types <= SIZES.keys():
        return None
    (kind,) = types
    least, most = SIZES[kind]
    low = max(_limits(nodes, least), default=0)
    high = min(_limits(nodes, most), default=math.inf)
    required = _required(nodes)
    if kind == "object" and len(required) > high:
        return f"{len(required)} properties are required and at most {_shown(high)} allowed"
    return f"{least} is {_shown(low)} and {most} is {_shown(high)}" if low > high else None


def _required(nodes: Schemas) -> list[str]:
    """Return the names that some schema requires, each once."""
    names: dict[str, None] = {}
    for node in nodes:
        names |= dict.fromkeys(node.get("required", ()))
    return list(names)


def _members(root: dict[str, Any], nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if types != {"object"}:
        return None
    for name in _required(nodes):
        member_schemas = []
        for node in nodes:
            if _forbids(node, name):
                return f"{name!r} is required, and neither `properties` nor anything else allows it"
            member_schemas += _member_schemas(node, name)
        if reason := why_empty(root, member_schemas, depth + 1):
            return f"{name!r} is required, and {reason}"
    return None


def _forbids(node: dict[str, Any], name: str) -> bool:
    closed = node.get("additionalProperties") is False and not node.get("patternProperties")
    return closed and name not in node.get("properties", ())


def _member_schemas(node: dict[str, Any], name: str) -> list[Any]:
    """Return the schemas that a member must fit; `patternProperties` are taken not to match."""
    if name in node.get("properties", {}):
        return [node["properties"][name]]
    return [] if node.get("patternProperties") else [node.get("additionalProperties", True)]


def _items(root: dict[str, Any], nodes: Schemas, types: frozenset[str], depth: int) -> str | None:
    if types != {"array"} or max(_limits(nodes, "minItems"), default=0) < 1:
        return None
    if any("prefixItems" in node or isinstance(node.get("items"), list) for node in nodes):
        return None
    item_schemas = [node["items"] for node in nodes if "items" in node]
    reason = why_empty(root, item_schemas, depth + 1)
    return f"there must be items, and {reason}" if reason else None


def _branches(
    root: dict[str, Any], nodes: Schemas, types: frozenset[str], depth: int
) -> str | None:
    for index, node in enumerate(nodes):
        for key in ("anyOf", "oneOf"):
            rest = {name: value for name, value in node.items() if name != key}
            others = [*nodes[:index], rest, *nodes[index + 1 :]]
            branches = node.get(key, ())
            reasons = [why_empty(root, [*others, branch], depth + 1) for branch in branches]
            if branches and all(reasons):
                return f"no branch of {key} leaves anything: {reasons[0]}"
    return None
