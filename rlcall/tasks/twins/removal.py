"""Removals from a row: a tool, a parameter, an enum's value, or calls with all that hang on them.

    without_tool(row, "set_wifi").tools             # the others
    without_calls(row.answer, {0})                  # the answer without its first call, or None

No function changes what it is given.
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
    """Take out a tool; the answer stays."""
    tools = [tool for tool in row.tools if tool["function"]["name"] != name]
    return replace(row, tools=tools)


def with_properties(row: Row, name: str, properties: dict[str, Any]) -> Row:
    """Give one tool's parameters other `properties`."""
    tools = []
    for tool in row.tools:
        function = tool["function"]
        if function["name"] == name:
            parameters = {**function["parameters"], "properties": properties}
            tool = {**tool, "function": {**function, "parameters": parameters}}
        tools.append(tool)
    return replace(row, tools=tools)


def properties_of(row: Row, name: str) -> dict[str, Any]:
    """Return the `properties` of a tool's parameters, as the row writes them; {} for none."""
    functions = [tool["function"] for tool in row.tools]
    function = next(function for function in functions if function["name"] == name)
    parameters = function.get("parameters") or {}
    return parameters.get("properties") or {}


def without_argument(answer: dict[str, Any], name: str, key: str) -> dict[str, Any]:
    """Take one argument out of every call to a tool, with what is said about it by path."""
    calls = []
    for call in answer["calls"]:
        calls.append(_without_key(call, key) if call["name"] == name else call)
    return {**answer, "calls": calls}


def _without_key(call: dict[str, Any], key: str) -> dict[str, Any]:
    arguments = {name: value for name, value in call["arguments"].items() if name != key}
    changed = {**call, "arguments": arguments}
    for field in ("accept", "optional", "compare"):
        if field in call:
            others = _of_other_keys(call[field], key)
            if others:
                changed[field] = others
            else:
                del changed[field]
    return changed


def _of_other_keys(by_path: Any, key: str) -> Any:
    """Keep what is said of other arguments: a mapping by JSONPath, or a list of them."""
    paths = [path for path in by_path if read_path(path)[:1] != (key,)]
    if isinstance(by_path, dict):
        return {path: by_path[path] for path in paths}
    return paths


def without_calls(answer: dict[str, Any], lost: Collection[int]) -> dict[str, Any] | None:
    """Take out some calls and all that use their results; `{"calls": []}` where none remains.

    None where what is then right is in doubt: a call would remain whose result was for a lost one,
    or the calls that remain were in a `sequence` with those.
    """
    calls, edges = answer["calls"], read_answer(json.dumps(answer)).edges
    gone = _with_users(lost, edges)
    if len(gone) == len(calls):
        return {"calls": []}
    is_cut = any(edge.user in gone and edge.source not in gone for edge in edges)
    if is_cut or answer.get("order") == "sequence":
        return None
    rest = []
    for number, call in enumerate(calls, 1):
        if number - 1 not in gone:
            # A call without a label is known by its position, which changes.
            label = {"label": call.get("label", f"var{number}")} if edges else {}
            rest.append({**call, **label})
    return {**answer, "calls": rest}


def _with_users(lost: Collection[int], edges: Sequence[Edge]) -> set[int]:
    """Add all calls that use the lost ones' results, or results of those."""
    gone = set(lost)
    for edge in sorted(edges, key=lambda edge: edge.user):  # users come after what they use
        if edge.source in gone:
            gone.add(edge.user)
    return gone
