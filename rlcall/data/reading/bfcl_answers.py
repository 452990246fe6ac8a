"""BFCL's answers (Berkeley Function Calling Leaderboard, Apache-2.0) as answers of ours.

    answer_of([{"weather": {"city": ["Paris", "Paris, France"], "unit": ["C", ""]}}])
    # {"calls": [{"name": "weather", "arguments": {"city": "Paris", "unit": "C"},
    #             "accept": {"$.city": ["Paris, France"], "$.unit": [""]}, "optional": ["$.unit"]}], "compare": "text"}

Each parameter has a list of accepted values, with `""` among them where it may be left out; BFCL then takes an empty
string as well. An accepted value that is an object, or a list of objects, has such a list for each of its keys; below
that, values are literal.
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

Accepted = Mapping[str, Sequence[Any]]  # key -> accepted values

RULED_OUT = "accepted values that their tool's schema rules out were left out"


def answer_of(answers: Sequence[Mapping[str, Accepted]]) -> dict[str, Any]:
    """The answer to BFCL's `ground_truth`, `[{tool: {parameter: [accepted values]}}]`; no call is due where it is [].

    ValueError where two objects are accepted in one place, since an answer of ours has its choices by path, and where
    the accepted values are no list. BFCL's Python categories have neither.
    """
    calls = [_call(name, accepted) for entry in answers for name, accepted in entry.items()]
    return {"calls": calls, "compare": "text"}


def _call(name: str, accepted: Accepted) -> dict[str, Any]:
    choices: dict[str, Any] = {"accept": {}, "optional": []}
    arguments = _members(accepted, (), choices)
    return {
        "name": name,
        "arguments": arguments,
        **{key: value for key, value in choices.items() if value},
    }


def _members(accepted: Accepted, path: Path, choices: dict[str, Any]) -> dict[str, Any]:
    """The first accepted value of each key. The others, and what may be left out, go to `choices`."""
    members = {}
    for key, values in accepted.items():
        place = (*path, key)
        if not isinstance(values, list):
            raise ValueError(f"what is accepted at {show_path(place)} is not a list")
        others = list(values)
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
    if isinstance(value, dict) or (
        isinstance(value, list) and any(isinstance(item, dict) for item in value)
    ):
        raise ValueError(
            f"two objects are accepted at {show_path(path)}; say which values are right by their paths"
        )
    return plain(value)


def fitted(call: dict[str, Any], tool: Tool | None, notes: list[str]) -> dict[str, Any]:
    """A call of an answer with the values that its tool's schema leaves of those accepted; the first is the argument.

    BFCL's checker looks at no enum and lets a value of the answer's own type pass for any; ours holds a call to its
    schema, so that a value which the schema rules out can never be right. What may be left out, and has no other value,
    is left out. All other faults stay, for `check_gold` to find.
    """
    if tool is None or "accept" not in call:
        return call
    result = {"accept": {}, "optional": [], **copy.deepcopy(call)}
    for text in sorted(
        result["accept"], key=lambda text: len(read_path(text)), reverse=True
    ):  # from the inside out
        _fit_place(result, text, tool, notes)
    result["accept"] = {text: values for text, values in result["accept"].items() if values}
    result["optional"] = [text for text in result["optional"] if tool.declares(read_path(text))]
    return {key: result[key] for key in call if result[key] or key == "arguments"}


def _fit_place(call: dict[str, Any], text: str, tool: Tool, notes: list[str]) -> None:
    *steps, last = path = read_path(text)
    parent = functools.reduce(operator.getitem, steps, call["arguments"])
    values = [*([parent[last]] if last in parent else []), *call["accept"][text]]
    kept = [value for value in values if _is_valid(value, tool, path)]
    notes += [RULED_OUT] * (
        sum(value != "" for value in values) - sum(value != "" for value in kept)
    )
    if any(value != "" for value in kept) or (kept and tool.is_required(path)):
        parent[last] = kept.pop(next((index for index, value in enumerate(kept) if value != ""), 0))
    elif text in call["optional"] and not tool.is_required(path):
        parent.pop(last, None)
    call["accept"][text] = kept


def _is_valid(value: Any, tool: Tool, path: Path) -> bool:
    return tool.declares(path) and all(fits(decode(value), node) for node in tool.nodes(path))
