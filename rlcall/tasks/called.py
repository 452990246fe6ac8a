"""Identifiers said together with what they identify, so that the name of a result can replace them.

    ORDER = called(code("order id", "ORD-####"), "order {}")
    ORDER.draw(draw)    # Value(spoken="order ORD-1234", value="ORD-1234")

`cancel order ORD-1234`, `cancel the last order of Ana Rossi`.
"""

from __future__ import annotations

from dataclasses import replace

from rlcall.tasks.draw import Draw, Value
from rlcall.tasks.kinds import Kind


def called(kind: Kind, *forms: str) -> Kind:
    """Return the same kind, said in one of these forms; `{}` stands for the value's own words."""

    def draw_called(draw: Draw) -> Value:
        value = kind.draw(draw)
        return value._replace(spoken=draw.choice(forms).format(value.spoken))

    return replace(kind, draw=draw_called)
