"""`unevaluatedProperties` and `unevaluatedItems`: what no other keyword of a schema has looked at.

jsonschema's own checks match patterns by `re`, which cannot be stopped, and look for each member in
a list of those that were evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import jsonschema

from rlcall.verifier.keywords.budget import budget_in_force

Evaluated = set[Any]  # names of properties, or indices of items
OwnMembers = Callable[[Any, Any, dict[str, Any]], Evaluated]


def unevaluated_properties(
    validator: Any, rest: Any, instance: Any, schema: dict[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    """Yield an error where properties that nothing else evaluates break the schema `rest`."""
    if not validator.is_type(instance, "object"):
        return
    others = {key: value for key, value in schema.items() if key != "unevaluatedProperties"}
    evaluated = _evaluated(validator, instance, others, _own_properties)
    refused = [
        name
        for name, value in instance.items()
        if name not in evaluated and not _is_valid(validator, value, rest)
    ]
    if refused:
        names = ", ".join(map(repr, refused))
        yield jsonschema.ValidationError(f"Unevaluated properties are not allowed: {names}")


def unevaluated_items(
    validator: Any, rest: Any, instance: Any, schema: dict[str, Any]
) -> Iterator[jsonschema.ValidationError]:
    """Yield an error where items that nothing else evaluates break the schema `rest`."""
    if not validator.is_type(instance, "array"):
        return
    others = {key: value for key, value in schema.items() if key != "unevaluatedItems"}
    evaluated = _evaluated(validator, instance, others, _own_items)
    refused = [
        item
        for index, item in enumerate(instance)
        if index not in evaluated and not _is_valid(validator, item, rest)
    ]
    if refused:
        items = ", ".join(map(repr, refused))
        yield jsonschema.ValidationError(f"Unevaluated items are not allowed: {items}")


def _is_valid(validator: Any, value: Any, schema: Any) -> bool:
    return next(validator.descend(value, schema), None) is None


def _evaluated(validator: Any, instance: Any, schema: Any, own_members: OwnMembers) -> Evaluated:
    """Return the members that a schema evaluates, with the schemas that it applies in place."""
    if not isinstance(schema, dict):
        return set()
    budget_in_force().spend(1)
    evaluated = own_members(validator, instance, schema)
    for inner, resolver in _successful_in_place(validator, instance, schema):
        evolved = validator if resolver is None else validator.evolve(_resolver=resolver)
        evaluated |= _evaluated(evolved, instance, inner, own_members)
    return evaluated


def _successful_in_place(
    validator: Any, instance: Any, schema: dict[str, Any]
) -> Iterator[tuple[Any, Any]]:
    """Yield the schemas that a schema applies to the instance itself and that it keeps.

    With each comes the resolver of its references, None for the schema's own.
    """
    for key in ("$ref", "$dynamicRef", "$recursiveRef"):
        if key in schema and key in validator.VALIDATORS:
            resolved = validator._resolver.lookup(schema[key])  # jsonschema has no public way
            yield resolved.contents, resolved.resolver
    for key in ("allOf", "anyOf", "oneOf"):
        for inner in schema.get(key, ()):
            if _is_valid(validator, instance, inner):
                yield inner, None
    for inner in _conditional(validator, instance, schema):
        yield inner, None


def _conditional(validator: Any, instance: Any, schema: dict[str, Any]) -> Iterator[Any]:
    """Yield the schemas that hold under a condition which the instance meets."""
    if "if" in schema:
        is_met = _is_valid(validator, instance, schema["if"])
        if is_met:
            yield schema["if"]
        yield schema.get("then" if is_met else "else")
    for name, inner in schema.get("dependentSchemas", {}).items():
        if name in instance and isinstance(instance, dict):
            yield inner


def _own_properties(validator: Any, instance: dict[str, Any], schema: dict[str, Any]) -> Evaluated:
    """Return the properties that a schema's own keywords evaluate."""
    if "additionalProperties" in schema or "unevaluatedProperties" in schema:
        return set(instance)
    evaluated: Evaluated = schema.get("properties", {}).keys() & instance.keys()
    for pattern in schema.get("patternProperties", ()):
        evaluated.update(budget_in_force().matching(pattern, instance))
    return evaluated


def _own_items(validator: Any, instance: list[Any], schema: dict[str, Any]) -> Evaluated:
    """Return the indices of the items that a schema's own keywords evaluate."""
    everything = set(range(len(instance)))
    items = schema.get("items")
    if "unevaluatedItems" in schema or isinstance(items, dict | bool):
        return everything
    if isinstance(items, list):  # draft 2019-09
        return everything if "additionalItems" in schema else set(range(len(items)))
    evaluated = set()
    if "prefixItems" in schema and "prefixItems" in validator.VALIDATORS:
        evaluated = set(range(len(schema["prefixItems"])))
    if "contains" in schema:
        for index, item in enumerate(instance):
            if _is_valid(validator, item, schema["contains"]):
                evaluated.add(index)
    return evaluated
