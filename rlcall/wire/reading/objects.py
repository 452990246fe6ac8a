"""JSON values as calls: `call_of({"name": "f", "arguments": {"a": 1}})` -> `[Call("f", {"a": 1})]`."""

from __future__ import annotations

import reprlib
from collections.abc import Iterable
from typing import Any

from rlcall.calls import Call, decode, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.parsed import EXCERPT, MAX_CALLS, Item, Problem, Tools, Unreadable
from rlcall.wire.reading.typed import properties_of, typed

WITH_ID = frozenset({"id", "type", "index"})  # what servers add to a call


def call_object(call: Call, key: str = "arguments") -> dict[str, Any]:
    """A call as a JSON object: `{"name": "f", "arguments": {"a": "$v$"}, "label": "w"}`, without a label if None."""
    value: dict[str, Any] = {"name": call.name, key: encode(call.arguments)}
    return value if call.label is None else {**value, "label": call.label}


def call_of(
    value: Any, key: str = "arguments", ignored: frozenset[str] = frozenset()
) -> list[Item]:
    """A JSON object as a call, with a note where keys are left over. `label` is read wherever it is given."""
    if not isinstance(value, dict):
        raise Unreadable("not_a_call", f"where a call should stand, there is {reprlib.repr(value)}")
    name, arguments, label = value.get("name"), value.get(key), value.get("label")
    if not isinstance(name, str):
        raise Unreadable(
            "not_a_call", "a call without a name" if name is None else "a call's name is not text"
        )
    if not isinstance(arguments, dict):
        raise Unreadable("not_a_call", f"a call without an object {key!r}")
    if label is not None and not isinstance(label, str):
        raise Unreadable("not_a_call", "a call's label is not text")
    call = Call(name, decode(arguments), label)
    if len(value) == (2 if label is None else 3):
        return [call]
    extra = value.keys() - {"name", key, "label"} - ignored
    return (
        [call, Problem("extra_key", f"keys of no use: {sorted(extra)}"[:EXCERPT])]
        if extra
        else [call]
    )


def calls_of(
    values: Iterable[Any], key: str = "arguments", ignored: frozenset[str] = frozenset()
) -> list[Item]:
    """The calls among JSON values, and a problem for every other value. With key "", either key will do."""
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
    return "parameters" if isinstance(value, dict) and "arguments" not in value else "arguments"


def call_of_pairs(name: str, pairs: list[tuple[str, str]], tools: Tools) -> list[Item]:
    """A call whose values are bare text, typed by the tool's schema."""
    schemas = properties_of(tools, name)
    arguments = {key: typed(text, schemas.get(key)) for key, text in pairs}
    if len(arguments) != len(pairs):
        raise Unreadable("duplicate_key", "a call gives the same argument twice")
    return [Call(name, decode(arguments))]


def bare_value(value: Any) -> str:
    """A value as the formats of bare text write it: text as it stands, anything else as JSON."""
    value = encode(value)
    return value if isinstance(value, str) else bounded_json.dump(value)


def read_object(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    """One JSON object as a call."""
    value, end = bounded_json.read(text, start)
    return call_of(value), end


def read_values(text: str, start: int, separator: str) -> tuple[list[Any], int]:
    """JSON objects one after the other, between them white space and the separator, which may be empty."""
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


def read_list(text: str, start: int, _: Tools) -> tuple[list[Item], int]:
    """A JSON list of calls."""
    value, end = bounded_json.read(text, start)
    if not isinstance(value, list):
        raise Unreadable("not_a_call", "not a list of calls")
    return calls_of(value, ignored=WITH_ID), end
