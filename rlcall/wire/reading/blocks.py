"""Texts of marked blocks, `prose <tag>call</tag> prose`, read so that every byte is accounted for.

    Blocks(re.compile("<tool_call>"), "</tool_call>", read_object).read(text, tools)

Each format gives the pattern that opens a block, the tag that closes it, and a function that reads
what is between: it takes the text, a position and the row's tools, and returns the calls and notes
found with the position after them, or raises `Unreadable`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from rlcall.wire.reading.bounded_json import MAX_CHARS, skip_space
from rlcall.wire.reading.parsed import EXCERPT, MAX_CALLS, Item, Problem, Tools, Unreadable
from rlcall.wire.reading.reasoning import search_outside, without_reasoning
from rlcall.wire.reading.syntax import written

MAX_REREAD = 2 * MAX_CHARS  # characters that blocks which cannot be read may make to be read again

ReadBlock = Callable[[str, int, Tools], tuple[list[Item], int]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """One format's blocks. `closing` is "" where nothing closes a block."""

    opening: re.Pattern[str]
    closing: str
    read_block: ReadBlock

    def read(self, text: str, tools: Tools) -> list[Item]:
        """Return the calls and problems of a text."""
        items: list[Item] = []
        at = spent = 0
        while match := search_outside(self.opening, text, at):
            items += stray(text[at : match.start()], tools, before=True)
            if len(items) > MAX_CALLS or spent > MAX_REREAD:
                message = f"more than {MAX_CALLS} calls, or too many that cannot be read"
                return [*items, Problem("too_large", message, text[match.start() :][:EXCERPT])]
            inside, at, reach = self._block(text, match, tools)
            spent += max(reach - at, 0)
            items += inside
        return items + stray(text[at:], tools, before=False, after_block=at > 0)

    def _block(self, text: str, match: re.Match[str], tools: Tools) -> tuple[list[Item], int, int]:
        """Return one block's items, where reading goes on, and how far it had to look."""
        try:
            items, end = self.read_block(text, match.end(), tools)
            end = self._close(text, end)
            return items, end, end
        except Unreadable as error:
            closing = text.find(self.closing, match.end()) if self.closing else len(text)
            if closing < 0 and error.code == "unreadable":
                error = Unreadable("truncated", f"no {self.closing}; {error.message}", error.reach)
            end = self._resume(text, match.end(), closing)
            reach = len(text) if error.reach is None else error.reach
            return [error.problem(text[match.start() : end])], end, reach

    def _close(self, text: str, end: int) -> int:
        """Return the position after the closing tag."""
        if not self.closing:
            return end
        end = skip_space(text, end)
        if not text.startswith(self.closing, end):
            message = f"the block goes on after its call, at character {end}"
            raise Unreadable("unreadable", message, end)
        return end + len(self.closing)

    def _resume(self, text: str, start: int, closing: int) -> int:
        """Return where reading goes on after a block that cannot be read.

        That is after its closing tag, or at the next opening.
        """
        opening = self.opening.search(text, start, closing if closing >= 0 else len(text))
        if opening:
            return opening.start()
        return closing + len(self.closing) if closing >= 0 else len(text)


def stray(text: str, tools: Tools, *, before: bool, after_block: bool = True) -> list[Item]:
    """Return the problem that text around blocks is; plain text without any block is none.

    Reasoning in it is taken off.
    Before a call, prose may mention a function, `f(`; any other trace of a call is one that was not
    read.
    """
    text = without_reasoning(text).strip()
    if not text:
        return []
    if written(text, tools, prose=before):
        message = "a call outside its block, or in another format"
        return [Problem("unreadable", message, text[:EXCERPT])]
    if before:
        return [Problem("text_before", "text before a call", text[:EXCERPT])]
    if after_block:
        return [Problem("text_after", "text after the last call", text[:EXCERPT])]
    return []
