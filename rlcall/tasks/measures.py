"""Quantities that flow from tool to tool: without an upper limit, so that a computed result fits.

    WEIGHT = measured("kilograms", 0.5, 60, "kilograms", "kg", places=1)
    WEIGHT.draw(draw)                     # Value(spoken="4.5 kg", value=4.5)
    figure("number", 2, 500).draw(draw)   # Value(spoken="37", value=37)

A measured value is said with its unit, so that the name of a result can stand in its place: `send
4.5 kg`, `send the weight of the box`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind, integer, number


def measured(
    name: str, low: float, high: float, *units: str, places: int = 0, step: int = 1
) -> Kind:
    """Return amounts from 0, said with one of `units`. Without `places` they are whole numbers."""
    bare = figure(name, low, high, places=places, step=step)

    def draw_measured(draw: Draw) -> Value:
        spoken, value, _ = bare.draw(draw)
        return Value(f"{spoken} {draw.choice(units)}", value)

    return Kind(name, bare.schema, draw_measured)


def figure(
    name: str,
    low: float,
    high: float,
    *,
    places: int = 0,
    step: int = 1,
    schema: Mapping[str, Any] | None = None,
) -> Kind:
    """Return numbers from `low` to `high`. Their schema permits any from 0, or is `schema`."""
    if places:
        bounded = number(name, low, high, places)
    else:
        bounded = integer(name, round(low), round(high), step)
    limits = {"minimum": 0} if schema is None else schema
    return Kind(name, {"type": bounded.schema["type"], **limits}, bounded.draw)


def differing(kind: Kind, key: str) -> Kind:
    """Return the same list of records, no two of which have the same `key`."""

    def draw_differing(draw: Draw) -> Value:
        while True:
            value = kind.draw(draw)
            if len({item[key] for item in value.value}) == len(value.value):
                return value

    return Kind(kind.name, kind.schema, draw_differing)
