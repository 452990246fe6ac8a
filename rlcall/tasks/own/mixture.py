"""Which parts of a mixture some tools can serve: one tool gives no choice, and no result means no reply.

mixture = servable(worlds, mixture, notes := [])
notes       # ["task nested is left out: no tool of these worlds gives what another one needs, ..."]
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from rlcall.tasks.draw import Draw
from rlcall.tasks.generate import Component, show_tools
from rlcall.tasks.own.closeness import closeness_of
from rlcall.tasks.views import TASKS
from rlcall.tasks.world import World
from rlcall.tasks.writer import WorldError, Writer

TRIALS = 30
SEVERAL = ("parallel", "chaining", "names", "next")  # tasks with as many calls as `calls` says


def servable(
    worlds: Sequence[World], mixture: Sequence[Component], notes: list[str]
) -> list[Component]:
    """The components that these worlds can serve, with a line in `notes` for each that is changed or left out.

    WorldError where none is left.
    """
    kept = []
    for component in mixture:
        fitted = _fitted(component, sum(len(world.tools) for world in worlds))
        reason = _hindrance(worlds, fitted)
        if fitted != component and not reason:
            notes.append(
                f"task {component.task}: at most {fitted.options.calls[1]} calls, since there are no more tools"
            )
        if reason:
            notes.append(f"task {component.task} is left out: {reason}")
        else:
            kept.append(fitted)
    if not kept:
        raise WorldError("; ".join(notes))
    return kept


def _fitted(component: Component, tools: int) -> Component:
    """The component with no more different calls than there are tools."""
    low, high = component.options.calls
    most = max(2, min(high, tools))
    if component.task not in SEVERAL or most == high:
        return component
    return replace(component, options=replace(component.options, calls=(min(low, most), most)))


def _hindrance(worlds: Sequence[World], component: Component) -> str | None:
    """Why a task cannot be made; None where it can."""
    tools = sum(len(world.tools) for world in worlds)
    if component.task in ("choice", "missing_tool", *SEVERAL) and tools < 2:
        return "there is one tool only"
    if (
        component.task == "missing_tool"
        and len(worlds) == 1
        and closeness_of(worlds[0].tools).rivals.any()
    ):
        return "some of these tools may do what others do, and there are too few that do not"
    writer = Writer(worlds, component.options, Draw(Random("trial"), component.options.split))
    try:
        for _ in range(TRIALS):
            view = TASKS[component.task](writer)
            if not show_tools(view, writer):
                return "a row of it would show no tool"
    except WorldError as error:
        return str(error)
    return None
