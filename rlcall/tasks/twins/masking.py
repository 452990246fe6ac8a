"""Masking (Hammer, arXiv 2410.04587): names replaced by random ones, so that only descriptions say what a tool does.

    masked = mask(row, Random(0), 0.67)
    masked.tools[0]["function"]["name"], masked.answer["calls"][0]["name"]      # "qd4k_x8", "qd4k_x8"

Each tool and each parameter is drawn on its own: a name of 5 to 15 characters for a tool, of 4 to 10 for a parameter.
Descriptions, types, defaults and the request stay, and everything that names what was renamed follows: `required`, the
answer's calls, arguments and JSONPaths, and the calls of earlier messages. These names stay as they are:

- what has no description, since nothing else would say what it is;
- keys inside nested objects and of a tool's output, as in Hammer;
- a tool's name in the text of a message (`use get_time`), since the text stays, unless it is a plain word (`search`);
- parameters of a tool whose schema speaks of them in other keywords than `properties` and `required`.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass, replace
from keyword import iskeyword
from random import Random
from typing import Any

from rlcall.calls import show_path
from rlcall.data.rows import Row
from rlcall.verifier.answer import read_path

TOOL_LENGTH, PARAMETER_LENGTH = (5, 15), (4, 10)
_FIRST, _LATER = string.ascii_lowercase, string.ascii_lowercase + string.digits + "_"
_LITERALS = ("null", "true", "false", "none")  # some wire formats read them as values
# A schema with no other keywords than these names its parameters in `properties` and `required` alone.
_PLAIN = frozenset(
    ("type", "properties", "required", "additionalProperties", "description", "title", "$schema")
)


@dataclass(frozen=True, slots=True)
class _Names:
    """Old name -> new one, of tools, and of each tool's parameters by the tool's old name. What stays is not in it."""

    tools: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]]

    def tool(self, name: Any) -> Any:
        return self.tools.get(name, name)

    def arguments(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        new = self.parameters.get(name, {})
        return {new.get(key, key): value for key, value in arguments.items()}

    def path(self, name: str, path: str) -> str:
        steps = read_path(path)
        new = self.parameters.get(name, {}).get(str(steps[0])) if steps else None
        return show_path((new, *steps[1:])) if new else path


def mask(row: Row, rng: Random, probability: float) -> Row:
    """The row with each name masked with that probability (Hammer's is 2/3); it keeps its id.

    The same row and state of `rng` give the same names. No new name is one that the row has, or a Python keyword.
    ValueError where `probability` does not lie from 0 to 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability lies from 0 to 1, and {probability} does not")
    names = _draw(row, rng, probability)
    return replace(
        row,
        messages=[_message(message, names) for message in row.messages],
        tools=[_tool(tool, names) for tool in row.tools],
        answer=row.answer and _answer(row, names),
    )


def _draw(row: Row, rng: Random, probability: float) -> _Names:
    functions = {tool["function"]["name"]: tool["function"] for tool in row.tools}
    said = _said(row)
    taken, tools, parameters = set(functions), {}, {}
    for name, function in functions.items():
        if (
            rng.random() < probability
            and _is_described(function)
            and not _is_mentioned(name, said, row)
        ):
            tools[name] = _new_name(rng, TOOL_LENGTH, taken)
        parameters[name] = _draw_parameters(function.get("parameters") or {}, rng, probability)
    return _Names(tools, parameters)


def _draw_parameters(schema: Mapping[str, Any], rng: Random, probability: float) -> dict[str, str]:
    properties = schema.get("properties") or {}
    taken = set(properties)
    masked = [
        key for key in properties if rng.random() < probability and _is_described(properties[key])
    ]
    plain = schema.keys() <= _PLAIN and '"#/properties' not in json.dumps(schema)
    return {key: _new_name(rng, PARAMETER_LENGTH, taken) for key in masked} if plain else {}


def _is_described(schema: Any) -> bool:
    return isinstance(schema, dict) and bool(str(schema.get("description") or "").strip())


def _said(row: Row) -> str:
    """The text of all messages."""
    return "\n".join(
        json.dumps(message.get("content"), ensure_ascii=False) for message in row.messages
    )


def _is_mentioned(name: str, said: str, row: Row) -> bool:
    """Whether the messages name the tool, and do not merely use a word that is its name."""
    is_word = name.isalpha() and name.islower() and "arguments" not in (row.answer or {})
    return name in said and not is_word


def _new_name(rng: Random, length: tuple[int, int], taken: set[str]) -> str:
    """A name that nothing taken has; it is taken then."""
    while True:
        name = rng.choice(_FIRST) + "".join(rng.choices(_LATER, k=rng.randint(*length) - 1))
        if name not in taken and name not in _LITERALS and not iskeyword(name):
            taken.add(name)
            return name


def _tool(tool: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    function = dict(tool["function"])
    old = function["name"]
    function["name"] = names.tool(old)
    if names.parameters[old]:
        schema = dict(function["parameters"])
        schema["properties"] = names.arguments(old, schema["properties"])
        if isinstance(schema.get("required"), list):
            schema["required"] = [names.parameters[old].get(key, key) for key in schema["required"]]
        function["parameters"] = schema
    return {**tool, "function": function}


def _answer(row: Row, names: _Names) -> dict[str, Any]:
    answer = dict(row.answer or {})
    if isinstance(answer.get("calls"), list):
        answer["calls"] = [_call(call, names) for call in answer["calls"]]
    if "names" in answer:
        answer["names"] = [names.tool(name) for name in answer["names"]]
    return _call(answer, names) if "arguments" in answer else answer


def _call(call: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    """A call of the answer, or the arguments of a given tool, with what is said of them by path."""
    old = call["name"]
    new = {**call, "name": names.tool(old), "arguments": names.arguments(old, call["arguments"])}
    for field in ("accept", "compare"):
        if isinstance(call.get(field), dict):
            new[field] = {names.path(old, path): said for path, said in call[field].items()}
    if "optional" in call:
        new["optional"] = [names.path(old, path) for path in call["optional"]]
    return new


def _message(message: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    new = dict(message)
    if message["role"] == "tool" and "name" in message:
        new["name"] = names.tool(message["name"])
    if message.get("tool_calls"):
        new["tool_calls"] = [
            {**call, "function": _function(call["function"], names)}
            for call in message["tool_calls"]
        ]
    return new


def _function(function: Mapping[str, Any], names: _Names) -> dict[str, Any]:
    """The function of an earlier call, whose arguments are an object or OpenAI's JSON text of one."""
    old, given = str(function.get("name")), function.get("arguments")
    new = {**function, "name": names.tool(old)}
    if isinstance(given, dict):
        new["arguments"] = names.arguments(old, given)
    elif isinstance(given, str) and names.parameters.get(old):
        new["arguments"] = json.dumps(names.arguments(old, json.loads(given)), ensure_ascii=False)
    return new
