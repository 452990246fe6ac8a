"""Reading a text of marked blocks, `prose <tag>call</tag> prose`, so that every byte is accounted for.

Each format gives the pattern that opens a block, the tag that closes it, and a function that reads what is between:
it takes the text, a position and the row's tools, and returns the calls and notes found with the position after
them, or raises `Unreadable`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rlcall.calls import Call
from rlcall.wire.reading import strict_json
from rlcall.wire.reading.parsed import EXCERPT, MAX_CALLS, Item, Parse, Problem, Tools, Unreadable
from rlcall.wire.reading.strict_json import MAX_CHARS
from rlcall.wire.reading.syntax import written

MAX_REREAD = 2 * MAX_CHARS  # characters that blocks which cannot be read may make to be read again

Read = Callable[[str, int, Tools], tuple[list[Item], int]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """One format's blocks. `closing` is "" where nothing closes a block."""

    wire: str
    opening: re.Pattern[str]
    closing: str
    read: Read

    def parse(self, text: str, tools: Tools) -> Parse:
        items: list[Item] = []
        at = spent = 0
        while match := self.opening.search(text, at):
            items += stray(text[at : match.start()], tools, before=True)
            if len(items) > MAX_CALLS or spent > MAX_REREAD:
                message = f"more than {MAX_CALLS} calls, or too many that cannot be read"
                return settle(
                    self.wire,
                    [*items, Problem("too_large", message, text[match.start() :][:EXCERPT])],
                )
            found, at, reach = self._block(text, match, tools)
            spent += max(reach - at, 0)
            items += found
        return settle(self.wire, items + stray(text[at:], tools, before=False, after_block=at > 0))

    def _block(self, text: str, match: re.Match[str], tools: Tools) -> tuple[list[Item], int, int]:
        """One block's calls and problems, where reading goes on, and how far it had to look."""
        try:
            items, end = self.read(text, match.end(), tools)
            end = self._close(text, end)
            return items, end, end
        except Unreadable as error:
            closing = text.find(self.closing, match.end()) if self.closing else len(text)
            if closing < 0 and error.code == "unreadable":
                error = Unreadable("truncated", f"no {self.closing}; {error.message}", error.reach)
            end = self._resume(text, match.end(), closing)
            return (
                [error.problem(text[match.start() : end])],
                end,
                len(text) if error.reach is None else error.reach,
            )

    def _close(self, text: str, end: int) -> int:
        if not self.closing:
            return end
        end = strict_json.skip_space(text, end)
        if not text.startswith(self.closing, end):
            raise Unreadable(
                "unreadable", f"the block goes on after its call, at character {end}", end
            )
        return end + len(self.closing)

    def _resume(self, text: str, start: int, closing: int) -> int:
        """Where reading goes on after a block that cannot be read: after its closing tag, or at the next opening."""
        opening = self.opening.search(text, start, closing if closing >= 0 else len(text))
        if opening:
            return opening.start()
        return closing + len(self.closing) if closing >= 0 else len(text)


def settle(wire: str, items: Iterable[Item]) -> Parse:
    """Calls and problems, each in the order written."""
    calls: list[Call] = []
    problems: list[Problem] = []
    for item in items:
        if isinstance(item, Call):
            calls.append(item)
        else:
            problems.append(item)
    return Parse(wire, tuple(calls), tuple(problems))


def stray(text: str, tools: Tools, *, before: bool, after_block: bool = True) -> list[Item]:
    """What the text beside blocks amounts to. Plain text without any block is an answer, and no problem.

    Before a call, prose may mention a function, `f(`; any other trace of a call is one that was not read.
    """
    text = text.strip()
    if not text:
        return []
    if written(text, tools, prose=before):
        return [
            Problem("unreadable", "a call outside its block, or in another format", text[:EXCERPT])
        ]
    if before:
        return [Problem("text_before", "text before a call", text[:EXCERPT])]
    return (
        [Problem("text_after", "text after the last call", text[:EXCERPT])] if after_block else []
    )
