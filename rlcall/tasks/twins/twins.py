"""Twins: a row with one thing removed, and what is then right. They tell procedure from template.

    row.answer          # {"calls": [{"name": "set_wifi", "arguments": {"on": True}}]}
    twin = twins(row, Random(0))[0]
    twin.id             # "phone-7~gold_tool_removed", for the row "phone-7"
    twin.answer         # {"calls": []}: no other tool can do it

A model that has learned to call looks at what is there; one that has learned a template answers the
twin with the row's own answer (`rlcall.metrics.template_rate`). The idea is N-1 of arXiv
2603.23004, carried over from power grids to tools.

A twin is made only where what is then right is beyond doubt. Calls that use a lost result fall with
it; where a call would remain whose result was for a lost one only, or the calls of a `sequence`
would be torn apart, that twin is left out. So is one whose tool the conversation has used already,
and one that would leave no tool at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

from rlcall import wire
from rlcall.calls import references
from rlcall.data.rows import Row
from rlcall.tasks.twins.removal import (
    properties_of,
    with_properties,
    without_argument,
    without_calls,
    without_tool,
)
from rlcall.verifier.answer import ExpectedCall
from rlcall.verifier.schema import Tool, compile_tools
from rlcall.verify import verify

_NESTFUL = wire.get("nestful")  # it can write any calls, labels and references included


def twins(row: Row, rng: Random, *, shorter: Row | None = None) -> list[Row]:
    """Return the row's twins, at most one of each kind that it allows, in the order of KINDS.

    `shorter` is the row rebuilt with one of its requests left out, which only its generator can do;
    it keeps the row's tools. Rows without an answer of calls have no twins. ValueError for a row
    without an id: a twin is named after it.
    """
    if row.id is None:
        raise ValueError(
            "a row without an id has no twins: they are named after it, so give it one"
        )
    if not _has_calls(row):
        return []
    sound = []
    for kind, removals in KINDS.items():
        candidates = list(removals(row, shorter))
        rng.shuffle(candidates)
        for twin in candidates:
            if _is_sound(row, twin):
                sound.append(replace(twin, id=f"{row.id}~{kind}", task=row.task))
                break
    return sound


def original_id(id: str) -> str:
    """Return the id of the row that a twin was made from; any other id as it is."""
    return id.rpartition("~")[0] if kind_of(id) else id


def kind_of(id: str | None) -> str | None:
    """Return the kind of twin that an id names, or None for the id of a row that is none."""
    _, mark, kind = (id or "").rpartition("~")
    return kind if mark and kind in KINDS else None


def _has_calls(row: Row) -> bool:
    return isinstance((row.answer or {}).get("calls"), list)


def _is_sound(row: Row, twin: Row) -> bool:
    """Tell whether a twin's answer is right for it, and for the row only if it is the row's."""
    if not twin.tools or not _has_calls(twin):
        return False
    gold = _NESTFUL.render(twin.wanted.gold_calls())

    def is_right_for(other: Row) -> bool:
        return bool(verify(gold, other.tools, other.answer, wire=_NESTFUL.name).correct)

    return is_right_for(twin) and (twin.answer == row.answer or not is_right_for(row))


def _gold_tool_removed(row: Row, shorter: Row | None) -> Iterator[Row]:
    """Take out a tool: its calls cannot be made, nor those that use their results."""
    calls, used = _expected(row), _used_before(row)
    lost_by_tool: dict[str, set[int]] = {}
    for index, call in enumerate(calls):
        lost_by_tool.setdefault(call.name, set()).add(index)
    for name, lost in lost_by_tool.items():
        if name not in used and (answer := without_calls(row.answer or {}, lost)):
            yield replace(without_tool(row, name), answer=answer)


def _distractor_removed(row: Row, shorter: Row | None) -> Iterator[Row]:
    """Take out a tool that nothing needs: the same calls are due."""
    needed = {call.name for call in _expected(row)} | _used_before(row)
    for tool in row.tools:
        name = tool["function"]["name"]
        if name not in needed:
            yield without_tool(row, name)


def _optional_parameter_removed(row: Row, shorter: Row | None) -> Iterator[Row]:
    """Take out an optional parameter that the answer gives: the calls are due without it."""
    calls, tools = _expected(row), compile_tools(row.tools_text)
    for name, key in dict.fromkeys((call.name, key) for call in calls for key in call.arguments):
        values = [call.arguments.get(key) for call in calls if call.name == name]
        if not _is_optional(tools.get(name), key) or any(references(values)):
            continue
        properties = dict(properties_of(row, name))
        properties.pop(key, None)
        answer = without_argument(row.answer or {}, name, key)
        yield replace(with_properties(row, name, properties), answer=answer)


def _is_optional(tool: Tool | None, key: str) -> bool:
    """Tell whether a parameter is optional by the schema's own `properties`.

    None is where the schema does not say at all what is required: many data sets have lost that.
    """
    if tool is None or not tool.parameters.get("required"):
        return False
    return key in tool.parameters.get("properties", ()) and not tool.is_required((key,))


def _request_removed(row: Row, shorter: Row | None) -> Iterator[Row]:
    """Take out all requests but the first."""
    if shorter is not None:
        yield replace(shorter, tools=row.tools)


def _enum_value_removed(row: Row, shorter: Row | None) -> Iterator[Row]:
    """Take out the value of a required parameter: no call can be right in its place."""
    calls, tools = _expected(row), compile_tools(row.tools_text)
    for call in calls:
        for key, value in call.arguments.items():
            if not _is_pinned(row, call, key, tools.get(call.name)):
                continue
            lost = set()
            for index, other in enumerate(calls):
                if other.name == call.name and other.arguments.get(key) == value:
                    lost.add(index)
            if answer := without_calls(row.answer or {}, lost):
                properties = properties_of(row, call.name)
                changed = {**properties, key: _without_value(properties[key], value)}
                yield replace(with_properties(row, call.name, changed), answer=answer)


def _is_pinned(row: Row, call: ExpectedCall, key: str, tool: Tool | None) -> bool:
    """Tell whether a required parameter's one right value is an enum's, among others."""
    schema = properties_of(row, call.name).get(key)
    value = call.arguments[key]
    if tool is None or not tool.is_required((key,)) or not isinstance(schema, dict):
        return False
    enum = schema.get("enum")
    if not isinstance(enum, list) or value not in enum or len(enum) < 2:
        return False
    path = (key,)
    if call.accepted(path) or call.may_be_left_out(path) or call.comparator(path)[1]:
        return False
    return str(value) not in str(schema.get("description"))


def _without_value(schema: dict[str, Any], value: Any) -> dict[str, Any]:
    """Take a value out of an enum, and out of the default."""
    schema = {**schema, "enum": [other for other in schema["enum"] if other != value]}
    if schema.get("default") == value:
        schema.pop("default", None)
    return schema


KINDS: dict[str, Callable[[Row, Row | None], Iterator[Row]]] = {
    "gold_tool_removed": _gold_tool_removed,
    "distractor_removed": _distractor_removed,
    "optional_parameter_removed": _optional_parameter_removed,
    "request_removed": _request_removed,
    "enum_value_removed": _enum_value_removed,
}


def _expected(row: Row) -> tuple[ExpectedCall, ...]:
    calls = row.wanted.calls
    assert isinstance(calls, tuple)
    return calls


def _used_before(row: Row) -> set[str]:
    """Name the tools called in the conversation: without them it would make no sense."""
    names = set()
    for message in row.messages:
        for call in message.get("tool_calls") or ():
            names.add(call["function"].get("name"))
    return names
