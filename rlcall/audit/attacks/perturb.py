"""Changes to right calls: other labels, another order, example values, other types.

    relabelled([Call("f", {}, "a"), Call("g", {"x": Reference("a")}, "b")], {"a": "b", "b": "c"})
    # [Call("f", {}, "b"), Call("g", {"x": Reference("b")}, "c")]

Every function gives new calls and leaves those that it gets as they are.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from rlcall.calls import Call, Reference, references


def relabelled(calls: Sequence[Call], new_labels: Mapping[str, str]) -> list[Call]:
    """Return the calls under new labels, with the references to them; other labels stay."""

    def rename(leaf: Any) -> Any:
        if isinstance(leaf, Reference):
            return replace(leaf, label=new_labels.get(leaf.label, leaf.label))
        return leaf

    result = []
    for call in calls:
        label = new_labels.get(call.label, call.label) if call.label else None
        result.append(Call(call.name, map_leaves(call.arguments, rename), label))
    return result


def by_position(calls: Sequence[Call]) -> list[Call]:
    """Return the calls labelled var1, var2, ... as formats without labels need them."""
    labels = [f"var{number}" for number in range(1, len(calls) + 1)]
    new_labels = {}
    for call, label in zip(calls, labels, strict=True):
        if call.label:
            new_labels[call.label] = label
    renamed = relabelled(calls, new_labels)
    return [replace(call, label=label) for call, label in zip(renamed, labels, strict=True)]


def reordered(calls: Sequence[Call], rng: Random) -> list[Call]:
    """Return the calls in a random order in which each still follows those whose results it uses.

    ValueError where they wait for one another in a circle.
    """
    waiting, result = list(calls), list[Call]()
    while waiting:
        labels = {call.label for call in waiting}
        ready = [call for call in waiting if labels.isdisjoint(_used_labels(call))]
        if not ready:
            raise ValueError("the calls wait for one another in a circle")
        result.append(rng.choice(ready))
        waiting = [call for call in waiting if call is not result[-1]]
    return result


def _used_labels(call: Call) -> set[str]:
    return {reference.label for _, reference in references(call.arguments)}


def map_leaves(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value with every leaf, references included, replaced by `change(leaf)`."""
    if isinstance(value, dict):
        return {key: map_leaves(item, change) for key, item in value.items()}
    if isinstance(value, list):
        return [map_leaves(item, change) for item in value]
    return change(value)


def other_value(value: Any) -> Any:
    """Return a value of the same JSON type that nobody would have meant."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return -value or 1
    return f"not {value}" if isinstance(value, str) else value


def other_types(value: Any) -> list[Any]:
    """Return values of other JSON types that a careless comparison takes for this one."""
    if isinstance(value, bool):
        return [int(value), str(value).lower()]
    if isinstance(value, int | float):
        confusable = [bool(value)] if value in (0, 1) else []
        return [str(value), [value], *confusable]
    if isinstance(value, str):
        return [[value], {"value": value}, True]
    return [value[0]] if isinstance(value, list) and value else [[value]]


def json_type(value: Any) -> str:
    """Return the JSON type of a value, with one type for all numbers."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def example_call(tool: Mapping[str, Any], label: str | None = None) -> Call:
    """Return a call to a tool (OpenAI form) with an example value for each of its parameters."""
    function = tool["function"]
    parameters = function.get("parameters") or {}
    arguments = example_value({"type": "object", **parameters})
    return Call(function["name"], arguments if isinstance(arguments, dict) else {}, label)


EXAMPLES: dict[str, Any] = {
    "integer": 7,
    "number": 7.5,
    "float": 7.5,
    "boolean": True,
    "array": [],
    "null": None,
}


def example_value(schema: Any) -> Any:
    """Return a value that a schema might admit, whatever its limits and patterns."""
    if not isinstance(schema, dict):
        return "made up"
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    if isinstance(kind, list) and kind:
        kind = kind[0]
    if kind in ("object", "dict"):
        properties = schema.get("properties") or {}
        return {key: example_value(item) for key, item in properties.items()}
    return copy.copy(EXAMPLES.get(kind, "made up")) if isinstance(kind, str) else "made up"
