"""Wire formats: how calls are written as text, and how they are read again.

    parse('<tool_call>{"name": "f", "arguments": {}}</tool_call>', tools)
    # Parse("hermes", (Call("f", {}),), ())
    get("python").render([Call("f", {"a": 1})])     # "[f(a=1)]"

`parse` is what the verifier calls: it takes a string or an assistant message, and lets `auto` find
the format; `attempts_call` is what it asks where no call is due. A new format is
one new file in formats/, which defines a FORMAT (rlcall.wire.reading.format): nothing else names
the formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.calls import encode
from rlcall.wire.auto import attempts, is_attempt, parse_auto
from rlcall.wire.formats import FORMATS, openai
from rlcall.wire.reading.bounded_json import MAX_VALUES, check
from rlcall.wire.reading.format import Format
from rlcall.wire.reading.parsed import (
    EXCERPT,
    NOTES,
    PROBLEMS,
    SURPLUS,
    Parse,
    Problem,
    Tools,
    Unreadable,
    settle,
)
from rlcall.wire.reading.turn import own_text

__all__ = [
    "FORMATS",
    "NAMES",
    "NOTES",
    "PROBLEMS",
    "SURPLUS",
    "Format",
    "Parse",
    "Problem",
    "attempts_call",
    "get",
    "parse",
]

NAMES = tuple(FORMATS)

Completion = str | Mapping[str, Any]


def get(name: str) -> Format:
    """Return the format of that name. Raises ValueError, which names those that exist."""
    try:
        return FORMATS[name]
    except KeyError:
        raise ValueError(f"no wire format {name!r}; there are: auto, {', '.join(NAMES)}") from None


def parse(completion: Completion, tools: Tools, wire: str = "auto") -> Parse:
    """Return the calls and problems of a completion: a text, or an assistant message.

    `tools` are the row's, in OpenAI form. Nothing that a model can write makes it raise; an unknown
    `wire` does. The `tool_calls` of a message are read as they are, whatever the `wire`.
    """
    read = parse_auto if wire == "auto" else get(wire).parse
    try:
        text = own_text(_content(completion), tools)
        if isinstance(completion, Mapping) and completion.get("tool_calls"):
            return _bounded(settle("openai", openai.read_message(completion, text, tools)))
    except Unreadable as error:
        quoted = _quote(completion) if isinstance(completion, str) else ""
        return Parse("text" if wire == "auto" else wire, (), (error.problem(quoted),))
    parsed = read(text, tools)
    if len(text) <= 2 * MAX_VALUES:  # a value takes two characters at least: [0,0]
        return parsed
    return _bounded(parsed)


def _bounded(parsed: Parse) -> Parse:
    """Return no calls at all where together they hold more values than can be checked in time."""
    try:
        check([encode(call.arguments) for call in parsed.calls])
    except Unreadable as error:
        return Parse(parsed.wire, (), (error.problem(""),))
    return parsed


def _quote(text: str) -> str:
    """Return the first characters, without what could not be written to a log."""
    return text[:EXCERPT].encode(errors="replace").decode()


def attempts_call(completion: Completion, tools: Tools, parsed: Parse | None = None) -> bool:
    """Return whether a completion holds an attempt at a call, readable or not, in any format.

    `parsed` is what `parse` made of it, where that is known: a call in it settles the question.

    True for any format's marker and for one of the tools' names in any format's call syntax, `f(`
    or `"name": "f"`; also for what is no text that can be read: too long, or broken. Plain text,
    `[]`, `no_function` and "" abstain.
    """
    if parsed and is_attempt(parsed):
        return True
    if isinstance(completion, Mapping) and completion.get("tool_calls"):
        return True
    try:
        return attempts(own_text(_content(completion), tools), tools)
    except Unreadable:
        return True


def _content(completion: Completion) -> str:
    if isinstance(completion, str):
        return completion
    if not isinstance(completion, Mapping):
        raise TypeError(f"a completion is a string or a message, not a {type(completion).__name__}")
    return openai.content_of(completion)
