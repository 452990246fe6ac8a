"""More than the right answer: `[f(a=1), delete_everything()]` for `[f(a=1)]`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.perturb import made_call
from rlcall.calls import Call
from rlcall.data.rows import Row
from rlcall.wire.auto import MARKED
from rlcall.wire.reading.syntax import marked

UNKNOWN = Call("delete_everything")


def _junk(row: Row, rng: Random) -> list[Call]:
    """A call to no tool of the row, and one to a tool of the row."""
    return [UNKNOWN, *([made_call(rng.choice(row.tools))] if row.tools else [])]


def one_junk_call(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for junk in _junk(row, rng):
        for place in sorted({0, 1, len(gold.calls)}):
            yield [*gold.calls[:place], junk, *gold.calls[place:]]


def twenty_junk_calls(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for junk in _junk(row, rng):
        yield [*gold.calls, *[junk] * 20]
        yield [*[junk] * 20, *gold.calls]


def one_duplicate(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for call in gold.calls:
        yield [*gold.calls, replace(call, label=None)]
    yield [*gold.calls, *_again(gold.calls, 1)]


def twenty_duplicates(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield [*gold.calls, *_again(gold.calls[:1], 20)]
    yield [*gold.calls, *_again(gold.calls, 20)]


def _again(calls: list[Call], times: int) -> list[Call]:
    return [replace(call, label=None) for _ in range(times) for call in calls]


def every_tool(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if others := _other_tools(row, gold):
        yield [*gold.calls, *map(made_call, others)]


def _other_tools(row: Row, gold: Gold) -> list[dict[str, Any]]:
    named = {call.name for call in gold.calls}
    return [tool for tool in row.tools if tool["function"]["name"] not in named]


def second_block(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for junk in _junk(row, rng):
        text = gold.formats[0].render([junk])
        yield f"{gold.text}\n{text}"
        yield f"{text}\n{gold.text}"


def block_in_another_format(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A call to a tool that is not due. Text without a marker is a call only where it names a tool of the row."""
    others = _other_tools(row, gold)
    for written in rng.sample(MARKED, 3):
        text = written.render([made_call(rng.choice(others)) if others else UNKNOWN])
        if others or marked(text):
            yield f"{gold.text}\n{text}"
            yield f"{text}\n{gold.text}"


def bomb_beside(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield f"{gold.text}\n<tool_call>\n" + '{"name": ' + "[" * 5_000
    yield "<tool_call>\n" + "{" * 5_000 + f"\n</tool_call>\n{gold.text}"
