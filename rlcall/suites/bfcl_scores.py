"""BFCL's category scores and its averages of them, with intervals.

    scores(rows, verdicts)["non_live_ast"]
    # Estimate(value=0.484, low=0.451, high=0.516, n=1000)
    gains(rows, first, second)["non_live_ast"]
    # Estimate(value=0.021, low=-0.004, high=0.045, n=1000)

A row's `task` is its category. The averages are the leaderboard's: non-live AST is the plain mean
of its four categories, live AST the mean over all their entries, irrelevance the plain mean of the
two. Its `simple` is itself a mean over Python, Java and JavaScript; here it is Python alone, so
that `non_live_ast` is not the leaderboard's column of that name, but the mean of the four Python
categories that model cards print.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

import numpy as np

from rlcall.data.rows import Row
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import (
    NOTHING,
    Array,
    Estimate,
    Numbers,
    difference_estimate,
    mean_estimate,
    mean_of_independent,
)
from rlcall.suites.bfcl import CATEGORIES, IRRELEVANCE, LIVE, NON_LIVE

PLAIN_MEANS: Mapping[str, Sequence[str]] = {
    "non_live_ast": NON_LIVE,
    "total_irrelevance": IRRELEVANCE,
}
OVER_ENTRIES: Mapping[str, Sequence[str]] = {"live_ast": LIVE}

Estimator = Callable[[Array, Numbers, int], Estimate]
JudgedEntry = tuple[Row, float]


def scores(
    rows: Sequence[Row], verdicts: Sequence[float | None], seed: int = 0
) -> dict[str, Estimate]:
    """Return the fraction of right entries by category, and the averages.

    A verdict of None is left out of its category; an average is NOTHING where one is missing.
    """
    return _scores(rows, verdicts, mean_estimate, 0.0, seed)


def gains(
    rows: Sequence[Row], first: Sequence[float | None], second: Sequence[float | None]
) -> dict[str, Estimate]:
    """Return second - first, each entry with itself, for the same categories and averages."""
    differences: list[float | None] = []
    for before, after in zip(first, second, strict=True):
        if before is None or after is None:
            differences.append(None)
        else:
            differences.append(float(after) - float(before))
    return _scores(rows, differences, difference_estimate, -1.0, 0)


def _scores(
    rows: Sequence[Row],
    values: Sequence[float | None],
    estimate: Estimator,
    lowest: float,
    seed: int,
) -> dict[str, Estimate]:
    entries: dict[str, list[JudgedEntry]] = {name: [] for name in CATEGORIES}
    for row, value in zip(rows, values, strict=True):
        if value is not None and row.task in entries:
            entries[row.task].append((row, float(value)))
    scores = {name: _score(entries[name], estimate, seed) for name in CATEGORIES}
    averages = {}
    for name, categories in PLAIN_MEANS.items():
        averages[name] = mean_of_independent([scores[part] for part in categories], lowest)
    for name, categories in OVER_ENTRIES.items():
        parts = [entries[part] for part in categories]
        pooled = list(chain.from_iterable(parts))
        averages[name] = _score(pooled, estimate, seed) if all(parts) else NOTHING
    return {**scores, **averages}


def _score(entries: Sequence[JudgedEntry], estimate: Estimator, seed: int) -> Estimate:
    if not entries:
        return NOTHING
    rows, values = zip(*entries, strict=True)
    return estimate(np.array(values), clusters_of(rows).numbers, seed)
