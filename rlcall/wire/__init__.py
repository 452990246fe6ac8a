"""Wire formats: how calls are written as text. One module per format, each with

    NAME                       the word for it in configs and verdicts
    MARKERS                    strings that only calls hold; empty for the forms without markers
    OPENING                    the pattern with which calls in it begin, by which `auto` knows them
    parse(text, tools)         -> Parse; never raises; every byte is a call, permitted text or a problem
    can_render(calls)          -> bool; what render can write so that parse gives it back
    render(calls)              -> str; the exact inverse of parse

`parse` here is what the verifier calls: it takes a string or an assistant message, strips reasoning, and lets
`auto` find the format:

    parse('<tool_call>{"name": "f", "arguments": {}}</tool_call>', tools) -> Parse("hermes", (Call("f", {}),), ())
"""

from __future__ import annotations

import re
from typing import Any, Protocol

from rlcall.calls import Call
from rlcall.wire import hermes, openai, python, smollm2
from rlcall.wire.bare import bare_problem
from rlcall.wire.parsed import PROBLEMS, SURPLUS, Parse, Problem, Unreadable
from rlcall.wire.strict_json import MAX_CHARS, check_text
from rlcall.wire.turn import strip_end, strip_reasoning

__all__ = ["FORMATS", "MAX_COMPLETION", "NAMES", "PROBLEMS", "SURPLUS", "Format", "Parse", "Problem", "get", "parse"]

MAX_COMPLETION = 200_000  # characters with the reasoning; without it, MAX_CHARS


class Format(Protocol):
    """The shape of a format's module."""

    NAME: str
    MARKERS: tuple[str, ...]
    OPENING: re.Pattern[str]

    def parse(self, text: str, tools: list[dict[str, Any]]) -> Parse: ...
    def can_render(self, calls: list[Call]) -> bool: ...
    def render(self, calls: list[Call]) -> str: ...


# In the order of `auto`: the format whose OPENING comes first in the text wins, and of several there the first here.
FORMATS: dict[str, Format] = {module.NAME: module for module in (smollm2, hermes, openai, python)}
NAMES = tuple(FORMATS)


def get(name: str) -> Format:
    """The format of that name; ValueError names those that exist."""
    try:
        return FORMATS[name]
    except KeyError:
        raise ValueError(f"no wire format {name!r}; there are: auto, {', '.join(NAMES)}") from None


def parse(completion: str | dict[str, Any], tools: list[dict[str, Any]], wire: str = "auto") -> Parse:
    """The calls and problems of a completion: its text, or an assistant message with `content` and `tool_calls`.

    `tools` are the row's, in OpenAI form. Nothing that a model can write makes it raise; an unknown `wire` does.
    """
    if not isinstance(completion, str | dict):
        raise TypeError(f"a completion is a string or a message, not a {type(completion).__name__}")
    try:
        text = _own_text(completion if isinstance(completion, str) else openai.content_of(completion))
    except Unreadable as error:
        return Parse(wire, (), (error.problem(str(completion)),))
    if isinstance(completion, dict) and completion.get("tool_calls"):
        return openai.parse_message(completion, text, tools)
    return get(wire).parse(text, tools) if wire != "auto" else _auto(text, tools)


def _own_text(completion: str) -> str:
    if len(completion) > MAX_COMPLETION:
        raise Unreadable("too_large", f"more than {MAX_COMPLETION} characters")
    text = strip_reasoning(completion)
    if len(text) > MAX_CHARS:
        raise Unreadable("too_large", f"more than {MAX_CHARS} characters beside the reasoning")
    check_text(text)
    return strip_end(text)


def _auto(text: str, tools: list[dict[str, Any]]) -> Parse:
    found = [(match.start(), name) for name, format in FORMATS.items() if (match := format.OPENING.search(text))]
    if found:
        return FORMATS[min(found, key=lambda item: item[0])[1]].parse(text, tools)
    return Parse("text", (), bare_problem(text, tools, Unreadable("unreadable", "no call"), begins=False))
