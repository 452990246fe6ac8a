"""Taking one thing out of a row: a tool, a parameter, an enum's value, or calls with all that hang on them.

    without_tool(row, "set_wifi").tools             # the others
    without_calls(row.answer, {0})                  # the answer without its first call, or None where that is in doubt

Every function leaves what it is given as it is.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from rlcall.data.rows import Row
from rlcall.verifier.answer import read_answer, read_path
from rlcall.verifier.graph import Edge


def without_tool(row: Row, name: str) -> Row:
    """The row without a tool; its answer stays."""
    return replace(row, tools=[tool for tool in row.tools if tool["function"]["name"] != name])


def with_properties(row: Row, name: str, properties: dict[str, Any]) -> Row:
    """The row with other `properties` in one tool's parameters."""
    return replace(
        row,
        tools=[
            _rewritten(t, properties) if t["function"]["name"] == name else t for t in row.tools
        ],
    )


def _rewritten(tool: dict[str, Any], properties: dict[str, Any]) -> dict[str, Any]:
    function = tool["function"]
    return {
        **tool,
        "function": {
            **function,
            "parameters": {**function["parameters"], "properties": properties},
        },
    }


def properties_of(row: Row, name: str) -> dict[str, Any]:
    """The `properties` of a tool's parameters, as the row writes them; {} where it has none."""
    functions = {tool["function"]["name"]: tool["function"] for tool in row.tools}
    return (functions[name].get("parameters") or {}).get("properties") or {}


def without_argument(answer: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    """The answer with one argument taken out of every call to a tool, and out of what is said about it by path."""
    calls = [_without_key(call, key) if call["name"] == name else call for call in answer["calls"]]
    return {**answer, "calls": calls}


def _without_key(call: dict[str, Any], key: str) -> dict[str, Any]:
    fields = [field for field in ("accept", "optional", "compare") if field in call]
    said: dict[str, Any] = {field: _elsewhere(call[field], key) for field in fields}
    arguments = {name: value for name, value in call["arguments"].items() if name != key}
    changed = {**call, "arguments": arguments, **said}
    return {field: value for field, value in changed.items() if value or field not in said}


def _elsewhere(said: Any, key: str) -> Any:
    """What is said of other places: a mapping by JSONPath, or a list of them."""
    kept = [path for path in said if read_path(path)[:1] != (key,)]
    return {path: said[path] for path in kept} if isinstance(said, dict) else kept


def without_calls(answer: dict[str, Any], lost: Collection[int]) -> dict[str, Any] | None:
    """The answer without some calls and all that use their results, `{"calls": []}` where none is left.

    None where what is then right is in doubt: a call would remain whose result was for a lost one, or the calls that
    remain stood in a `sequence` with those.
    """
    calls, edges = answer["calls"], read_answer(json.dumps(answer)).edges
    gone = _with_users(lost, edges)
    if len(gone) == len(calls):
        return {"calls": []}
    if answer.get("order") == "sequence" or any(
        edge.user in gone and edge.source not in gone for edge in edges
    ):
        return None
    if edges:  # a call without a label is known by its position, which changes
        calls = [
            {**call, "label": call.get("label", f"var{place}")}
            for place, call in enumerate(calls, 1)
        ]
    return {**answer, "calls": [call for place, call in enumerate(calls) if place not in gone]}


def _with_users(lost: Collection[int], edges: Sequence[Edge]) -> set[int]:
    """The calls and all that use their results, or results of those. Users come after what they use."""
    gone = set(lost)
    for edge in sorted(edges, key=lambda edge: edge.user):
        if edge.source in gone:
            gone.add(edge.user)
    return gone
