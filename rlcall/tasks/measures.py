"""Quantities that flow from tool to tool: their schemas have no upper limit, so that a computed result fits.

    WEIGHT = measured("kilograms", 0.5, 60, "kilograms", "kg", places=1)
    WEIGHT.draw(draw)                     # Value(spoken="4.5 kg", value=4.5)
    figure("number", 2, 500).draw(draw)   # Value(spoken="37", value=37)

A measured value is said with its unit, so that the name of a result can stand in its place: `send 4.5 kg`,
`send the weight of the box`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind, integer, number


def measured(
    name: str, low: float, high: float, *units: str, places: int = 0, step: int = 1
) -> Kind:
    """Amounts not below 0, said with one of `units`. Without `places` they are whole numbers."""
    bare = figure(name, low, high, places=places, step=step)

    def said(draw: Draw) -> Value:
        spoken, value, _ = bare.draw(draw)
        return Value(f"{spoken} {draw.choice(units)}", value)

    return Kind(name, bare.schema, said)


def figure(
    name: str,
    low: float,
    high: float,
    *,
    places: int = 0,
    step: int = 1,
    schema: Mapping[str, Any] | None = None,
) -> Kind:
    """Numbers drawn from `low` to `high`, where the schema permits any that is not below 0, or what `schema` says."""
    limits = {"minimum": 0} if schema is None else schema
    drawn = (
        number(name, low, high, places) if places else integer(name, round(low), round(high), step)
    )
    return Kind(name, {"type": drawn.schema["type"], **limits}, drawn.draw)


def differing(kind: Kind, key: str) -> Kind:
    """The same list of records, in which no two have the same `key`."""

    def drawn(draw: Draw) -> Value:
        value = kind.draw(draw)
        return (
            value if len({item[key] for item in value.value}) == len(value.value) else drawn(draw)
        )

    return Kind(kind.name, kind.schema, drawn)
