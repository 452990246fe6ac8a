"""Two evaluations on the same rows: how much one is better, and whether that could be chance.

    compare(rows, first, second)["accuracy"]
    # Difference(value=0.04, low=0.01, high=0.07, n=2000, better=131, worse=51, p=2.6e-09)

Each row is compared with itself, so that what makes rows easy or hard for both cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import binomtest

from rlcall.data.rows import Row
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import (
    NOTHING,
    Array,
    Estimate,
    Numbers,
    all_same,
    cluster_totals,
    differences,
    percentiles,
    resample,
    wilson_interval,
)
from rlcall.metrics.rates import rate_values, rule_values
from rlcall.metrics.record import Record


class Difference(NamedTuple):
    """second - first: the mean over `n` rows with its 95 % interval, and on how many the second is better or worse.

    `p` is McNemar's, two-sided; None where values lie between 0 and 1.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    better: int
    worse: int
    p: float | None

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


def mcnemar(better: int, worse: int) -> float:
    """The exact two-sided p-value of McNemar's test: is `better` of better + worse pairs compatible with a half?

    Source: Q. McNemar, Psychometrika 12 (1947) 153-157, in its binomial form; computed by scipy.
    """
    return float(binomtest(better, better + worse, 0.5).pvalue) if better + worse else 1.0


def difference(first: Array, second: Array, clusters: Numbers, seed: int = 0) -> Difference:
    """The mean of second - first over the rows where both apply, with the paired bootstrap's interval.

    The percentiles of the mean over clusters of rows drawn with replacement: each row brings both its values.
    """
    gained = second - first
    known = gained[~np.isnan(gained)]
    (estimate,) = differences(gained[:, None], clusters, seed)
    better, worse = int((known > 0).sum()), int((known < 0).sum())
    decided = bool(np.isin(known, (-1.0, 0.0, 1.0)).all())
    return Difference(
        *estimate, better, worse, mcnemar(better, worse) if decided and len(known) else None
    )


def relative(first: Array, second: Array, clusters: Numbers, seed: int = 0) -> Estimate:
    """mean(second) / mean(first) - 1 over the rows where both apply: -0.3 says 30 % fewer.

    NOTHING where first has none of it.
    The percentiles of that ratio over clusters of rows drawn with replacement, each row with both its values. Where a
    resample has none of first, as happens with fewer than some eight clusters that have any, or where none differs,
    there is no interval.
    Where second has none at all, the upper end is Wilson's for no case among so many clusters.
    """
    both = ~np.isnan(first + second)
    if not first[both].sum():
        return NOTHING
    totals = cluster_totals(np.stack([first[both], second[both]], axis=1), clusters[both])
    value = float(second[both].sum() / first[both].sum()) - 1
    drawn = resample(totals, seed)
    low, high = percentiles(drawn[:, 1] / drawn[:, 0] - 1) if drawn[:, 0].all() else (None, None)
    if low == high == -1.0:
        high = wilson_interval(0, len(np.unique(clusters[both])))[1] / float(first[both].mean()) - 1
    elif all_same(low, high):
        low = high = None
    return Estimate(value, low, high, int(both.sum()))


def compare(
    rows: Sequence[Row], first: Sequence[Record], second: Sequence[Record], seed: int = 0
) -> dict[str, Difference]:
    """Every rate and rule that both evaluations have, by row; a row with several samples counts with their mean.

    ValueError where the two are not about the same rows.
    """
    _check(rows, first, second)
    clusters = clusters_of(rows).numbers
    before, after = (_values_by_row(records, len(rows)) for records in (first, second))
    both = [name for name in before if name in after]
    return {name: difference(before[name], after[name], clusters, seed) for name in both}


def _values_by_row(records: Sequence[Record], rows: int) -> dict[str, Array]:
    values = {
        **rate_values(records),
        **{f"rule {name}": column for name, column in rule_values(records).items()},
    }
    return {name: _by_row(column, records, rows) for name, column in values.items()}


def _by_row(values: Array, records: Sequence[Record], rows: int) -> Array:
    """The mean over each row's samples; a metric applies to all of them or to none."""
    places = np.array([record.row for record in records])
    sums, counts = np.bincount(places, values, rows), np.bincount(places, minlength=rows)
    return sums / counts


def _check(rows: Sequence[Row], first: Sequence[Record], second: Sequence[Record]) -> None:
    wanted = set(range(len(rows)))
    for name, records in (("first", first), ("second", second)):
        if {record.row for record in records} != wanted:
            raise ValueError(
                f"the {name} evaluation has completions for other rows than these {len(rows)}"
            )
        if wrong := next((record for record in records if record.id != rows[record.row].id), None):
            raise ValueError(
                f"row {wrong.row + 1} is {rows[wrong.row].id!r} here and {wrong.id!r} in the {name} evaluation"
            )
