"""Faults of a world, for its author to mend.

faults(world)       # ["phone.block_number: needs a vague request"]; [] for a sound one
"""

from __future__ import annotations

from collections.abc import Iterator

from rlcall.tasks.world import World, WorldTool, is_open, slots

MINIMUM_CLAUSES = 2  # of each tool, so that its parallel requests do not all sound the same


def faults(world: World) -> list[str]:
    """List what the author should mend, one line each."""
    return [
        f"{world.name}.{tool.name}: {fault}"
        for tool in world.tools
        for fault in _tool_faults(world, tool)
    ]


def _tool_faults(world: World, tool: WorldTool) -> Iterator[str]:
    yield from _phrase_faults(tool)
    yield from _add_faults(tool)
    yield from _name_faults(world, tool)
    yield from _shape_faults(tool)


def _phrase_faults(tool: WorldTool) -> Iterator[str]:
    """Find phrases that name other parameters than they should."""
    needs = set(tool.needs)
    for phrase in tool.say:
        if set(slots(phrase)) != needs:
            yield f"say {phrase!r} must name {needs}"
    for phrase in tool.vague:
        if not set(slots(phrase)) < needs:
            yield f"vague {phrase!r} names all it needs"
    for result in tool.gives.values():
        for phrase in result.named:
            if set(slots(phrase)) != needs:
                yield f"{phrase!r} must name {needs}"


def _add_faults(tool: WorldTool) -> Iterator[str]:
    """Find words for an optional parameter that do not name it, or that are missing."""
    for name, phrases in tool.add.items():
        for phrase in phrases:
            if slots(phrase) != [name]:
                yield f"add {name!r}: {phrase!r} must name it"
    for name in sorted(set(tool.add) ^ set(tool.takes)):
        yield f"add and takes do not both have {name!r}"


def _name_faults(world: World, tool: WorldTool) -> Iterator[str]:
    """Find names that stand for nothing, and parameters that nothing explains."""
    for name in tool.like:
        if name not in world.by_name:
            yield f"like names {name!r}, which is no tool here"
    for name, kind in tool.kinds.items():
        if "description" not in kind.schema:
            yield f"{name!r} has no description"


def _shape_faults(tool: WorldTool) -> Iterator[str]:
    """Find clauses that cannot be joined, and requests that are missing."""
    for clause in tool.clauses:
        if clause[-1] in ".?!":
            yield f"{clause!r} ends like a sentence"
    for phrase in (*tool.say, *tool.vague):
        if phrase[0] == "{":
            yield f"{phrase!r} begins with a slot"
    if len(tool.clauses) < MINIMUM_CLAUSES:
        yield "needs at least two clauses in say"
    if not tool.vague and any(is_open(kind.schema) for kind in tool.needs.values()):
        yield "needs a vague request"
