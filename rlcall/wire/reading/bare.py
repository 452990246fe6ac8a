"""Forms without markers: the whole text is the call, a code fence aside.

unfence("```json\\n{...}\\n```") -> "{...}"
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rlcall.calls import Call
from rlcall.wire.reading.blocks import settle
from rlcall.wire.reading.parsed import Item, Parse, Problem, Tools, Unreadable
from rlcall.wire.reading.syntax import written

_FENCE = re.compile(r"```[\w+-]*+[ \t]*+(?:\n|(?=[^\w\s]))")


@dataclass(frozen=True, slots=True)
class Bare:
    """One format without markers. `read` takes the text without its fence, and finds the calls or raises."""

    wire: str
    opening: re.Pattern[str]
    read: Callable[[str, Tools], list[Item]]

    def parse(self, text: str, tools: Tools) -> Parse:
        source = unfence(text)
        try:
            items = self.read(source, tools)
        except Unreadable as error:
            begins = self.opening.match(source) is not None and not source.startswith("```")
            return Parse(self.wire, (), no_call(text, tools, error, begins=begins))
        called = not items or any(isinstance(item, Call) for item in items) or written(text, tools)
        return settle(self.wire, items if called else [])


def unfence(text: str) -> str:
    """The text inside one code fence around all of it, or the text itself."""
    text = text.strip()
    if text.startswith("```") and text.endswith("```") and (match := _FENCE.match(text)):
        return text[match.end() : -3].strip()
    return text


def no_call(text: str, tools: Tools, error: Unreadable, *, begins: bool) -> tuple[Problem, ...]:
    """The one problem of a text that is not, as a whole, a call; none where it is plain text, or data.

    `begins`: whether the text begins as this form's calls do.
    """
    if not written(text, tools):
        return ()
    if begins:
        return (error.problem(text),)
    return (
        Unreadable(
            "text_around", "a call that is not the whole text, or in another format"
        ).problem(text),
    )
