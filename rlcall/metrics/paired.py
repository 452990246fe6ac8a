"""Two evaluations of the same rows: the mean difference, and whether it could be chance.

first, second = (values_by_row(completions, samples=1)["accuracy"] for completions in evaluations)
paired_difference(first, second, clusters)
# PairedDifference(value=0.04, low=0.01, high=0.07, n=2000, better=131, worse=51, p=2.6e-09)

Each row is compared with itself, so that what makes rows easy or hard for both cancels out.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rlcall.metrics.intervals import (
    NOTHING,
    Array,
    Estimate,
    Numbers,
    cluster_totals,
    difference_estimate,
    percentiles,
    resample,
    wilson_interval,
)
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.rates import rate_values, rule_values


class PairedDifference(NamedTuple):
    """second - first: the mean over `n` rows with its 95 % interval.

    The second is better on `better` rows and worse on `worse`. `p` is McNemar's, two-sided; None
    where values lie between 0 and 1.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    better: int
    worse: int
    p: float | None

    @property
    def estimate(self) -> Estimate:
        """The mean with its interval alone."""
        return Estimate(self.value, self.low, self.high, self.n)


def values_by_row(completions: Sequence[JudgedCompletion], samples: int) -> dict[str, Array]:
    """Return every rate, and every rule as `rule NAME`, as the mean over each row's samples.

    NaN where it does not apply: to all samples of a row, or to none. `completions` are a row's
    samples next to each other, as many for each row.
    """
    columns = rate_values(completions)
    for name, values in rule_values(completions).items():
        columns[f"rule {name}"] = values
    means = {}
    for name, values in columns.items():
        means[name] = values.reshape(-1, samples).mean(axis=1)
    return means


def mcnemar(better: int, worse: int) -> float:
    """Return the exact two-sided p-value of McNemar's test of as many better as worse.

    Source: Q. McNemar, Psychometrika 12 (1947) 153-157, in its binomial form; computed by scipy.
    """
    if not better + worse:
        return 1.0
    from scipy.stats import binomtest

    return float(binomtest(better, better + worse, 0.5).pvalue)


def paired_difference(
    first: Array, second: Array, clusters: Numbers, seed: int = 0
) -> PairedDifference:
    """Return the mean of second - first over the rows where both apply, one value a row.

    Its interval is the paired bootstrap's: the percentiles of the mean over clusters of rows drawn
    with replacement; each row brings both its values.
    """
    gains = second - first
    known = gains[~np.isnan(gains)]
    better = int((known > 0).sum())
    worse = int((known < 0).sum())
    p = None
    if len(known) and np.isin(known, (-1.0, 0.0, 1.0)).all():
        p = mcnemar(better, worse)
    return PairedDifference(*difference_estimate(gains, clusters, seed), better, worse, p)


def relative_difference(first: Array, second: Array, clusters: Numbers) -> Estimate:
    """Return mean(second) / mean(first) - 1 over the rows where both apply: -0.3 says 30 % fewer.

    NOTHING where first has none of it. The percentiles of that ratio over clusters of rows drawn
    with replacement, each row with both its values. There is no interval where a resample has
    none of first, as happens with fewer than some eight clusters that have any, or where none
    differs. Where second has none at all, the upper end is Wilson's for no case among that many
    clusters.
    """
    both = ~np.isnan(first + second)
    first, second, clusters = first[both], second[both], clusters[both]
    n = len(first)
    if not first.sum():
        return NOTHING
    totals = cluster_totals(np.stack([first, second], axis=1), clusters)
    value = float(second.sum() / first.sum()) - 1
    draws = resample(totals, _change)
    if np.isnan(draws).any():
        return Estimate(value, None, None, n)
    if not second.sum():
        upper = wilson_interval(0, len(totals))[1] / float(first.mean()) - 1
        return Estimate(value, -1.0, upper, n)
    low, high = percentiles(draws) or (None, None)
    return Estimate(value, low, high, n)


def _change(sums: Array) -> Array:
    base = np.where(sums[..., 0] > 0, sums[..., 0], np.nan)
    return sums[..., 1] / base - 1
