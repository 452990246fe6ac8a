"""Rows from worlds: a weighted mixture of tasks, the same bytes for the same arguments.

mixture = [Component("nested", 2.0, Options(depth=(2, 3))), Component("irrelevant", 1.0, Options())]
rows = generate(worlds, mixture, 1000, seed=7)
next(rows).task          # "nested"
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import accumulate
from random import Random
from typing import Annotated, NamedTuple

from pydantic import Field
from pydantic.dataclasses import dataclass

from rlcall.data.rows import Row
from rlcall.tasks.draw import Draw
from rlcall.tasks.options import Options, one_of
from rlcall.tasks.record import RequestRecord
from rlcall.tasks.views import TASKS, View, calls_view
from rlcall.tasks.world import World, WorldTool
from rlcall.tasks.writer import Writer

FURTHEST = 80  # tools of any world that are tried as distractors, at most


@dataclass(frozen=True)
class Component:
    """One part of a mixture."""

    task: Annotated[str, one_of(TASKS)]
    weight: Annotated[float, Field(strict=True, gt=0, allow_inf_nan=False)]
    options: Options


class Draft(NamedTuple):
    """A generated row with the record it shows (None where no call is due)."""

    row: Row
    record: RequestRecord | None

    def shorter(self) -> Row | None:
        """Return the row with its first request only.

        None where it does not have several independent ones that ask for calls.
        """
        record = self.record
        if record is None or record.ordered or len(record.parts) < 2:
            return None
        if "calls" not in (self.row.answer or {}):
            return None
        view = calls_view(record.first_part())
        return replace(self.row, messages=view.messages, answer=view.answer)


def generate(
    worlds: Sequence[World], mixture: Sequence[Component], n: int, seed: int
) -> Iterator[Row]:
    """Yield `n` rows of one split; a longer run begins with the shorter one.

    ValueError for a mixture that cannot be made.
    """
    return (draft.row for draft in generate_drafts(worlds, mixture, n, seed))


def generate_drafts(
    worlds: Sequence[World], mixture: Sequence[Component], n: int, seed: int
) -> Iterator[Draft]:
    """Yield what `generate` does, with the records."""
    split = _split_of(mixture)
    draw = Draw(Random(f"rows {split} {seed}"), split)
    writers = [Writer(worlds, component.options, draw) for component in mixture]
    bounds = list(accumulate(component.weight for component in mixture))
    for number in range(n):
        index = bisect_right(bounds, draw.rng.random() * bounds[-1])
        task, writer = mixture[index].task, writers[index]
        view = TASKS[task](writer)
        tools = [tool.definition for tool in show_tools(view, writer)]
        row = Row(view.messages, tools, view.answer, f"{split}-{seed}-{number}", task)
        yield Draft(row, view.record)


def show_tools(view: View, writer: Writer) -> list[WorldTool]:
    """Choose a row's tools: those due, and distractors as near as the options say, shuffled."""
    count = max(writer.draw.between(*writer.options.tools_shown), len(view.due) + view.close)
    closeness = "near" if view.close else writer.options.distractors
    names = {tool.name for tool in (*view.due, *view.absent)}
    tools = list(view.due)
    for tool in _distractors(view, writer, closeness):
        if len(tools) >= count:
            break
        if tool.name not in names:
            names.add(tool.name)
            tools.append(tool)
    writer.draw.rng.shuffle(tools)
    return tools


def _distractors(view: View, writer: Writer, closeness: str) -> Iterator[WorldTool]:
    """Yield candidates, nearest first: look-alikes, tools of the same world, all others."""
    draw = writer.draw
    if closeness == "mixed":
        closeness = draw.choice(("far", "near"))
    if closeness == "near" or view.nearby:
        for tool in view.due or view.absent[:1]:
            for name in tool.like:
                yield writer.home[tool.name].by_name[name]
        same_world = writer.home[view.due[0].name].tools if view.due else writer.tools
        near = view.nearby or same_world
        yield from draw.sample(near, len(near))
    yield from draw.sample(writer.tools, min(len(writer.tools), FURTHEST))


def _split_of(mixture: Sequence[Component]) -> str:
    if not mixture:
        raise ValueError("a mixture has at least one task")
    splits = {component.options.split for component in mixture}
    if len(splits) > 1:
        raise ValueError(f"a mixture has one split, not {', '.join(sorted(splits))}")
    return splits.pop()
