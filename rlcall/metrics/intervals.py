"""How sure a measured share or mean is.

    wilson_interval(8, 10)                        # (0.49, 0.94)
    means(values, clusters)                       # [Estimate(value=0.8, low=0.61, high=0.93, n=10), ...]

Rows that share their tools are not as good as as many rows with tools of their own: a model that has misread one tool
is wrong on all of them. Such rows are one cluster, and clusters are what is drawn again in the bootstrap.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest

Array = NDArray[np.float64]
Numbers = NDArray[np.intp]

RESAMPLES = 2000
_AT_ONCE = 4_000_000  # drawn clusters that are held in memory together


class Estimate(NamedTuple):
    """A value with its 95 % interval over `n` observations; None where there are none."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


NOTHING = Estimate(None, None, None, 0)


def wilson_interval(correct: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a binomial share, for all n; (0, 1) where n is 0.

    With p = correct / n and z the normal quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212; computed by scipy.
    """
    if not n:
        return 0.0, 1.0
    interval = binomtest(correct, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)


def numbered(labels: Sequence[Hashable]) -> Numbers:
    """Labels as numbers from 0, in the order in which they first occur."""
    numbers: dict[Hashable, int] = {}
    return np.array([numbers.setdefault(label, len(numbers)) for label in labels], dtype=np.intp)


def cluster_totals(values: Array, clusters: Numbers) -> Array:
    """Sums of `values` (observations x columns) over each cluster: (clusters x columns)."""
    totals = np.zeros((int(clusters.max(initial=-1)) + 1, values.shape[1]))
    np.add.at(totals, clusters, values)
    return totals


def resample(totals: Array, seed: int | Sequence[int] = 0) -> Array:
    """Sums over as many clusters as there are, drawn with replacement: (RESAMPLES x columns).

    `totals` holds a row of sums for each cluster. Source: Davison and Hinkley, Bootstrap Methods and their Application
    (1997), section 3.8: whole clusters are drawn, and what is in them is kept.
    """
    rng, count = np.random.default_rng(seed), len(totals)
    step = max(1, _AT_ONCE // count)
    sizes = [min(step, RESAMPLES - start) for start in range(0, RESAMPLES, step)]
    even = np.full(count, 1 / count)
    return np.concatenate([rng.multinomial(count, even, size=size) @ totals for size in sizes])


def percentiles(draws: Array) -> tuple[float | None, float | None]:
    """The middle 95 % of a statistic's values over resamples; those that are NaN had nothing to compute it from."""
    known = draws[~np.isnan(draws)]
    if not len(known):
        return None, None
    low, high = np.percentile(known, (2.5, 97.5))
    return float(low), float(high)


def all_same(low: float | None, high: float | None) -> bool:
    """Whether percentiles show, up to rounding, that no resample differs: they say nothing of chance then."""
    return low is None or high is None or high - low < 1e-12


def means(values: Array, clusters: Numbers, seed: int = 0) -> list[Estimate]:
    """The mean of each column (observations x columns, in [0, 1]; NaN where it does not apply) with its interval.

    Wilson's where every value is 0 or 1 and no two of them share a cluster; else the percentiles of the cluster
    bootstrap. Where no resample differs from any other, as where all values are the same or in one cluster: as far to
    either side, within [0, 1], as Wilson's interval of no case among so many clusters reaches.
    """
    return [_mean(*one) for one in _columns(values, clusters, seed)]


def differences(values: Array, clusters: Numbers, seed: int = 0) -> list[Estimate]:
    """As `means`, for differences of two values of the same row, in [-1, 1].

    The percentiles of the cluster bootstrap, and where no resample differs as in `means`, within [-1, 1].
    """
    return [_difference(*one) for one in _columns(values, clusters, seed)]


def _columns(values: Array, clusters: Numbers, seed: int) -> list[tuple[Array, Array, Array]]:
    """For each column its known values, their number in each cluster that has any, and the means of resamples."""
    if not len(values):
        return [(np.empty(0),) * 3] * values.shape[1]
    known = ~np.isnan(values)
    sums = cluster_totals(np.where(known, values, 0.0), clusters)
    counts = cluster_totals(known.astype(float), clusters)
    drawn = resample(np.concatenate([sums, counts], axis=1), seed)
    with np.errstate(invalid="ignore"):
        ratios = drawn[:, : values.shape[1]] / drawn[:, values.shape[1] :]
    return [
        (values[known[:, j], j], counts[counts[:, j] > 0, j], ratios[:, j])
        for j in range(values.shape[1])
    ]


def _mean(values: Array, counts: Array, ratios: Array) -> Estimate:
    n = len(values)
    if n and np.isin(values, (0.0, 1.0)).all() and counts.max() <= 1:
        return Estimate(float(values.mean()), *wilson_interval(int(values.sum()), n), n)
    return _drawn(values, counts, ratios, 0.0)


def _difference(values: Array, counts: Array, ratios: Array) -> Estimate:
    return _drawn(values, counts, ratios, -1.0)


def _drawn(values: Array, counts: Array, ratios: Array, lowest: float) -> Estimate:
    if not len(values):
        return NOTHING
    value = float(values.mean())
    low, high = percentiles(ratios)
    if all_same(low, high):
        reach = wilson_interval(0, len(counts))[1]
        low, high = max(value - reach, lowest), min(value + reach, 1.0)
    return Estimate(value, low, high, len(values))
