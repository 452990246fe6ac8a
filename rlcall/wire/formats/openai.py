"""OpenAI's chat messages: calls stand beside the text, their arguments as JSON text.

    {"role": "assistant", "content": null, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "f", "arguments": "{\\"a\\": 1}"}}]}

Arguments that are an object already are read too: servers and TRL's own parser give them so. As text, the format is
the JSON of such a message. Source: platform.openai.com, "Function calling".
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.blocks import stray
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_object, call_of
from rlcall.wire.reading.parsed import MAX_CALLS, Item, Problem, Tools, Unreadable
from rlcall.wire.reading.strict_json import MAX_CHARS

MAX_PARTS = 1_000

_OPENING = re.compile(
    r'(?:```\w*\s*)?\s*\{(?=[^{}]*"tool_calls"\s*:\s*\[\s*\{[^{}]*"function"\s*:\s*\{)'
)


def read_message(message: Mapping[str, Any], content: str, tools: Tools) -> list[Item]:
    """The calls of a message. `content` is its text without reasoning: permitted, where no call is hidden in it."""
    listed = message["tool_calls"]
    if not isinstance(listed, list):
        raise Unreadable("not_a_call", f"tool_calls is not a list but {reprlib.repr(listed)}")
    items = stray(content, tools, before=True)
    size = 0
    for place, value in enumerate(listed):
        if place == MAX_CALLS or size > MAX_CHARS:
            return [
                *items,
                Problem(
                    "too_large",
                    f"more than {MAX_CALLS} calls or {MAX_CHARS} characters of arguments",
                ),
            ]
        found, more = _read_call(value)
        items += found
        size += more
    return items


def content_of(message: Mapping[str, Any]) -> str:
    """A message's text: a string, None, or OpenAI's list of parts."""
    content = message.get("content")
    if (
        isinstance(content, list)
        and len(content) <= MAX_PARTS
        and all(isinstance(part, dict) for part in content)
    ):
        texts = (part.get("text") for part in content)
        content = "".join(text for text in texts if isinstance(text, str))
    if content is not None and not isinstance(content, str):
        raise Unreadable("unreadable", f"a message whose content is {reprlib.repr(content)}")
    return content or ""


def _read_call(value: Any) -> tuple[list[Item], int]:
    """One entry of `tool_calls`, and what it adds to the size of the message."""
    size = MAX_CHARS
    try:
        size = strict_json.check(value)
        if not isinstance(value, dict) or not isinstance(value.get("function"), dict):
            raise Unreadable("not_a_call", "a tool call without an object 'function'")
        function = dict(value["function"])
        if isinstance(function.get("arguments"), str):
            size += len(function["arguments"])
            function["arguments"] = strict_json.load(function["arguments"])
        return call_of(function), size
    except Unreadable as error:
        return [error.problem(reprlib.repr(value))], size


def _read(text: str, tools: Tools) -> list[Item]:
    message = strict_json.load(text)
    if not isinstance(message, dict) or "tool_calls" not in message:
        raise Unreadable("unreadable", "not a message with tool_calls")
    return read_message(message, content_of(message), tools)


def _render(calls: Sequence[Call]) -> str:
    tool_calls = [{"type": "function", "function": _function(call)} for call in calls]
    return strict_json.dump({"role": "assistant", "content": None, "tool_calls": tool_calls})


def _function(call: Call) -> dict[str, Any]:
    value = call_object(call)
    return {"name": value["name"], "arguments": strict_json.dump(value["arguments"])}


FORMAT = Format("openai", _OPENING, Bare("openai", _OPENING, _read).parse, _render, labels=False)
