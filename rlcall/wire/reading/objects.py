"""JSON values as calls, and calls as JSON values.

call_of({"name": "f", "arguments": {"a": 1}})     # [Call("f", {"a": 1})]
"""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from typing import Any

from rlcall.calls import Call, decode, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.parsed import EXCERPT, MAX_CALLS, Item, Problem, Tools, Unreadable
from rlcall.wire.reading.typed import parameters_of, typed

WITH_ID = frozenset({"id", "type", "index"})  # what servers add to a call


def call_object(call: Call, key: str = "arguments") -> dict[str, Any]:
    """Return a call as a JSON object, with its label where it has one.

    `{"name": "f", "arguments": {"a": "$v$"}, "label": "w"}`
    """
    value: dict[str, Any] = {"name": call.name, key: encode(call.arguments)}
    if call.label is not None:
        value["label"] = call.label
    return value


def dump_call(call: Call, key: str = "arguments") -> str:
    """Return a call as the text of a JSON object."""
    return bounded_json.dump(call_object(call, key))


def dump_calls(calls: Iterable[Call]) -> str:
    """Return calls as the text of a JSON list of objects."""
    return bounded_json.dump([call_object(call) for call in calls])


def call_of(
    value: Any, key: str = "arguments", ignored: frozenset[str] = frozenset()
) -> list[Item]:
    """Return a JSON object as a call, with a note where keys are left over.

    `label` is read wherever it is given. Raises `Unreadable` where the value is no call.
    """
    if not isinstance(value, dict):
        raise Unreadable("not_a_call", f"instead of a call there is {reprlib.repr(value)}")
    name, arguments, label = value.get("name"), value.get(key), value.get("label")
    if not isinstance(name, str):
        message = "a call without a name" if name is None else "a call's name is not text"
        raise Unreadable("not_a_call", message)
    if not isinstance(arguments, dict):
        raise Unreadable("not_a_call", f"a call without an object {key!r}")
    if label is not None and not isinstance(label, str):
        raise Unreadable("not_a_call", "a call's label is not text")
    items: list[Item] = [Call(name, decode(arguments), label)]
    if len(value) > (2 if label is None else 3):  # most calls have no other keys
        extra = value.keys() - {"name", key, "label"} - ignored
        if extra:
            items.append(extra_keys(extra))
    return items


def extra_keys(keys: Iterable[str]) -> Problem:
    """Return the note for keys that nothing reads."""
    message = f"keys of no use: {sorted(keys)}"
    return Problem("extra_key", message[:EXCERPT])


def calls_of(
    values: Iterable[Any], key: str = "arguments", ignored: frozenset[str] = frozenset()
) -> list[Item]:
    """Return the calls among JSON values, and a problem for every other value.

    With key "", either key will do.
    """
    items: list[Item] = []
    for number, value in enumerate(values):
        if number == MAX_CALLS:
            return [*items, Problem("too_large", f"more than {MAX_CALLS} calls")]
        try:
            items += call_of(value, key or _key_of(value), ignored)
        except Unreadable as error:
            items.append(error.problem(reprlib.repr(value)))
    return items


def calls_among(values: Any) -> list[Item]:
    """Return the calls among JSON values, with `arguments` or `parameters`.

    Raises `Unreadable` where none of them looks like one: that is data, not calls.
    """
    if not isinstance(values, list):
        raise Unreadable("not_a_call", "JSON, but no call")
    if values and not any(isinstance(value, dict) and "name" in value for value in values):
        raise Unreadable("not_a_call", "JSON, but no call")
    return calls_of(values, "", WITH_ID)


def _key_of(value: Any) -> str:
    if isinstance(value, dict) and "arguments" not in value:
        return "parameters"
    return "arguments"


def call_of_pairs(name: str, pairs: list[tuple[str, str]], tools: Tools) -> list[Item]:
    """Return a call whose values are bare text, typed by the tool's schema."""
    parameters = parameters_of(tools, name)
    arguments = {key: typed(text, parameters.wanted(key)) for key, text in pairs}
    if len(arguments) != len(pairs):
        raise Unreadable("duplicate_key", "a call gives the same argument twice")
    return [Call(name, decode(arguments))]


def bare_value(value: Any) -> str:
    """Return a value as the formats of bare text write it: text as it is, anything else as JSON."""
    value = encode(value)
    return value if isinstance(value, str) else bounded_json.dump(value)


def framed(text: str) -> str:
    """Return a value's text for tags around it whose line breaks next to it are no part of it.

    A text that itself begins or ends with a line break is put on lines of its own.
    """
    return f"\n{text}\n" if text.startswith("\n") or text.endswith("\n") else text


def read_object(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    """Return one JSON object as a call, and where it ends."""
    value, end = bounded_json.read(text, start)
    return call_of(value), end


def read_list(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    """Return a JSON list of calls, and where it ends."""
    value, end = bounded_json.read(text, start)
    if not isinstance(value, list):
        raise Unreadable("not_a_call", "not a list of calls")
    return calls_of(value, ignored=WITH_ID), end


def read_values(text: str, start: int, separator: str) -> tuple[list[Any], int]:
    """Return JSON objects one after the other, and where the last one ends.

    Between them are white space and the separator, which may be empty.
    """
    value, end = bounded_json.read(text, start)
    values = [value]
    while True:
        after = bounded_json.skip_space(text, end)
        if separator and not text.startswith(separator, after):
            return values, end
        after = bounded_json.skip_space(text, after + len(separator))
        if not text.startswith("{", after):
            return values, end
        if len(values) == MAX_CALLS:
            raise Unreadable("too_large", f"more than {MAX_CALLS} calls", after)
        value, end = bounded_json.read(text, after)
        values.append(value)
