"""Rows from worlds: a weighted mixture of tasks, the same bytes for the same arguments on any machine.

mixture = [Component("nested", 2.0, Options(depth=(2, 3))), Component("irrelevant", 1.0, Options())]
rows = generate(worlds, mixture, 1000, seed=7)
next(rows).task          # "nested"
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from random import Random
from typing import NamedTuple

from rlcall.data.rows import Row
from rlcall.tasks.draw import Draw
from rlcall.tasks.options import Options
from rlcall.tasks.record import Record
from rlcall.tasks.views import TASKS, View, calls_view
from rlcall.tasks.world import Tool, World
from rlcall.tasks.writer import Writer


class Component(NamedTuple):
    """One part of a mixture."""

    task: str
    weight: float
    options: Options


class Made(NamedTuple):
    """A row, and the record it shows (None where no call is due)."""

    row: Row
    record: Record | None

    def shorter(self) -> Row | None:
        """The row with its first request only, if it has several independent ones that ask for calls."""
        record = self.record
        if (
            record is None
            or record.ordered
            or len(record.parts) < 2
            or "calls" not in (self.row.answer or {})
        ):
            return None
        view = calls_view(record.first_part())
        return replace(self.row, messages=view.messages, answer=view.answer)


def generate(
    worlds: Sequence[World], mixture: Sequence[Component], n: int, seed: int
) -> Iterator[Row]:
    """`n` rows of one split; a longer run begins with the shorter one. ValueError for a mixture that cannot be made."""
    return (made.row for made in generate_made(worlds, mixture, n, seed))


def generate_made(
    worlds: Sequence[World], mixture: Sequence[Component], n: int, seed: int
) -> Iterator[Made]:
    """As `generate`, with the records."""
    split = _split(mixture)
    draw = Draw(Random(f"rows {split} {seed}"), split)
    writers = [Writer(worlds, component.options, draw) for component in mixture]
    bounds = list(accumulate(component.weight for component in mixture))
    for number in range(n):
        point = draw.rng.random() * bounds[-1]
        chosen = next(index for index, bound in enumerate(bounds) if point < bound)
        view = TASKS[mixture[chosen].task](writers[chosen])
        tools = [tool.definition for tool in show_tools(view, writers[chosen])]
        task = mixture[chosen].task
        yield Made(
            Row(view.messages, tools, view.answer, f"{split}-{seed}-{number}", task), view.record
        )


def show_tools(view: View, writer: Writer) -> list[Tool]:
    """The tools that are due, and distractors as near as the options say, shuffled."""
    count = max(writer.draw.between(*writer.options.tools_shown), len(view.due) + view.close)
    closeness = "near" if view.close else writer.options.distractors
    taken = {tool.name for tool in (*view.due, *view.absent)}
    shown = list(view.due)
    for tool in _distractors(view, writer, closeness):
        if len(shown) >= count:
            break
        if tool.name not in taken:
            taken.add(tool.name)
            shown.append(tool)
    writer.draw.rng.shuffle(shown)
    return shown


def _distractors(view: View, writer: Writer, closeness: str) -> Iterator[Tool]:
    """Candidates in the order in which they are taken: look-alikes, the same world, all others."""
    draw = writer.draw
    if closeness == "mixed":
        closeness = draw.choice(("far", "near"))
    if closeness == "near" or view.shown:
        for tool in view.due or view.absent[:1]:
            yield from (
                writer.home[tool.name].by_name[name]
                for name in tool.like
                if tool.name in writer.home
            )
        near = view.shown or (writer.home[view.due[0].name].tools if view.due else writer.tools)
        yield from draw.sample(list(near), len(near))
    yield from draw.sample(writer.tools, min(len(writer.tools), 80))


def _split(mixture: Sequence[Component]) -> str:
    splits = {component.options.split for component in mixture}
    if not mixture or min(component.weight for component in mixture) <= 0:
        raise ValueError("a mixture has at least one task, and each has a weight above 0")
    if len(splits) > 1:
        raise ValueError(f"a mixture has one split, not {', '.join(sorted(splits))}")
    return splits.pop()
