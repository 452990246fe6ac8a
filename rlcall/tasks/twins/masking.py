"""Masking (Hammer, arXiv 2410.04587): random names, so that only descriptions say what a tool does.

    masked = mask(row, Random(0), 0.67)
    masked.tools[0]["function"]["name"]         # "qd4k_x8"
    masked.answer["calls"][0]["name"]           # "qd4k_x8"

Each tool and each parameter is drawn on its own: a name of 5 to 15 characters for a tool, of 4 to
10 for a parameter. Descriptions, types, defaults and the request stay, and everything that names
what was renamed follows: `required`, the answer's calls, arguments and JSONPaths, and the calls of
earlier messages. These names stay as they are:

- what has no description, since nothing else would say what it is;
- keys inside nested objects and of a tool's output, as in Hammer;
- a tool's name in the text of a message (`use get_time`), since the text stays, unless it is a
  plain word (`search`);
- parameters of a tool whose schema names them in other keywords than `properties` and `required`.
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
# A schema with only these keywords names its parameters in `properties` and `required` alone.
_PLAIN = frozenset(
    ("type", "properties", "required", "additionalProperties", "description", "title", "$schema")
)


@dataclass(frozen=True, slots=True)
class _NewNames:
    """Old name -> new one, of tools, and of each tool's parameters by the tool's old name.

    A name that stays is not in it.
    """

    tools: Mapping[str, str]
    parameters: Mapping[str, Mapping[str, str]]

    def tool(self, name: Any) -> Any:
        """Return a tool's new name."""
        return self.tools.get(name, name)

    def arguments(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Rename the arguments of a call to a tool."""
        new = self.parameters.get(name, {})
        return {new.get(key, key): value for key, value in arguments.items()}

    def path(self, name: str, path: str) -> str:
        """Rename the parameter in a JSONPath."""
        steps = read_path(path)
        new = self.parameters.get(name, {})
        if steps and steps[0] in new:
            return show_path((new[str(steps[0])], *steps[1:]))
        return path


def mask(row: Row, rng: Random, probability: float) -> Row:
    """Mask each name of a row with that probability (Hammer's is 2/3); the row keeps its id.

    The same row and state of `rng` give the same names. No new name is one that the row has, or a
    Python keyword. ValueError where `probability` does not lie from 0 to 1.
    """
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability lies from 0 to 1, and {probability} does not")
    names = _draw_names(row, rng, probability)
    return replace(
        row,
        messages=[_message(message, names) for message in row.messages],
        tools=[_tool(tool, names) for tool in row.tools],
        answer=row.answer and _answer(row.answer, names),
    )


def _draw_names(row: Row, rng: Random, probability: float) -> _NewNames:
    functions = {tool["function"]["name"]: tool["function"] for tool in row.tools}
    contents = [message.get("content") for message in row.messages]
    text = "\n".join(json.dumps(content, ensure_ascii=False) for content in contents)
    asks_for_arguments = "arguments" in (row.answer or {})
    taken = set(functions)
    tools, parameters = {}, {}
    for name, function in functions.items():
        # A plain word may stand in a request without naming the tool.
        is_word = name.isalpha() and name.islower() and not asks_for_arguments
        is_mentioned = name in text and not is_word
        if rng.random() < probability and _is_described(function) and not is_mentioned:
            tools[name] = _new_name(rng, TOOL_LENGTH, taken)
        parameters[name] = _draw_parameters(function.get("parameters") or {}, rng, probability)
    return _NewNames(tools, parameters)


def _draw_parameters(schema: Mapping[str, Any], rng: Random, probability: float) -> dict[str, str]:
    properties = schema.get("properties") or {}
    masked = []
    for key, property_schema in properties.items():
        if rng.random() < probability and _is_described(property_schema):
            masked.append(key)
    if schema.keys() - _PLAIN or '"#/properties' in json.dumps(schema):
        return {}
    taken = set(properties)
    return {key: _new_name(rng, PARAMETER_LENGTH, taken) for key in masked}


def _is_described(schema: Any) -> bool:
    description = schema.get("description") if isinstance(schema, dict) else None
    return bool(str(description or "").strip())


def _new_name(rng: Random, length: tuple[int, int], taken: set[str]) -> str:
    """Draw a name that is not taken, and take it."""
    while True:
        first = rng.choice(_FIRST)
        name = first + "".join(rng.choices(_LATER, k=rng.randint(*length) - 1))
        if name not in taken and name not in _LITERALS and not iskeyword(name):
            taken.add(name)
            return name


def _tool(tool: Mapping[str, Any], names: _NewNames) -> dict[str, Any]:
    function = dict(tool["function"])
    old = function["name"]
    function["name"] = names.tool(old)
    renamed = names.parameters[old]
    if renamed:
        schema = dict(function["parameters"])
        schema["properties"] = names.arguments(old, schema["properties"])
        if isinstance(schema.get("required"), list):
            schema["required"] = [renamed.get(key, key) for key in schema["required"]]
        function["parameters"] = schema
    return {**tool, "function": function}


def _answer(answer: dict[str, Any], names: _NewNames) -> dict[str, Any]:
    if "arguments" in answer:
        return _call(answer, names)
    answer = dict(answer)
    if isinstance(answer.get("calls"), list):
        answer["calls"] = [_call(call, names) for call in answer["calls"]]
    if "names" in answer:
        answer["names"] = [names.tool(name) for name in answer["names"]]
    return answer


def _call(call: Mapping[str, Any], names: _NewNames) -> dict[str, Any]:
    """Rename a call of the answer, or the arguments of a given tool, with what is said by path."""
    old = call["name"]
    new = {**call, "name": names.tool(old), "arguments": names.arguments(old, call["arguments"])}
    for field in ("accept", "compare"):
        if isinstance(call.get(field), dict):
            new[field] = {names.path(old, path): item for path, item in call[field].items()}
    if "optional" in call:
        new["optional"] = [names.path(old, path) for path in call["optional"]]
    return new


def _message(message: Mapping[str, Any], names: _NewNames) -> dict[str, Any]:
    new = dict(message)
    if message["role"] == "tool" and "name" in message:
        new["name"] = names.tool(message["name"])
    if message.get("tool_calls"):
        new["tool_calls"] = [
            {**call, "function": _function(call["function"], names)}
            for call in message["tool_calls"]
        ]
    return new


def _function(function: Mapping[str, Any], names: _NewNames) -> dict[str, Any]:
    """Rename an earlier call, whose arguments are an object or OpenAI's JSON text of one."""
    old, arguments = str(function.get("name")), function.get("arguments")
    new = {**function, "name": names.tool(old)}
    if isinstance(arguments, dict):
        new["arguments"] = names.arguments(old, arguments)
    elif isinstance(arguments, str) and names.parameters.get(old):
        renamed = names.arguments(old, json.loads(arguments))
        new["arguments"] = json.dumps(renamed, ensure_ascii=False)
    return new
