"""Which rows belong together: those that show the same tools.

clusters_of(rows)       # Clusters(kind="tool lists", numbers=array([0, 1, 0, 2, ...]))
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlcall.data.rows import Row
from rlcall.intervals import Numbers, numbered
from rlcall.values import canonical

FEWEST = 10
"""Fewer tool lists than this say too little of how they differ: a bootstrap over them is far too narrow."""


@dataclass(frozen=True)
class Clusters:
    """A number for each row. `kind` is "tool lists", or "rows" where there are too few different ones.

    An interval over tool lists is about further requests to further tools; one over rows is about further requests to
    these tools.
    """

    kind: str
    numbers: Numbers

    @property
    def count(self) -> int:
        return int(self.numbers.max(initial=-1)) + 1


def clusters_of(rows: Sequence[Row]) -> Clusters:
    """Rows with the same tools, in any order, have the same number."""
    shown = numbered([tuple(sorted(map(canonical, row.tools))) for row in rows])
    if shown.max(initial=-1) + 1 >= FEWEST:
        return Clusters("tool lists", shown)
    return Clusters("rows", np.arange(len(rows)))
