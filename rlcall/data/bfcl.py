"""BFCL's answers (Berkeley Function Calling Leaderboard, Apache-2.0) as answers of ours.

    answer_of([{"weather": {"city": ["Paris", "Paris, France"], "unit": ["C", ""]}}])
    # {"calls": [{"name": "weather", "arguments": {"city": "Paris", "unit": "C"},
    #             "accept": {"$.city": ["Paris, France"], "$.unit": [""]}, "optional": ["$.unit"]}], "compare": "text"}

Each parameter has a list of accepted values, with `""` among them where it may be left out; BFCL then takes an empty
string as well. An accepted value that is an object, or a list of objects, has such a list for each of its keys; below
that, values are literal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.calls import Path, show_path
from rlcall.data.rows import plain

Accepted = Mapping[str, Sequence[Any]]  # key -> accepted values


def answer_of(answers: Sequence[Mapping[str, Accepted]]) -> dict[str, Any]:
    """The answer to BFCL's `ground_truth`, `[{tool: {parameter: [accepted values]}}]`; no call is due where it is [].

    ValueError where two objects are accepted in one place: an answer of ours has its choices by path. BFCL has none.
    """
    calls = [_call(name, accepted) for entry in answers for name, accepted in entry.items()]
    return {"calls": calls, "compare": "text"}


def _call(name: str, accepted: Accepted) -> dict[str, Any]:
    choices: dict[str, Any] = {"accept": {}, "optional": []}
    arguments = _members(accepted, (), choices)
    return {"name": name, "arguments": arguments, **{key: value for key, value in choices.items() if value}}


def _members(accepted: Accepted, path: Path, choices: dict[str, Any]) -> dict[str, Any]:
    """The first accepted value of each key. The others, and what may be left out, go to `choices`."""
    members = {}
    for key, values in accepted.items():
        place, others = (*path, key), list(values)
        if "" in values:
            choices["optional"].append(show_path(place))
        first = next((index for index, value in enumerate(values) if value != ""), None)
        if first is not None:
            value = others.pop(first)
            members[key] = plain(value) if path else _value(value, place, choices)
        if others:
            choices["accept"][show_path(place)] = [_literal(other, place) for other in others]
    return members


def _value(value: Any, path: Path, choices: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return _members(value, path, choices)
    if isinstance(value, list):
        return [_value(item, (*path, index), choices) for index, item in enumerate(value)]
    return plain(value)


def _literal(value: Any, path: Path) -> Any:
    if isinstance(value, dict) or (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
        raise ValueError(f"two objects are accepted at {show_path(path)}; say which values are right by their paths")
    return plain(value)
