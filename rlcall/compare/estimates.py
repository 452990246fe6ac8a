"""Levels and differences of methods, with intervals over rows and, where a method has several seeds, over both.

measured = Measured.of(evaluations, seed=0)            # one evaluation for each seed of the method
measured.level("all", "accuracy")                      # Estimate(value=0.57, low=0.53, high=0.61, n=2000)
differences(rows, method, reference)["accuracy"]       # Difference(value=0.04, low=0.01, ..., better=131, worse=51)

Both sources of chance are added as squares of how far each reaches, to either side by itself (Zou and Donner 2008,
Statistics in Medicine 27, 1693-1702, equation 3: limits of a sum from the limits of its parts). How far seeds reach is
Student's interval of their mean; what rows bring is not taken out of it, so that the result is rather too wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np
from scipy.stats import t

from rlcall.compare.runs import Evaluated
from rlcall.data.rows import Row
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import NOTHING, Array, Estimate, means, wilson_interval
from rlcall.metrics.measure import measure
from rlcall.metrics.paired import Difference, difference, relative
from rlcall.metrics.rates import rate_values, rule_values
from rlcall.metrics.record import Record

# What lies elsewhere than between 0 and 1.
LIMITS = {"drop": (-1.0, 1.0), "entropy": (0.0, float("inf"))}
ERRORS = ("malformed", "hallucinated", "surplus")
"""Rates of which less is better."""


def seeds_reach(values: Sequence[float]) -> float:
    """Half of Student's 95 % interval of the mean, t(S - 1) s / sqrt(S) for S seeds; 0 for one: it says nothing."""
    if len(values) < 2:
        return 0.0
    return float(t.ppf(0.975, len(values) - 1)) * float(np.std(values, ddof=1)) / sqrt(len(values))


def reach_of_difference(mine: Sequence[float], theirs: Sequence[float], paired: bool) -> float:
    """The same for a difference of two means: of the differences where seeds are `paired`, else added as squares."""
    if paired:
        return seeds_reach([a - b for a, b in zip(mine, theirs, strict=True)])
    return sqrt(seeds_reach(mine) ** 2 + seeds_reach(theirs) ** 2)


def widen(estimate: Estimate, reach: float, lowest: float, highest: float) -> Estimate:
    """An estimate over rows with how far seeds reach added to both sides."""
    value, low, high, n = estimate
    if value is None or low is None or high is None:
        return estimate
    below, above = (sqrt((end - value) ** 2 + reach**2) for end in (low, high))
    return Estimate(value, max(value - below, lowest), min(value + above, highest), n)


def over_seeds(
    estimates: Sequence[Estimate], lowest: float = 0.0, highest: float = 1.0
) -> Estimate:
    """The mean of one figure of several seeds. Its interval over rows is the mean of theirs: they share the rows.

    None where one of them has none.
    """
    known = [one for one in estimates if one.value is not None]
    if not known:
        return NOTHING
    if len(known) == 1:
        return known[0]
    value, low, high = (_mean([one[place] for one in known]) for place in range(3))
    reach = seeds_reach([float(one.value or 0) for one in known])
    return widen(Estimate(value, low, high, known[0].n), reach, lowest, highest)


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


@dataclass(frozen=True)
class Measured:
    """Everything `rlcall.metrics.measure` says of each seed's evaluation."""

    seeds: list[dict[str, Any]]

    @classmethod
    def of(cls, evaluations: Sequence[Evaluated]) -> Measured:
        return cls([measure(one.rows, one.records, one.wire) for one in evaluations])

    def level(self, *path: str) -> Estimate:
        """A figure by its place, such as ("twins", "all", "drop"); the mean over seeds."""
        return over_seeds(self.each(*path), *LIMITS.get(path[-1], (0.0, 1.0)))

    def each(self, *path: str) -> list[Estimate]:
        """The figure of each seed. A format that one seed did not write has a share of 0 there."""
        found = [_at(one, path) for one in self.seeds]
        if path[:2] != ("formats", "share"):
            return found
        counts = [_at(one, ("formats", "entropy")).n for one in self.seeds]
        return [
            one if one.n else Estimate(0.0, *wilson_interval(0, n), n)
            for one, n in zip(found, counts, strict=True)
        ]

    def names(self, *path: str) -> list[str]:
        """What is measured below a place, in any of the seeds, in order."""
        return list(dict.fromkeys(name for found in self.seeds for name in _below(found, path)))


def _below(found: dict[str, Any], path: Sequence[str]) -> dict[str, Any]:
    for name in path:
        found = found.get(name, {})
    return found


def _at(found: dict[str, Any], path: Sequence[str]) -> Estimate:
    """NOTHING where it was not measured: a task, a rule or a format that is not there."""
    *above, last = path
    estimate: Estimate = _below(found, above).get(last, NOTHING)
    return estimate


def by_row(records: Sequence[Record], samples: int) -> dict[str, Array]:
    """Every rate, and every rule as `rule NAME`, by row: the mean over its samples, NaN where it does not apply."""
    values = {
        **rate_values(records),
        **{f"rule {name}": column for name, column in rule_values(records).items()},
    }
    return {name: column.reshape(-1, samples).mean(axis=1) for name, column in values.items()}


def error_shares(
    rows: Sequence[Row], seeds: Sequence[Sequence[Record]], codes: Sequence[str]
) -> dict[str, Estimate]:
    """For each code the share of completions that have an error of it, the mean over seeds."""
    by_rows = [
        _has_error(records, codes).reshape(len(rows), -1, len(codes)).mean(axis=1)
        for records in seeds
    ]
    over_rows = means(np.mean(by_rows, axis=0), clusters_of(rows).numbers)
    each = np.array([one.mean(axis=0) for one in by_rows])
    return {
        code: widen(estimate, seeds_reach(list(each[:, place])), 0.0, 1.0)
        for place, (code, estimate) in enumerate(zip(codes, over_rows, strict=True))
    }


def _has_error(records: Sequence[Record], codes: Sequence[str]) -> Array:
    found = [{error["code"] for error in one.errors} for one in records]
    return np.array([[float(code in here) for code in codes] for here in found])


def differences(
    rows: Sequence[Row],
    method: Sequence[dict[str, Array]],
    other: Sequence[dict[str, Array]],
    paired: bool,
) -> dict[str, Difference]:
    """method - other by row, both the mean over their seeds (`by_row` of each), `paired` where those are equal.

    With several seeds there is no McNemar's p: its pairs would be the same rows again and again.
    """
    clusters = clusters_of(rows).numbers
    several = len(method) > 1 or len(other) > 1
    found = {}
    for name in method[0]:
        mine, theirs = ([values[name] for values in side] for side in (method, other))
        one = difference(np.mean(theirs, axis=0), np.mean(mine, axis=0), clusters)
        found[name] = _with_seeds(one, mine, theirs, paired) if several else one
    return found


def changes(
    rows: Sequence[Row],
    method: Sequence[dict[str, Array]],
    other: Sequence[dict[str, Array]],
    paired: bool,
) -> dict[str, Estimate]:
    """method / other - 1 for each of ERRORS, as `differences`: both sides are first the mean over their seeds."""
    clusters = clusters_of(rows).numbers
    found = {}
    for name in ERRORS:
        mine, theirs = ([values[name] for values in side] for side in (method, other))
        one = relative(np.mean(theirs, axis=0), np.mean(mine, axis=0), clusters)
        found[name] = widen(one, _reach_of_ratio(mine, theirs, paired), -1.0, float("inf"))
    return found


def _reach_of_ratio(mine: Sequence[Array], theirs: Sequence[Array], paired: bool) -> float:
    """How far seeds reach in mean(mine) / mean(theirs), to first order around the means (delta method)."""
    ours, others = ([float(np.nanmean(column)) for column in side] for side in (mine, theirs))
    whole = float(np.mean(others))
    if not whole:
        return 0.0
    ratio = float(np.mean(ours)) / whole
    return reach_of_difference(
        [a / whole for a in ours], [ratio * b / whole for b in others], paired
    )


def _with_seeds(
    one: Difference, mine: Sequence[Array], theirs: Sequence[Array], paired: bool
) -> Difference:
    if one.value is None:
        return one
    ours, others = ([float(np.nanmean(column)) for column in side] for side in (mine, theirs))
    reach = reach_of_difference(ours, others, paired)
    wide = widen(Estimate(one.value, one.low, one.high, one.n), reach, -1.0, 1.0)
    return Difference(*wide, one.better, one.worse, None)
