"""Operators that get one thing about the calls wrong: `[f(a="1")]` for `[f(a=1)]`.

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
from rlcall.tasks.negatives.gold import GoldCompletion, Mistake
from rlcall.tasks.negatives.values import (
    enum_values,
    make_arguments,
    make_value,
    other_cases,
    other_references,
    other_types,
    other_values,
    parts_of,
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


def wrong_name(gold: GoldCompletion, rng: Random) -> Calls:
    """Call another tool of the row, or the right one by a name that is not spelt so."""
    for index, call in enumerate(gold.calls):
        for name in (*gold.tools, *respelt(call.name, LONGER_TOOL)):
            if name != call.name:
                yield gold.with_call(index, replace(call, name=name))


def respelt(name: str, longer: tuple[str, ...]) -> list[str]:
    """Spell a name in another case, with a word more, or with one less."""
    words = [word for word in re.split(r"[\W_]+", name) if word]
    snake = "_".join(words).lower()
    camel = "".join(word.capitalize() if index else word for index, word in enumerate(words))
    spellings = [camel, snake, snake.replace("_", "")]
    spellings += ["_".join(words[1:]), "_".join(words[:-1])]
    spellings += [form.format(snake) for form in longer]
    others = dict.fromkeys(spellings)
    return [other for other in others if other and other != name]


def missing_parameter(gold: GoldCompletion, rng: Random) -> Calls:
    """Leave out one argument."""
    for index, call in enumerate(gold.calls):
        for omitted in call.arguments:
            rest = {key: value for key, value in call.arguments.items() if key != omitted}
            yield gold.with_call(index, replace(call, arguments=rest))


def unknown_parameter(gold: GoldCompletion, rng: Random) -> Calls:
    """Give another tool's parameter, one added out of habit, or a right one by another name."""
    for index, call in enumerate(gold.calls):
        for key, value in {**HABITS, **_other_parameters(call, gold, rng)}.items():
            if key not in call.arguments:
                yield gold.with_call(index, replace(call, arguments={**call.arguments, key: value}))
        for old in call.arguments:
            for new in respelt(old, LONGER_PARAMETER):
                renamed = {
                    new if key == old else key: value for key, value in call.arguments.items()
                }
                yield gold.with_call(index, replace(call, arguments=renamed))


def _other_parameters(call: Call, gold: GoldCompletion, rng: Random) -> dict[str, Any]:
    """Return the parameters of the row's other tools, each with a value."""
    parameters = {}
    for name, tool in gold.tools.items():
        if name != call.name:
            for key in tool.parameters.get("properties", ()):
                parameters[key] = make_value(tool, (key,), gold.row.last_request, rng)
    return parameters


def wrong_type(gold: GoldCompletion, rng: Random) -> Calls:
    """Give a value in another JSON type."""
    for index, path, value in _values(gold):
        for other in other_types(value):
            yield _with(gold, index, path, other)


def wrong_value(gold: GoldCompletion, rng: Random) -> Calls:
    """Give a valid value that was not asked for, an enum's in another case, or two exchanged."""
    labels = [call.label for call in gold.calls if call.label]
    for index, path, value in _values(gold):
        if isinstance(value, Reference):
            others = other_references(value, labels)
        elif enum := _enum(gold, index, path):
            others = [*enum, *(other_cases(value) if isinstance(value, str) else ())]
        else:
            others = other_values(value, rng)
        for other in others:
            yield _with(gold, index, path, other)
    yield from _exchanged(gold)


def _enum(gold: GoldCompletion, index: int, path: Path) -> list[Any]:
    tool = gold.tools.get(gold.calls[index].name)
    return enum_values(tool.nodes(path)) if tool else []


def _exchanged(gold: GoldCompletion) -> Calls:
    """Exchange the values of two parameters of one call."""
    for index, call in enumerate(gold.calls):
        texts = [key for key, value in call.arguments.items() if isinstance(value, str)]
        for first, second in pairwise(texts):
            swapped = {first: call.arguments[second], second: call.arguments[first]}
            yield gold.with_call(index, replace(call, arguments={**call.arguments, **swapped}))


def wrong_count(gold: GoldCompletion, rng: Random) -> Iterator[Mistake]:
    """Leave out one call, make one twice, or one too many; where none is due, make one."""
    calls = gold.calls
    if len(calls) == 1:
        yield "[]"
    elif calls:
        for index in range(len(calls)):
            yield [*calls[:index], *calls[index + 1 :]]
    label = f"var{len(calls) + 1}" if calls and calls[0].label else None
    for call in calls:
        yield [*calls, replace(call, label=label)]
    for name, tool in gold.tools.items():
        yield [*calls, Call(name, make_arguments(tool, gold.row.last_request, rng), label)]


def _values(gold: GoldCompletion) -> Iterator[tuple[int, Path, Any]]:
    """Yield every value inside the calls' arguments with its call's index and its path."""
    for index, call in enumerate(gold.calls):
        for path, value in parts_of(call.arguments):
            yield index, path, value


def _with(gold: GoldCompletion, index: int, path: Path, value: Any) -> list[Call]:
    """Return the right calls with another value at one path."""
    call = gold.calls[index]
    return gold.with_call(index, replace(call, arguments=with_value(call.arguments, path, value)))
