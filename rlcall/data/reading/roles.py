"""Conversations whose calls and results are turns of their own, as messages of OpenAI's form.

    turns_of(record, [RoleTurn("c[0]", "user", "Hi"), RoleTurn("c[1]", "call", "{...}")], notes)
    # Turn({"role": "assistant", "content": "", "tool_calls": [...]}, "c[1]"), ...

Calls that follow each other are one message, with the assistant's words right before them. Results
have the names of the calls that they answer, in their order.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

from rlcall.data.reading.chats import Turn
from rlcall.data.reading.messages import call_message
from rlcall.data.reading.parts import calls_of
from rlcall.data.reading.records import SourceRecord
from rlcall.data.reading.words import split_reasoning


@dataclass(frozen=True, slots=True)
class RoleTurn:
    """One turn: its role is system, developer, user, assistant, call or result.

    `target` is as in `Turn`.
    """

    field: str
    role: str
    content: str
    target: bool | None = None


def turns_of(record: SourceRecord, items: Iterable[RoleTurn], notes: list[str]) -> Iterator[Turn]:
    """Yield the turns as messages. RowError for a call that cannot be read."""
    names: list[str] = []
    for is_own, group in groupby(items, key=lambda item: item.role in ("assistant", "call")):
        if is_own:
            for turn in _own_turns(record, group):
                calls = turn.message.get("tool_calls", ())
                names = [call["function"]["name"] for call in calls] or names
                yield turn
            continue
        results = 0
        for item in group:
            if item.role == "result":
                name = {"name": names[results]} if results < len(names) else {}
                results += 1
                message = {"role": "tool", **name, "content": item.content}
                yield Turn(message, item.field, item.target)
            elif item.content or item.role == "user":
                message = {"role": item.role, "content": item.content}
                yield Turn(message, item.field, item.target)


def _own_turns(record: SourceRecord, items: Iterable[RoleTurn]) -> Iterator[Turn]:
    """Yield the assistant's messages: words, and calls with the words right before them."""
    waiting: Turn | None = None
    for item in items:
        if item.role == "assistant":
            if waiting:
                yield waiting
            message = {"role": "assistant", "content": item.content}
            waiting = Turn(message, item.field, item.target)
            continue
        words, calls = _calls(record, item)
        if waiting is None:
            waiting = Turn(call_message(calls, words), item.field, item.target)
        else:
            waiting = _joined(waiting, words, calls, item)
    if waiting:
        yield waiting


def _calls(record: SourceRecord, item: RoleTurn) -> tuple[str, list[dict[str, Any]]]:
    """Return the reasoning that stands before calls, and the calls."""
    reasoning, text = split_reasoning(item.content)
    return reasoning, calls_of(record, item.field, text)


def _joined(before: Turn, words: str, calls: list[dict[str, Any]], item: RoleTurn) -> Turn:
    message = dict(before.message)
    message["content"] = "\n".join(filter(None, (message["content"], words)))
    added = call_message(calls)["tool_calls"]
    message["tool_calls"] = [*message.get("tool_calls", ()), *added]
    return replace(before, message=message, target=item.target)
