"""BFCL's category scores and its averages of them, with intervals.

    scores(rows, verdicts)["non_live_ast"]          # Estimate(value=0.484, low=0.451, high=0.516, n=1000)
    gains(rows, first, second)["non_live_ast"]      # Estimate(value=0.021, low=-0.004, high=0.045, n=1000)

A row's `task` is its category. The averages are the leaderboard's: non-live AST is the plain mean of its four
categories, live AST the mean over all their entries, irrelevance the plain mean of the two. Its `simple` is itself a
mean over Python, Java and JavaScript; here it is Python alone, so that `non_live_ast` is not the leaderboard's column
of that name, but the mean of the four Python categories that model cards print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

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
    means,
    percentiles,
    resample,
)
from rlcall.suites.bfcl import CATEGORIES, IRRELEVANCE, LIVE, NON_LIVE

PLAIN_MEANS: Mapping[str, Sequence[str]] = {
    "non_live_ast": NON_LIVE,
    "total_irrelevance": IRRELEVANCE,
}
OVER_ENTRIES: Mapping[str, Sequence[str]] = {"live_ast": LIVE}

Judged = Sequence[tuple[Row, float]]
Estimator = Callable[[Array, Numbers, int], list[Estimate]]


def scores(
    rows: Sequence[Row], verdicts: Sequence[float | None], seed: int = 0
) -> dict[str, Estimate]:
    """The share of each category and each average; None where entries of a category are missing.

    A verdict of None is left out of its category. Resamples are drawn within each category.
    """
    return _scores(rows, verdicts, means, seed)


def gains(
    rows: Sequence[Row],
    first: Sequence[float | None],
    second: Sequence[float | None],
    seed: int = 0,
) -> dict[str, Estimate]:
    """second - first, each entry with itself, for the same categories and averages."""
    both = zip(first, second, strict=True)
    gained = [
        None if one is None or other is None else float(other) - float(one) for one, other in both
    ]
    return _scores(rows, gained, differences, seed)


def _scores(
    rows: Sequence[Row], values: Sequence[float | None], estimate: Estimator, seed: int
) -> dict[str, Estimate]:
    judged = [
        (row, float(value)) for row, value in zip(rows, values, strict=True) if value is not None
    ]
    parts = {name: [one for one in judged if one[0].task == name] for name in CATEGORIES}

    def share(part: Judged) -> Estimate:
        return estimate(*_values(part), seed)[0] if part else NOTHING

    found = {name: share(part) for name, part in parts.items()}
    draws = {
        name: _draws(part, [seed, place])
        for place, (name, part) in enumerate(parts.items())
        if part
    }
    plain = {name: _plain_mean(names, found, draws) for name, names in PLAIN_MEANS.items()}
    whole = {
        name: names for name, names in OVER_ENTRIES.items() if all(parts[part] for part in names)
    }
    pooled = {
        name: share([one for part in names for one in parts[part]]) for name, names in whole.items()
    }
    return {**found, **plain, **dict.fromkeys(OVER_ENTRIES, NOTHING), **pooled}


def _values(judged: Judged) -> tuple[Array, Numbers]:
    return np.array([[value] for _, value in judged]), clusters_of(
        [row for row, _ in judged]
    ).numbers


def _draws(judged: Judged, seed: Sequence[int]) -> Array:
    """A category's mean in each resample of its clusters."""
    values, clusters = _values(judged)
    drawn = resample(
        cluster_totals(np.concatenate([values, np.ones_like(values)], axis=1), clusters), seed
    )
    return drawn[:, 0] / drawn[:, 1]


def _plain_mean(
    names: Sequence[str], found: Mapping[str, Estimate], draws: Mapping[str, Array]
) -> Estimate:
    if not all(name in draws for name in names):
        return NOTHING
    value = sum(found[name].value or 0.0 for name in names) / len(names)
    low, high = percentiles(sum((draws[name] for name in names), np.zeros(1)) / len(names))
    if all_same(low, high):
        low, high = (
            sum(getattr(found[name], end) for name in names) / len(names) for end in ("low", "high")
        )
    return Estimate(value, low, high, sum(found[name].n for name in names))
