"""Forms without markers: the whole text is the call, a code fence aside.

unfence("```json\\n{...}\\n```") -> "{...}"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from rlcall.calls import Call
from rlcall.wire.reading.parsed import Item, Problem, Tools, Unreadable
from rlcall.wire.reading.reasoning import before_reasoning, without_reasoning
from rlcall.wire.reading.syntax import written

Read = TypeVar("Read")

_FENCE = re.compile(r"```[\w+-]*+[ \t]*+(?:\n|(?=[^\w\s]))")


@dataclass(frozen=True, slots=True)
class Bare:
    """One form without markers.

    `read_all` takes the text without its fence, and returns the calls or raises `Unreadable`.
    """

    opening: re.Pattern[str]
    read_all: Callable[[str, Tools], list[Item]]

    def read(self, text: str, tools: Tools) -> list[Item]:
        """Return the calls and problems of a text; nothing where it is plain text, or data."""
        try:
            items = read_whole(text, lambda source: self.read_all(source, tools))
        except Unreadable as error:
            source = unfence(text)
            begins = self.opening.match(source) is not None and not source.startswith("```")
            return list(no_call(text, tools, error, begins=begins))
        if any(isinstance(item, Call) for item in items) or written(text, tools):
            return items
        return []


def read_whole(text: str, read: Callable[[str], Read]) -> Read:
    """Return what a text is read as without its fence, and without the reasoning after it.

    Reasoning in its middle is no reasoning: it is a part of what is read. Raises what `read` does.
    """
    try:
        return read(unfence(text))
    except Unreadable:
        before = before_reasoning(text)
        if before is None:
            raise
        return read(unfence(before))


def unfence(text: str) -> str:
    """Return the text inside one code fence around all of it, or the text itself."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and (match := _FENCE.match(text)):
        return text[match.end() : -3].strip()
    return text


def no_call(text: str, tools: Tools, error: Unreadable, *, begins: bool) -> tuple[Problem, ...]:
    """Return the one problem of a text that is no call as a whole; none for plain text or data.

    `begins`: whether the text begins as this form's calls do.
    """
    text = without_reasoning(text)
    if not written(text, tools):
        return ()
    if not begins:
        message = "a call that is not the whole text, or in another format"
        error = Unreadable("text_around", message)
    return (error.problem(text),)
