"""jsonschema's keywords under a budget, so that no arguments make their check take long.

    validator = limited(jsonschema.Draft202012Validator)(schema, registry=Registry())
    with Budget():
        list(validator.iter_errors(arguments))      # Overspent where it would take too long

A schema that refers to itself in several branches takes time exponential in the depth of a value, a
pattern such as `(a+)+$` in the length of a text, and long lists take long under any schema. So
keywords are counted, with the members that they look at, and patterns are matched by `regex`, which
can be stopped. jsonschema's own checks that match patterns by `re`, or are quadratic, are replaced.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any

import jsonschema
from jsonschema.protocols import Validator

from rlcall.verifier.keywords.budget import PATTERN_SECONDS, budget_in_force
from rlcall.verifier.keywords.unevaluated import unevaluated_items, unevaluated_properties
from rlcall.verifier.values import canonical

# Keywords that look at every member of a value: each member is a step.
FOR_MEMBERS = frozenset((
    "items", "additionalItems", "unevaluatedItems", "contains", "uniqueItems", "enum", "const",
    "additionalProperties", "unevaluatedProperties", "patternProperties", "propertyNames",
))  # fmt: skip
# Following a reference takes three times as long as other keywords.
PRICES = {"$ref": 3, "$dynamicRef": 3}

Errors = Iterator[jsonschema.ValidationError]


def _pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Errors:
    if not validator.is_type(instance, "string"):
        return
    try:
        if not budget_in_force().finds(pattern, instance):
            yield jsonschema.ValidationError(f"{instance!r} does not match {pattern!r}")
    except TimeoutError:
        yield jsonschema.ValidationError(f"matching {pattern!r} took over {PATTERN_SECONDS} s")


def _pattern_properties(
    validator: Any, patterns: dict[str, Any], instance: Any, schema: Any
) -> Errors:
    if not validator.is_type(instance, "object"):
        return
    for pattern, subschema in patterns.items():
        for key in budget_in_force().matching(pattern, instance):
            yield from validator.descend(instance[key], subschema, path=key, schema_path=pattern)


def _unique(validator: Any, wanted: bool, instance: Any, schema: Any) -> Errors:
    # jsonschema's own check is quadratic on items that cannot be sorted.
    if not wanted or not validator.is_type(instance, "array"):
        return
    if len({canonical(item) for item in instance}) < len(instance):
        yield jsonschema.ValidationError("items are not unique")


def _multiple_of(validator: Any, step: Any, instance: Any, schema: Any) -> Errors:
    # JSON's numbers are decimal: 19.99 is a multiple of 0.01, though not in binary.
    if not validator.is_type(instance, "number"):
        return
    if not isfinite(instance) or Fraction(repr(instance)) % Fraction(repr(step)):
        yield jsonschema.ValidationError(f"{instance!r} is not a multiple of {step!r}")


def _without_patterns(keyword: Any) -> Any:
    """Wrap `additionalProperties`: it is told which members `patternProperties` takes."""

    def additional(validator: Any, allowed: Any, instance: Any, schema: dict[str, Any]) -> Any:
        if "patternProperties" in schema and isinstance(instance, dict):
            properties = dict(schema.get("properties", {}))
            for pattern in schema["patternProperties"]:
                properties.update(
                    dict.fromkeys(budget_in_force().matching(pattern, instance), True)
                )
            schema = {"properties": properties}
        return keyword(validator, allowed, instance, schema)

    return additional


def _counted(name: str, keyword: Any) -> Any:
    """Wrap a keyword, so that its use is taken off the budget in force."""
    price, for_members = PRICES.get(name, 1), name in FOR_MEMBERS

    def check(validator: Any, value: Any, instance: Any, schema: Any) -> Any:
        counts = for_members and isinstance(instance, dict | list)
        budget_in_force().spend(price + len(instance) if counts else price)
        return keyword(validator, value, instance, schema)

    return check


@lru_cache(maxsize=8)
def limited(draft: type[Validator]) -> type[Validator]:
    """Return a draft's validator with its keywords counted.

    A Budget must be in force while it checks.
    """
    standard: dict[str, Any] = draft.VALIDATORS  # type: ignore[attr-defined]
    keywords = {
        **standard,
        "pattern": _pattern,
        "patternProperties": _pattern_properties,
        "uniqueItems": _unique,
        "multipleOf": _multiple_of,
        "additionalProperties": _without_patterns(standard["additionalProperties"]),
    }
    if "unevaluatedProperties" in standard:
        keywords["unevaluatedProperties"] = unevaluated_properties
        keywords["unevaluatedItems"] = unevaluated_items
    counted = {name: _counted(name, keyword) for name, keyword in keywords.items()}
    return jsonschema.validators.extend(draft, counted)
