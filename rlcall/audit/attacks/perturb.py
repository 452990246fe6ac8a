"""Changes to right calls: other labels, another order, made-up values, other types.

    relabelled([Call("f", {}, "a"), Call("g", {"x": Reference("a")}, "b")], {"a": "b", "b": "c"})
    # [Call("f", {}, "b"), Call("g", {"x": Reference("b")}, "c")]

Every function gives new calls and leaves those it was given as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from random import Random
from typing import Any

from rlcall.calls import Call, Reference, references


def relabelled(calls: Sequence[Call], new: Mapping[str, str]) -> list[Call]:
    """The calls under other labels, with the references to them; labels that `new` lacks stay."""

    def rename(value: Any) -> Any:
        return (
            replace(value, label=new.get(value.label, value.label))
            if isinstance(value, Reference)
            else value
        )

    return [
        Call(
            call.name,
            mapped(call.arguments, rename),
            new.get(call.label, call.label) if call.label else None,
        )
        for call in calls
    ]


def by_position(calls: Sequence[Call]) -> list[Call]:
    """The same calls labelled var1, var2, ... as formats without labels need them."""
    named = relabelled(
        calls, {call.label: f"var{place}" for place, call in enumerate(calls, 1) if call.label}
    )
    return [replace(call, label=f"var{place}") for place, call in enumerate(named, 1)]


def reordered(calls: Sequence[Call], rng: Random) -> list[Call]:
    """A random order in which every call still follows those whose results it uses."""
    left, done = list(calls), list[Call]()
    while left:
        waiting = {call.label for call in left}
        ready = [
            call for call in left if not waiting & {r.label for _, r in references(call.arguments)}
        ]
        if not ready:
            raise ValueError("the calls wait for one another in a circle")
        done.append(rng.choice(ready))
        left = [call for call in left if call is not done[-1]]
    return done


def mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    """A value with every leaf, references included, replaced by `change(leaf)`."""
    if isinstance(value, dict):
        return {key: mapped(item, change) for key, item in value.items()}
    return [mapped(item, change) for item in value] if isinstance(value, list) else change(value)


def other_value(value: Any) -> Any:
    """A value of the same JSON type that nobody would have meant."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return -value or 1
    return f"not {value}" if isinstance(value, str) else value


def other_types(value: Any) -> list[Any]:
    """Values of other JSON types that a careless comparison takes for this one."""
    if isinstance(value, bool):
        return [int(value), str(value).lower()]
    if isinstance(value, int | float):
        return [str(value), [value], *([bool(value)] if value in (0, 1) else [])]
    if isinstance(value, str):
        return [[value], {"value": value}, True]
    return [value[0]] if isinstance(value, list) and value else [[value]]


def json_type(value: Any) -> str:
    """The JSON type of a value, as far as it can be told: numbers have one type."""
    if isinstance(value, bool) or value is None:
        return "null" if value is None else "boolean"
    return "number" if isinstance(value, int | float) else type(value).__name__


def made_call(tool: Mapping[str, Any], label: str | None = None) -> Call:
    """A call to a tool (OpenAI form) with values that its schema might admit for all of its parameters."""
    function = tool["function"]
    parameters = function.get("parameters") or {}
    return Call(function["name"], made_value({"type": "object", **parameters}), label)


def made_value(schema: Any) -> Any:
    """A value that a schema might admit; it takes no trouble over limits and patterns."""
    if not isinstance(schema, dict):
        return "made up"
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) and kind else kind
    if kind in ("object", "dict"):
        return {key: made_value(item) for key, item in (schema.get("properties") or {}).items()}
    made: dict[Any, Any] = {
        "integer": 7,
        "number": 7.5,
        "float": 7.5,
        "boolean": True,
        "array": [],
        "null": None,
    }
    return made[kind] if isinstance(kind, str) and kind in made else "made up"
