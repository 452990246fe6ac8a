"""Operators that get one thing about the calls wrong: `[f(a="1")]` for `[f(a=1)]`, written as the run writes calls.

Each yields all the ways that it knows; which of them are mistakes is for the verifier to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from random import Random
from typing import Any

from rlcall.calls import Call, Path, Reference, with_value
from rlcall.tasks.negatives.right import Right
from rlcall.tasks.negatives.values import (
    made_arguments,
    made_value,
    members,
    other_cases,
    other_references,
    other_types,
    other_values,
    places,
)

Calls = Iterator[list[Call]]

# What models add unasked.
HABITS: dict[str, Any] = {
    "limit": 10,
    "language": "en",
    "format": "json",
    "verbose": True,
    "user_id": 1,
    "timeout": 30,
}
LONGER_TOOL, LONGER_PARAMETER = ("get_{}", "{}_tool", "{}_now"), ("{}_name", "{}_value", "the_{}")


def wrong_name(right: Right, rng: Random) -> Calls:
    """Another tool of the row, or the right one's name as it is not spelt."""
    for index, call in enumerate(right.calls):
        for name in (*right.tools, *respelt(call.name, LONGER_TOOL)):
            if name != call.name:
                yield right.changed(index, replace(call, name=name))


def respelt(name: str, longer: tuple[str, ...]) -> list[str]:
    """A name in another case, with a word more, or with one less."""
    words = [word for word in re.split(r"[\W_]+", name) if word]
    camel = "".join([*words[:1], *(word.capitalize() for word in words[1:])])
    snake = "_".join(words).lower()
    forms = [camel, snake, snake.replace("_", ""), "_".join(words[1:]), "_".join(words[:-1])]
    spelt = [*forms, *(form.format(snake) for form in longer)]
    return [other for other in dict.fromkeys(spelt) if other and other != name]


def missing_parameter(right: Right, rng: Random) -> Calls:
    for index, call in enumerate(right.calls):
        for left_out in call.arguments:
            rest = {key: value for key, value in call.arguments.items() if key != left_out}
            yield right.changed(index, replace(call, arguments=rest))


def unknown_parameter(right: Right, rng: Random) -> Calls:
    """A neighbour's parameter, one that models add out of habit, or a right one's name as it is not spelt."""
    for index, call in enumerate(right.calls):
        for key, value in {**HABITS, **_of_neighbours(call, right, rng)}.items():
            if key not in call.arguments:
                yield right.changed(index, replace(call, arguments={**call.arguments, key: value}))
        for old in call.arguments:
            for new in respelt(old, LONGER_PARAMETER):
                renamed = {
                    new if key == old else key: value for key, value in call.arguments.items()
                }
                yield right.changed(index, replace(call, arguments=renamed))


def _of_neighbours(call: Call, right: Right, rng: Random) -> dict[str, Any]:
    return {
        key: made_value(tool, (key,), right.row.last_request, rng)
        for name, tool in right.tools.items()
        for key in tool.parameters.get("properties", ())
        if name != call.name
    }


def wrong_type(right: Right, rng: Random) -> Calls:
    for index, path, value in _places(right):
        for other in other_types(value):
            yield _with(right, index, path, other)


def wrong_value(right: Right, rng: Random) -> Calls:
    """A valid value that was not asked for, an enum's word in another case, two parameters' values exchanged."""
    labels = [call.label for call in right.calls if call.label]
    for index, path, value in _places(right):
        enum = _enum(right, index, path)
        for other in (
            other_references(value, labels) if isinstance(value, Reference)
            else [*enum, *other_cases(value)] if enum and isinstance(value, str)
            else enum or other_values(value, rng)
        ):  # fmt: skip
            yield _with(right, index, path, other)
    yield from _exchanged(right)


def _enum(right: Right, index: int, path: Path) -> list[Any]:
    tool = right.tools.get(right.calls[index].name)
    return members(tool.nodes(path)) if tool else []


def _exchanged(right: Right) -> Calls:
    """Two parameters of one call with each other's value."""
    for index, call in enumerate(right.calls):
        texts = [key for key, value in call.arguments.items() if isinstance(value, str)]
        for one, other in pairwise(texts):
            swapped = {**call.arguments, one: call.arguments[other], other: call.arguments[one]}
            yield right.changed(index, replace(call, arguments=swapped))


def wrong_count(right: Right, rng: Random) -> Iterator[list[Call] | str]:
    """One call left out, made twice, or made too many; `[]` for the only one. Where none is due, one is made."""
    if len(right.calls) == 1:
        yield "[]"
    elif right.calls:
        yield from (
            [*right.calls[:index], *right.calls[index + 1 :]] for index in range(len(right.calls))
        )
    label = f"var{len(right.calls) + 1}" if right.calls and right.calls[0].label else None
    yield from ([*right.calls, replace(call, label=label)] for call in right.calls)
    for name, tool in right.tools.items():
        yield [*right.calls, Call(name, made_arguments(tool, right.row.last_request, rng), label)]


def _places(right: Right) -> Iterator[tuple[int, Path, Any]]:
    for index, call in enumerate(right.calls):
        yield from ((index, path, value) for path, value in places(call.arguments))


def _with(right: Right, index: int, path: Path, value: Any) -> list[Call]:
    call = right.calls[index]
    return right.changed(index, replace(call, arguments=with_value(call.arguments, path, value)))
