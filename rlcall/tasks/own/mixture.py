"""The part of a mixture that some tools can serve: one tool gives no choice, no result no reply.

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
    """Return the components that these worlds can serve.

    `notes` gets a line for each that is changed or left out. WorldError where none remains.
    """
    tools = sum(len(world.tools) for world in worlds)
    components = []
    for component in mixture:
        fitted = _fitted(component, tools)
        if reason := _hindrance(worlds, fitted):
            notes.append(f"task {component.task} is left out: {reason}")
            continue
        if fitted != component:
            most = fitted.options.calls[1]
            notes.append(
                f"task {component.task}: at most {most} calls, since there are no more tools"
            )
        components.append(fitted)
    if not components:
        raise WorldError("; ".join(notes))
    return components


def _fitted(component: Component, tools: int) -> Component:
    """Limit the component to as many different calls as there are tools."""
    low, high = component.options.calls
    most = max(2, min(high, tools))
    if component.task not in SEVERAL or most == high:
        return component
    return replace(component, options=replace(component.options, calls=(min(low, most), most)))


def _hindrance(worlds: Sequence[World], component: Component) -> str | None:
    """Say why a task cannot be made; None where it can."""
    tools = sum(len(world.tools) for world in worlds)
    if component.task in ("choice", "missing_tool", *SEVERAL) and tools < 2:
        return "there is one tool only"
    is_missing = component.task == "missing_tool"
    if is_missing and len(worlds) == 1 and closeness_of(worlds[0].tools).rivals.any():
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
