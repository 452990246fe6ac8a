"""Which rows belong together: those whose answers call the same tools, and a twin with the row it was made from.

clusters_of(rows)       # Clusters(kind="tools", numbers=array([0, 1, 0, 2, ...]))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rlcall.data.rows import Row
from rlcall.metrics.intervals import Numbers, numbered
from rlcall.tasks.twins.twins import kind_of, original_id
from rlcall.verifier.values import canonical

FEWEST = 10
"""Fewer than this say too little of how tools differ: a bootstrap over them is far too narrow."""


@dataclass(frozen=True)
class Clusters:
    """A number for each row. `kind` is "tools", or "rows" where the answers call too few different ones.

    An interval over tools is about further requests to further tools; one over rows is about further requests to
    these tools.
    """

    kind: str
    numbers: Numbers

    @property
    def count(self) -> int:
        return int(self.numbers.max(initial=-1)) + 1


def clusters_of(rows: Sequence[Row]) -> Clusters:
    """Rows that are right and wrong together have the same number.

    Those whose answer calls and the others are judged apart: all of these may be shown the same few tools.
    """
    places = {row.id: place for place, row in enumerate(rows)}
    of_row = [
        places.get(original_id(row.id), at) if row.id and kind_of(row.id) else at
        for at, row in enumerate(rows)
    ]
    tools = [_tools(rows[place]) for place in of_row]
    many = {
        calls for calls in (True, False) if len({one for one in tools if one[0] == calls}) >= FEWEST
    }
    numbers = numbered(
        [one if one[0] in many else place for one, place in zip(tools, of_row, strict=True)]
    )
    calling = any(calls for calls, _ in tools)
    return Clusters("tools" if calling in many else "rows", numbers)


def _tools(row: Row) -> tuple[bool, tuple[str, ...]]:
    """Whether the answer calls any, and which, in any order; all that are shown where it calls none, or cannot say."""
    calls = row.answer.get("calls") if isinstance(row.answer, dict) else None
    names = {call.get("name") for call in calls or () if isinstance(call, dict)}
    called = [tool for tool in row.tools if tool.get("function", {}).get("name") in names]
    return bool(called), tuple(sorted(map(canonical, called or row.tools)))
