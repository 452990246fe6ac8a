"""Reading a text of marked blocks, `prose <tag>call</tag> prose`, so that every byte is accounted for.

Each format gives the pattern that opens a block, the tag that closes it, and a function that reads what is between:
it takes the text and a position, and returns the calls and problems found with the position after them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from rlcall.calls import Call, decode
from rlcall.wire import strict_json
from rlcall.wire.parsed import EXCERPT, Parse, Problem, Unreadable
from rlcall.wire.syntax import written

MAX_CALLS = 100

Item = Call | Problem
Read = Callable[[str, int], tuple[list[Item], int]]


@dataclass(frozen=True, slots=True)
class Blocks:
    """One format's blocks. `closing` is "" where nothing closes a block."""

    wire: str
    opening: re.Pattern[str]
    closing: str
    read: Read

    def parse(self, text: str, tools: list[dict[str, Any]]) -> Parse:
        items: list[Item] = []
        at = 0
        while match := self.opening.search(text, at):
            items += stray(text[at : match.start()], tools, before=True)
            if len(items) > MAX_CALLS:
                items.append(Problem("too_large", f"more than {MAX_CALLS} calls", _excerpt(text, match.start())))
                return settle(self.wire, items)
            found, at = self._block(text, match)
            items += found
        return settle(self.wire, items + stray(text[at:], tools, before=False, any_block=at > 0))

    def _block(self, text: str, match: re.Match[str]) -> tuple[list[Item], int]:
        try:
            items, end = self.read(text, match.end())
            return items, self._close(text, end)
        except Unreadable as error:
            end = self._resume(text, match.end())
            return [error.problem(text[match.start() : end])], end

    def _close(self, text: str, end: int) -> int:
        if not self.closing:
            return end
        end = strict_json.skip_space(text, end)
        if text.startswith(self.closing, end):
            return end + len(self.closing)
        if end == len(text) or self.closing.startswith(text[end:]):
            raise Unreadable("truncated", f"no {self.closing} at the end of the block")
        raise Unreadable("unreadable", f"the block goes on after its call, at character {end}")

    def _resume(self, text: str, start: int) -> int:
        """Where reading goes on after a block that cannot be read."""
        closing = text.find(self.closing, start) if self.closing else -1
        opening = self.opening.search(text, start, closing if closing >= 0 else len(text))
        if opening:
            return opening.start()
        return closing + len(self.closing) if closing >= 0 else len(text)


def settle(wire: str, items: Iterable[Item]) -> Parse:
    """Calls and problems, each in the order written."""
    calls, problems = [], []
    for item in items:
        (calls if isinstance(item, Call) else problems).append(item)
    return Parse(wire, tuple(calls), tuple(problems))  # type: ignore[arg-type]  # sorted by type above


def stray(text: str, tools: list[dict[str, Any]], *, before: bool, any_block: bool = True) -> list[Item]:
    """What the text beside blocks amounts to. Plain text without any block is an answer, and no problem."""
    text = text.strip()
    if not text:
        return []
    if written(text, tools, prose=before):
        return [Problem("unreadable", "a call outside the run's format or outside its block", _excerpt(text, 0))]
    if before:
        return [Problem("text_before", "text before a call", _excerpt(text, 0))]
    return [Problem("text_after", "text after the last call", _excerpt(text, 0))] if any_block else []


def calls_of(values: list[Any], key: str = "arguments", ignored: frozenset[str] = frozenset()) -> list[Item]:
    """The calls among JSON values, each `{"name": ..., key: {...}}`, and a problem for every other value."""
    items: list[Item] = []
    for value in values:
        try:
            items += call_of(value, key, ignored)
        except Unreadable as error:
            items.append(error.problem(repr(value)[:EXCERPT]))
    return items


def call_of(value: Any, key: str = "arguments", ignored: frozenset[str] = frozenset()) -> list[Item]:
    """A JSON object as a call, with a note where keys are left over. `label` is read wherever it is given."""
    if not isinstance(value, dict):
        raise Unreadable("not_a_call", f"a {type(value).__name__} where a call should stand")
    name, label = value.get("name"), value.get("label")
    if not isinstance(name, str):
        raise Unreadable("not_a_call", "a call without a name" if name is None else "a call's name is not text")
    if not isinstance(value.get(key), dict):
        raise Unreadable("not_a_call", f"a call without an object {key!r}")
    if label is not None and not isinstance(label, str):
        raise Unreadable("not_a_call", "a call's label is not text")
    call = Call(name, decode(value[key]), label)
    extra = value.keys() - {"name", key, "label"} - ignored
    return [call, Problem("extra_key", f"keys of no use: {sorted(extra)}"[:EXCERPT])] if extra else [call]


def _excerpt(text: str, start: int) -> str:
    return text[start : start + EXCERPT]
