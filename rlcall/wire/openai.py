"""OpenAI's chat messages: calls stand beside the text, their arguments as JSON text.

    {"role": "assistant", "content": null, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\\"a\\": 1}"}}]}

Arguments that are an object already are read too: servers and TRL's own parser give them so. As text, the format is
the JSON of such a message. Source: platform.openai.com, "Function calling".
"""

from __future__ import annotations

import re
from typing import Any

from rlcall.calls import Call
from rlcall.wire import strict_json
from rlcall.wire.bare import bare_problem, unfence
from rlcall.wire.blocks import MAX_CALLS, Item, call_of, settle, stray
from rlcall.wire.parsed import Parse, Problem, Unreadable
from rlcall.wire.rendering import call_object, can_render_objects, without_labels

NAME = "openai"
MARKERS: tuple[str, ...] = ()
OPENING = re.compile(r'\A\s*\{(?=[^{}]*"tool_calls"\s*:\s*\[\s*\{[^{}]*"function"\s*:\s*\{)')


def parse(text: str, tools: list[dict[str, Any]]) -> Parse:
    source = unfence(text)
    try:
        message = strict_json.load(source)
        if not isinstance(message, dict) or "tool_calls" not in message:
            raise Unreadable("unreadable", "not a message with tool_calls")
        return parse_message(message, content_of(message), tools)
    except Unreadable as error:
        return Parse(NAME, (), bare_problem(text, tools, error, begins=OPENING.match(source) is not None))


def parse_message(message: dict[str, Any], content: str, tools: list[dict[str, Any]]) -> Parse:
    """The calls of a message. `content` is its text without reasoning: permitted, where no call is hidden in it."""
    listed = message["tool_calls"]
    if not isinstance(listed, list):
        problem = Problem("not_a_call", f"tool_calls is a {type(listed).__name__}, not a list", repr(listed)[:200])
        return Parse(NAME, (), (problem,))
    items = stray(content, tools, before=True)
    for value in listed[:MAX_CALLS]:
        items += _items(value)
    if len(listed) > MAX_CALLS:
        items.append(Problem("too_large", f"more than {MAX_CALLS} calls"))
    return settle(NAME, items)


def content_of(message: dict[str, Any]) -> str:
    """A message's text: a string, None, or OpenAI's list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        texts = (part.get("text") for part in content if isinstance(part, dict))
        content = "".join(text for text in texts if isinstance(text, str))
    if content is not None and not isinstance(content, str):
        raise Unreadable("unreadable", f"a message whose content is a {type(content).__name__}")
    return content or ""


def can_render(calls: list[Call]) -> bool:
    return can_render_objects(calls) and without_labels(calls)


def render(calls: list[Call]) -> str:
    tool_calls = [{"type": "function", "function": _function(call)} for call in calls]
    return strict_json.dump({"role": "assistant", "content": None, "tool_calls": tool_calls})


def _function(call: Call) -> dict[str, Any]:
    value = call_object(call)
    return {"name": value["name"], "arguments": strict_json.dump(value["arguments"])}


def _items(value: Any) -> list[Item]:
    try:
        strict_json.check(value)
        if not isinstance(value, dict) or not isinstance(value.get("function"), dict):
            raise Unreadable("not_a_call", "a tool call without an object 'function'")
        function = dict(value["function"])
        if isinstance(function.get("arguments"), str):
            function["arguments"] = strict_json.load(function["arguments"])
        return call_of(function)
    except Unreadable as error:
        return [error.problem(repr(value)[:200])]
