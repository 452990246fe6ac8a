"""Rows that belong together: those whose answers call the same tools, and a twin with its row.

clusters_of(rows)       # Clusters(kind="tools", numbers=array([0, 1, 0, 2, ...]))
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from rlcall.data.rows import Row
from rlcall.metrics.intervals import Numbers, numbered
from rlcall.tasks.twins.twins import kind_of, original_id
from rlcall.verifier.values import canonical

FEWEST = 10
"""Fewer than this say too little of how tools differ: a bootstrap over them is far too narrow."""


@dataclass(frozen=True)
class Clusters:
    """A number for each row.

    `kind` is "tools", or "rows" where the answers call too few different ones.
    An interval over tools is about further requests to further tools; one over rows is about
    further requests to these tools.
    """

    kind: str
    numbers: Numbers

    @property
    def count(self) -> int:
        """The number of clusters."""
        return int(self.numbers.max(initial=-1)) + 1


def clusters_of(rows: Sequence[Row]) -> Clusters:
    """Return the same number for rows that are right and wrong together.

    Rows whose answer calls and the others are told apart: all of the others may be shown the same
    few tools. Where too few sets of tools are called, or shown, each row is a cluster by itself.
    """
    originals = _original_rows(rows)
    tool_sets = [_tools_of(rows[original]) for original in originals]
    labels: list[Hashable] = list(originals)
    enough = set()
    for calls in (True, False):
        indices = [index for index, (calling, _) in enumerate(tool_sets) if calling == calls]
        if len({tool_sets[index] for index in indices}) >= FEWEST:
            enough.add(calls)
            for index in indices:
                labels[index] = tool_sets[index]
    any_calls = any(calling for calling, _ in tool_sets)
    return Clusters("tools" if any_calls in enough else "rows", numbered(labels))


def _original_rows(rows: Sequence[Row]) -> list[int]:
    """Return each row's own index, and for a twin that of the row it was made from."""
    index_of_id = {row.id: index for index, row in enumerate(rows)}
    originals = []
    for index, row in enumerate(rows):
        if row.id and kind_of(row.id):
            index = index_of_id.get(original_id(row.id), index)
        originals.append(index)
    return originals


def _tools_of(row: Row) -> tuple[bool, tuple[str, ...]]:
    """Return whether the answer calls any tools, and which, in any order.

    All that are shown where it calls none, or cannot say.
    """
    calls = (row.answer or {}).get("calls") or ()
    names = {call.get("name") for call in calls if isinstance(call, dict)}
    called = [tool for tool in row.tools if tool.get("function", {}).get("name") in names]
    tools = sorted(map(canonical, called or row.tools))
    return bool(called), tuple(tools)
