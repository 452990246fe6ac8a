"""The documented rendering of a row, for templates that know no tools.

Tools and wire format go into the system message.

instructed(row, "smollm2")
# [{"role": "system", "content": "Write the calls that the request needs, or [] ..."},
#  {"role": "user", "content": "Ring Anna, please."}]
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from rlcall import wire as wires
from rlcall.calls import Call, decode
from rlcall.data.rows import Row
from rlcall.model.chat_template import PromptError
from rlcall.model.signature import signature

TOOLS = "<tools>\n{tools}\n</tools>"
INSTRUCTIONS = (
    f"Write the calls that the request needs, or [] if no tool fits.\n{TOOLS}\n{{example}}"
)
EXAMPLE = Call("tool", {"parameter": "value"})


def instructed(row: Row, wire: str) -> list[dict[str, str]]:
    """Return the row's messages as plain text.

    Tools and format are in the system message, after the row's own.

    This is for templates that know no tools or write calls otherwise, and for models that are asked
    over the network.
    """
    form = wires.get(wire)
    messages = list(_plain_messages(row.messages, form))
    system = []
    while messages and messages[0]["role"] in ("system", "developer"):
        system.append(messages.pop(0)["content"])
    system += _instructions(row, form)
    return [{"role": "system", "content": "\n\n".join(system)}, *messages]


def asks_for_calls(row: Row) -> bool:
    """Tell whether a row wants calls; a granular one wants names, arguments or a reply instead."""
    return row.answer is None or "calls" in row.answer


def normal_message(message: Mapping[str, Any]) -> dict[str, Any]:
    """Return a message as templates expect it.

    Its content is text, and calls have objects where OpenAI has JSON text.
    """
    normal = {**message, "content": _text(message.get("content") or "")}
    calls = normal.pop("tool_calls", None)
    if calls:
        normal["tool_calls"] = [
            {**call, "function": _with_object(call["function"])} for call in calls
        ]
    return normal


def _instructions(row: Row, form: wires.Format) -> list[str]:
    """Write the tools under what asks for calls.

    For a granular row the tools alone, and nothing without tools.
    """
    tools = "\n".join(signature(tool["function"]) for tool in row.tools)
    if asks_for_calls(row):
        return [INSTRUCTIONS.format(tools=tools, example=form.render([EXAMPLE]))]
    return [TOOLS.format(tools=tools)] if tools else []


def _plain_messages(messages: list[dict[str, Any]], form: wires.Format) -> Iterator[dict[str, str]]:
    """Join the results of one turn's calls into one message.

    Many templates want the roles to take turns.
    """
    for are_results, group in groupby(messages, key=lambda message: message["role"] == "tool"):
        plain = [_plain_message(normal_message(message), form) for message in group]
        if are_results:
            yield {"role": "user", "content": "\n".join(message["content"] for message in plain)}
        else:
            yield from plain


def _plain_message(message: Mapping[str, Any], form: wires.Format) -> dict[str, str]:
    """Return a message for any template: calls in the wire format, results as the user's."""
    content = message["content"]
    if message["role"] == "tool":
        return {"role": "user", "content": f"<tool_response>\n{content}\n</tool_response>"}
    calls = []
    for call in message.get("tool_calls", ()):
        function = call["function"]
        calls.append(Call(function["name"], decode(function["arguments"])))
    parts = [content, form.render(calls) if calls else ""]
    return {"role": message["role"], "content": "\n".join(filter(None, parts))}


def _text(content: str | list[dict[str, Any]]) -> str:
    if isinstance(content, str):
        return content
    texts = []
    for part in content:
        kind = part.get("type") if isinstance(part, dict) else None
        text = part.get("text") if isinstance(part, dict) else part
        if kind != "text" or not isinstance(text, str):
            raise PromptError(
                f"a message has a part of type {kind!r}, but prompts are made of text alone"
            )
        texts.append(text)
    return "".join(texts)


def _with_object(function: Mapping[str, Any]) -> dict[str, Any]:
    """Return an earlier call with its arguments as an object. Raises PromptError."""
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        raise PromptError(f"an earlier call is {function!r:.80}, without the name of its tool")
    arguments = function.get("arguments") or {}
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments)
        except (ValueError, RecursionError) as error:
            message = f"the arguments of an earlier call to {function['name']} are not JSON"
            raise PromptError(f"{message}: {error}") from error
    if not isinstance(arguments, dict):
        raise PromptError(
            f"the arguments of an earlier call to {function['name']} are {arguments!r:.80}, no "
            "object"
        )
    return {**function, "arguments": arguments}
