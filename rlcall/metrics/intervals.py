"""95 % intervals of shares, means and differences, over clusters of rows.

wilson_interval(8, 10)              # (0.49, 0.94)
mean_estimate(values, clusters)     # Estimate(value=0.8, low=0.61, high=0.93, n=10)

Rows that share their tools say less than as many rows with tools of their own: a model that has
misread one tool is wrong on all of them. Such rows are one cluster, and the bootstrap draws whole
clusters.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Hashable, Sequence
from math import sqrt
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Numbers = NDArray[np.intp]
Interval = tuple[float, float]

RESAMPLES = 2000
_AT_ONCE = 4_000_000  # drawn clusters that are held in memory together


class Estimate(NamedTuple):
    """A value with its 95 % interval over `n` observations; None where there are none."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    def to_json(self) -> dict[str, Any]:
        """Return {"value", "low", "high", "n"}."""
        return self._asdict()


NOTHING = Estimate(None, None, None, 0)


def wilson_interval(correct: int, n: int) -> Interval:
    """Return the 95 % score interval of a binomial share, for all n; (0, 1) where n is 0.

    With p = correct / n and z the normal quantile:
    (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212; computed by scipy.
    """
    if not n:
        return 0.0, 1.0
    from scipy.stats import binomtest  # takes a second to import, which `--help` need not wait for

    interval = binomtest(correct, n).proportion_ci(method="wilson")
    return float(interval.low), float(interval.high)


def numbered(labels: Sequence[Hashable]) -> Numbers:
    """Return labels as numbers from 0, in the order in which they first occur."""
    number_of: dict[Hashable, int] = {}
    numbers = [number_of.setdefault(label, len(number_of)) for label in labels]
    return np.array(numbers, dtype=np.intp)


def cluster_totals(values: Array, clusters: Numbers) -> Array:
    """Return the sums of `values` (observations x columns) over each cluster (clusters x columns).

    Numbers of clusters without an observation are passed over.
    """
    labels, cluster_of_value = np.unique(clusters, return_inverse=True)
    totals = np.zeros((len(labels), values.shape[1]))
    np.add.at(totals, cluster_of_value, values)
    return totals


def resample(totals: Array, statistic: Callable[[Array], Array], seed: int = 0) -> Array:
    """Return RESAMPLES values of a statistic, each over as many clusters as there are, drawn anew.

    `totals` holds a row of sums for each cluster (clusters x columns). `statistic` takes sums over
    what was drawn (draws x columns) and gives its values (draws).
    Source: Davison and Hinkley, Bootstrap Methods and their Application (1997), section 3.8: whole
    clusters are drawn, with replacement, and what is in them is kept; computed by scipy.
    """
    if len(totals) == 1:
        return statistic(totals)  # the same in every draw; scipy refuses it
    from scipy.stats import DegenerateDataWarning, bootstrap

    def of_drawn(*columns: Array, axis: int) -> Array:
        sums = [column.sum(axis=axis) for column in columns]
        return statistic(np.stack(sums, axis=-1))

    with warnings.catch_warnings():
        # A resample may have nothing to compute the statistic from; `percentiles` knows what to do.
        warnings.simplefilter("ignore", DegenerateDataWarning)
        result = bootstrap(
            tuple(totals.T),
            of_drawn,
            paired=True,  # a cluster's sums stay together
            vectorized=True,
            method="percentile",
            n_resamples=RESAMPLES,
            batch=max(1, _AT_ONCE // len(totals)),
            rng=np.random.default_rng(seed),
        )
    return result.bootstrap_distribution


def percentiles(draws: Array) -> Interval | None:
    """Return the middle 95 % of a statistic's values over resamples.

    Those that are NaN had nothing to compute it from, and are left out. None where no value differs
    from another up to rounding, or there is none: then resamples say nothing of chance.
    """
    known = draws[~np.isnan(draws)]
    if not len(known):
        return None
    low, high = np.percentile(known, (2.5, 97.5))
    return None if high - low < 1e-12 else (float(low), float(high))


def mean_estimate(values: Array, clusters: Numbers, seed: int = 0) -> Estimate:
    """Return the mean of values in [0, 1], NaN where one does not apply, with its interval.

    Wilson's where every value is 0 or 1 and no two of them share a cluster; else the percentiles
    of the cluster bootstrap. Where no resample differs from any other, as where all values are
    the same or in one cluster: as far to either side, within [0, 1], as Wilson's interval of no
    case among that many clusters reaches.
    """
    known = ~np.isnan(values)
    n = int(known.sum())
    is_binary = bool(np.isin(values[known], (0.0, 1.0)).all())
    if n and is_binary and len(np.unique(clusters[known])) == n:
        correct = int(values[known].sum())
        return Estimate(correct / n, *wilson_interval(correct, n), n)
    return _bootstrapped_mean(values[known], clusters[known], 0.0, seed)


def difference_estimate(values: Array, clusters: Numbers, seed: int = 0) -> Estimate:
    """Return the mean of differences in [-1, 1] of two values of the same row, as `mean_estimate`.

    The percentiles of the cluster bootstrap, and where no resample differs as far to either side as
    there, within [-1, 1].
    """
    known = ~np.isnan(values)
    return _bootstrapped_mean(values[known], clusters[known], -1.0, seed)


def _bootstrapped_mean(values: Array, clusters: Numbers, lowest: float, seed: int) -> Estimate:
    if not len(values):
        return NOTHING
    value = float(values.mean())
    totals = cluster_totals(np.stack([values, np.ones_like(values)], axis=1), clusters)
    interval = percentiles(resample(totals, _ratio, seed))
    if interval is None:
        reach = wilson_interval(0, len(totals))[1]
        interval = max(value - reach, lowest), min(value + reach, 1.0)
    return Estimate(value, *interval, len(values))


def _ratio(sums: Array) -> Array:
    return sums[:, 0] / sums[:, 1]


def mean_of_independent(estimates: Sequence[Estimate], lowest: float) -> Estimate:
    """Return the plain mean of figures over different rows; NOTHING where one of them is not known.

    How far their intervals reach is added as squares, to either side by itself, within [lowest, 1].
    Source: Zou and Donner, Statistics in Medicine 27 (2008) 1693-1702, equation 3.
    """
    value, below, above, n = 0.0, 0.0, 0.0, 0
    for estimate in estimates:
        if estimate.value is None or estimate.low is None or estimate.high is None:
            return NOTHING
        value += estimate.value / len(estimates)
        below += (estimate.value - estimate.low) ** 2
        above += (estimate.high - estimate.value) ** 2
        n += estimate.n
    low = max(value - sqrt(below) / len(estimates), lowest)
    high = min(value + sqrt(above) / len(estimates), 1.0)
    return Estimate(value, low, high, n)
