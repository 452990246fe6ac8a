"""More than the right answer: `[f(a=1), delete_everything()]` for `[f(a=1)]`, or a second block."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random
from typing import Any

from rlcall.audit.attacks.forgery import Forgery, Gold
from rlcall.audit.attacks.perturb import example_call
from rlcall.calls import Call
from rlcall.data.rows import Row
from rlcall.wire.auto import MARKED
from rlcall.wire.reading.reasoning import REASONING
from rlcall.wire.reading.syntax import marked

UNKNOWN = Call("delete_everything")


def _junk(row: Row, rng: Random) -> list[Call]:
    """Return a call to no tool of the row, and one to a tool of the row."""
    return [UNKNOWN, example_call(rng.choice(row.tools))] if row.tools else [UNKNOWN]


def one_junk_call(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for junk in _junk(row, rng):
        for index in sorted({0, 1, len(gold.calls)}):
            yield [*gold.calls[:index], junk, *gold.calls[index:]]


def twenty_junk_calls(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for junk in _junk(row, rng):
        yield [*gold.calls, *[junk] * 20]
        yield [*[junk] * 20, *gold.calls]


def one_duplicate(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    duplicates = _unlabelled(gold.calls)
    for duplicate in duplicates:
        yield [*gold.calls, duplicate]
    yield [*gold.calls, *duplicates]


def twenty_duplicates(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    duplicates = _unlabelled(gold.calls)
    yield [*gold.calls, *duplicates[:1] * 20]
    yield [*gold.calls, *duplicates * 20]


def _unlabelled(calls: list[Call]) -> list[Call]:
    return [replace(call, label=None) for call in calls]


def every_tool(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    if others := _other_tools(row, gold):
        yield [*gold.calls, *map(example_call, others)]


def _other_tools(row: Row, gold: Gold) -> list[dict[str, Any]]:
    gold_names = {call.name for call in gold.calls}
    return [tool for tool in row.tools if tool["function"]["name"] not in gold_names]


def second_block(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    for junk in _junk(row, rng):
        text = gold.formats[0].render([junk])
        yield f"{gold.text}\n{text}"
        yield f"{text}\n{gold.text}"


def junk_before_a_closing_tag(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A call and a tag that would make all before it reasoning, then the right answer."""
    junk = _junk(row, rng)
    for form in gold.formats:
        call, closing = rng.choice(junk), rng.choice(sorted(REASONING.values()))
        if form.can_render([call], row.tools):  # else it is none, and may be a thought
            yield f"{form.render([call])}\n{closing}\n{form.render(gold.calls)}"


def block_in_another_format(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    """A surplus call. Text without a marker is only a call if it names a tool of the row."""
    others = _other_tools(row, gold)
    for form in rng.sample(MARKED, 3):
        text = form.render([example_call(rng.choice(others)) if others else UNKNOWN])
        if others or marked(text):
            yield f"{gold.text}\n{text}"
            yield f"{text}\n{gold.text}"


def bomb_beside(row: Row, gold: Gold, rng: Random) -> Iterator[Forgery]:
    yield f"{gold.text}\n<tool_call>\n" + '{"name": ' + "[" * 5_000
    yield "<tool_call>\n" + "{" * 5_000 + f"\n</tool_call>\n{gold.text}"
