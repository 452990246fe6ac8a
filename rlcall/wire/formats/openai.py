"""OpenAI's chat messages: calls next to the text, their arguments as JSON text.

    {"role": "assistant", "content": null, "tool_calls": [{"id": "call_1", "type": "function",
        "function": {"name": "f", "arguments": "{\\"a\\": 1}"}}]}

Arguments that are an object already are read too: servers and TRL's own parser give them so. As
text, the format is the JSON of such a message.
"""

from __future__ import annotations

import re
import reprlib
from collections.abc import Mapping, Sequence
from typing import Any

from rlcall.calls import Call, encode
from rlcall.wire.reading import bounded_json
from rlcall.wire.reading.bare import Bare
from rlcall.wire.reading.blocks import stray
from rlcall.wire.reading.bounded_json import MAX_CHARS
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.objects import call_of
from rlcall.wire.reading.parsed import EXCERPT, MAX_CALLS, Item, Problem, Tools, Unreadable

MAX_PARTS = 1_000
# Members and parts of messages that are calls in other forms than `tool_calls`: OpenAI's older
# one, Gemini's, Anthropic's, Responses', LLaMA-Factory's.
OTHER_CALLS = frozenset(
    ("function_call", "functionCall", "parts", "tool_use", "toolUse", "tool_uses", "tool_call")
)
CALL_PARTS = frozenset(
    ("tool_use", "tool_call", "function_call", "functionCall", "mcp_call", "custom_tool_call")
)
# Parts that hold no text of the reply; Gemini's thoughts are texts with `thought`.
OTHER_PARTS = frozenset(
    ("thinking", "redacted_thinking", "reasoning", "refusal", "image", "image_url", "audio")
)
# Members that hold no call: text, reasoning, and what servers note about a message.
OTHER_MEMBERS = frozenset((
    "role", "content", "tool_calls", "name", "id", "type", "status", "index", "prefix", "weight",
    "refusal", "annotations", "audio", "reasoning", "reasoning_content", "reasoning_details",
    "thinking", "thinking_blocks", "thought", "logprobs", "usage", "finish_reason", "metadata",
    "provider_specific_fields",
))  # fmt: skip

_OPENING = re.compile(
    r'(?:```\w*\s*)?\s*\{(?=[^{}]*"tool_calls"\s*:\s*\[\s*\{[^{}]*"function"\s*:\s*\{)'
)


def read_message(message: Mapping[str, Any], content: str, tools: Tools) -> list[Item]:
    """Return the calls of a message, and the problems.

    `content` is its text without reasoning: it is permitted where it hides no call.
    """
    values = message["tool_calls"]
    if not isinstance(values, list):
        raise Unreadable("not_a_call", f"tool_calls is not a list but {reprlib.repr(values)}")
    items = stray(content, tools, before=True)
    size = 0
    for number, value in enumerate(values):
        if number == MAX_CALLS or size > MAX_CHARS:
            limits = f"more than {MAX_CALLS} calls or {MAX_CHARS} characters of arguments"
            return [*items, Problem("too_large", limits)]
        call, more = _read_call(value)
        items += call
        size += more
    return items


def content_of(message: Mapping[str, Any]) -> str:
    """Return a message's text, out of a string, None, or OpenAI's list of parts.

    Raises `Unreadable` for anything else.
    """
    _check_members(message)
    content = message.get("content")
    if content is None or isinstance(content, str):
        return content or ""
    if not isinstance(content, list) or len(content) > MAX_PARTS:
        raise _no_content(content)
    text = ""
    for part in content:
        if not isinstance(part, dict):
            raise _no_content(content)
        if part.get("type") in CALL_PARTS or OTHER_CALLS & part.keys():
            raise Unreadable("unreadable", f"a call as a part of the message: {reprlib.repr(part)}")
        if part.get("type") in OTHER_PARTS or part.get("thought") is True:
            continue
        if not isinstance(part.get("text"), str):
            raise Unreadable("unreadable", f"a part that is no text: {reprlib.repr(part)}")
        text += part["text"]
    return text


def _check_members(message: Mapping[str, Any]) -> None:
    """Refuse a message that may hold a call where nothing reads it."""
    if message.get("type") in CALL_PARTS:
        raise Unreadable("unreadable", f"a call in place of a message: {reprlib.repr(message)}")
    is_empty = not message.get("content") and not message.get("tool_calls")
    unread = []
    for key, value in message.items():
        may_hold = is_empty or isinstance(value, dict | list) or key in OTHER_CALLS
        if value and may_hold and key not in OTHER_MEMBERS:
            unread.append(str(key))
    if unread:
        raise Unreadable("unreadable", f"a message with {', '.join(sorted(unread))}"[:EXCERPT])


def _no_content(content: Any) -> Unreadable:
    return Unreadable("unreadable", f"a message whose content is {reprlib.repr(content)}")


def _read_call(value: Any) -> tuple[list[Item], int]:
    """Return one entry of `tool_calls` as items, and what it adds to the size of the message."""
    size = MAX_CHARS
    try:
        size = bounded_json.check(value)
        if not isinstance(value, dict) or not isinstance(value.get("function"), dict):
            raise Unreadable("not_a_call", "a tool call without an object 'function'")
        function = dict(value["function"])
        if isinstance(function.get("arguments"), str):
            size += len(function["arguments"])
            function["arguments"] = _load_arguments(function["arguments"])
        return call_of(function), size
    except Unreadable as error:
        return [error.problem(reprlib.repr(value))], size


def _load_arguments(text: str) -> Any:
    """Return arguments; servers write "" where a call has none, and clients read it as none."""
    return bounded_json.load(text) if text else {}


def _read(text: str, tools: Tools) -> list[Item]:
    message = bounded_json.load(text)
    if not isinstance(message, dict) or "tool_calls" not in message:
        raise Unreadable("unreadable", "not a message with tool_calls")
    return read_message(message, content_of(message), tools)


def _write(calls: Sequence[Call]) -> str:
    tool_calls = []
    for call in calls:
        arguments = bounded_json.dump(encode(call.arguments))
        function = {"name": call.name, "arguments": arguments}
        tool_calls.append({"type": "function", "function": function})
    return bounded_json.dump({"role": "assistant", "content": None, "tool_calls": tool_calls})


FORMAT = Format(
    name="openai",
    order=510,
    bare_opening=_OPENING,
    read=Bare(_OPENING, _read).read,
    write=_write,
    labels=False,
    models="chat APIs",
    source='platform.openai.com, "Function calling"',
    also_reads="messages as objects; arguments that are an object",
)
