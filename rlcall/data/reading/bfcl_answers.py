"""BFCL's answers (Berkeley Function Calling Leaderboard, Apache-2.0) as answers of ours.

    answer_of([{"weather": {"city": ["Paris", "Paris, France"], "unit": ["C", ""]}}])
    # {"calls": [{"name": "weather", "arguments": {"city": "Paris", "unit": "C"},
    #             "accept": {"$.city": ["Paris, France"], "$.unit": [""]}, "optional": ["$.unit"]}],
    #  "compare": "text"}

Each parameter has a list of accepted values, with `""` among them where it may be left out; BFCL
then takes an empty string as well. An accepted value that is an object, or a list of objects, has
such a list for each of its keys; below that, values are literal.
"""

from __future__ import annotations

import copy
import functools
import operator
from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.calls import Path, decode, show_path
from rlcall.data.reading.python_types import fits
from rlcall.data.rows import plain
from rlcall.verifier.answer import read_path
from rlcall.verifier.schema import Tool

Accepted = Mapping[str, Sequence[Any]]
"""Accepted values by key."""

RULED_OUT = "accepted values that their tool's schema rules out were left out"  # a note


def answer_of(answers: Sequence[Mapping[str, Accepted]]) -> dict[str, Any]:
    """Return the answer of BFCL's `ground_truth`, `[{tool: {parameter: [accepted values]}}]`.

    No call is due where it is []. Raises ValueError where two objects are accepted in one place,
    since an answer of ours has its choices by path, and where the accepted values are no list.
    BFCL's Python categories have neither.
    """
    calls = []
    for entry in answers:
        for name, accepted in entry.items():
            calls.append(_call(name, accepted))
    return {"calls": calls, "compare": "text"}


def _call(name: str, accepted: Accepted) -> dict[str, Any]:
    choices: dict[str, Any] = {"accept": {}, "optional": []}
    call = {"name": name, "arguments": _members(accepted, (), choices)}
    for key, value in choices.items():
        if value:
            call[key] = value
    return call


def _members(accepted: Accepted, path: Path, choices: dict[str, Any]) -> dict[str, Any]:
    """Return the first accepted value of each key.

    The others, and what may be left out, are added to `choices`.
    """
    members = {}
    for key, values in accepted.items():
        member_path = (*path, key)
        shown_path = show_path(member_path)
        if not isinstance(values, list):
            raise ValueError(f"what is accepted at {shown_path} is not a list")
        if "" in values:
            choices["optional"].append(shown_path)
        others = list(values)
        first = _first_filled(values)
        if first is not None:
            value = others.pop(first)
            members[key] = plain(value) if path else _value(value, member_path, choices)
        if others:
            choices["accept"][shown_path] = [_literal(other, shown_path) for other in others]
    return members


def _first_filled(values: Sequence[Any]) -> int | None:
    """Return the index of the first value that is not ""; None where there is none."""
    return next((index for index, value in enumerate(values) if value != ""), None)


def _value(value: Any, path: Path, choices: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return _members(value, path, choices)
    if isinstance(value, list):
        return [_value(item, (*path, index), choices) for index, item in enumerate(value)]
    return plain(value)


def _literal(value: Any, shown_path: str) -> Any:
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, dict) for item in items):
        remedy = "say which values are right by their paths"
        raise ValueError(f"two objects are accepted at {shown_path}; {remedy}")
    return plain(value)


def fitted(call: dict[str, Any], tool: Tool | None, notes: list[str]) -> dict[str, Any]:
    """Return a call of an answer without the accepted values that its tool's schema rules out.

    BFCL's checker looks at no enum and lets a value of the answer's own type pass for any; ours
    holds a call to its schema, so that a value which the schema rules out can never be right. The
    first value left is the argument; what may be left out, and has no value left, is left out. All
    other faults stay, for `check_calls` to find.
    """
    if tool is None or "accept" not in call:
        return call
    result = {"accept": {}, "optional": [], **copy.deepcopy(call)}
    inside_out = sorted(result["accept"], key=lambda path: len(read_path(path)), reverse=True)
    for path in inside_out:
        _fit_values(result, path, tool, notes)
    result["accept"] = {path: values for path, values in result["accept"].items() if values}
    result["optional"] = [path for path in result["optional"] if tool.declares(read_path(path))]
    return {key: result[key] for key in call if result[key] or key == "arguments"}


def _fit_values(call: dict[str, Any], shown_path: str, tool: Tool, notes: list[str]) -> None:
    """Leave out what the schema rules out of the values accepted at a path, in place."""
    path = read_path(shown_path)
    *steps, last = path
    parent = functools.reduce(operator.getitem, steps, call["arguments"])
    values = list(call["accept"][shown_path])
    if last in parent:
        values.insert(0, parent[last])
    valid = [value for value in values if _is_valid(value, tool, path)]
    # "" stands for leaving out, and is not counted.
    ruled_out = (len(values) - values.count("")) - (len(valid) - valid.count(""))
    notes += [RULED_OUT] * ruled_out
    first = _first_filled(valid)
    if first is not None or (valid and tool.is_required(path)):
        parent[last] = valid.pop(first or 0)
    elif shown_path in call["optional"] and not tool.is_required(path):
        parent.pop(last, None)
    call["accept"][shown_path] = valid


def _is_valid(value: Any, tool: Tool, path: Path) -> bool:
    return tool.declares(path) and all(fits(decode(value), node) for node in tool.nodes(path))
