"""BFCL's category scores and its averages of them, with intervals.

    scores(entries, verdicts)["non_live_ast"]       # Estimate(value=0.484, low=0.451, high=0.516, n=1000)

The averages are the leaderboard's: non-live AST is the plain mean of its four categories, live AST the mean over all
their entries, irrelevance the plain mean of the two. Its `simple` is itself a mean over Python, Java and JavaScript;
here it is Python alone, so that `non_live_ast` is not the leaderboard's column of that name, but the mean of the four
Python categories that model cards print.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from rlcall.intervals import NOTHING, Array, Estimate, Numbers, cluster_totals, means, percentiles, resample
from rlcall.metrics.clusters import clusters_of
from rlcall.suites.bfcl import CATEGORIES, IRRELEVANCE, LIVE, NON_LIVE, Entry

PLAIN_MEANS: Mapping[str, Sequence[str]] = {"non_live_ast": NON_LIVE, "total_irrelevance": IRRELEVANCE}
Judged = tuple[Entry, float]

OVER_ENTRIES: Mapping[str, Sequence[str]] = {"live_ast": LIVE}


def scores(entries: Sequence[Entry], verdicts: Sequence[bool | None], seed: int = 0) -> dict[str, Estimate]:
    """The share of each category and each average; None where entries of a category are missing.

    A verdict of None is left out of its category. Resamples are drawn within each category.
    """
    judged = [(entry, float(verdict)) for entry, verdict in zip(entries, verdicts, strict=True) if verdict is not None]
    parts = {name: [one for one in judged if one[0].category == name] for name in CATEGORIES}
    found = {name: _share(part, seed) for name, part in parts.items()}
    draws = {name: _draws(part, [seed, place]) for place, (name, part) in enumerate(parts.items()) if part}
    plain = {name: _plain_mean(names, found, draws) for name, names in PLAIN_MEANS.items()}
    whole = {name: names for name, names in OVER_ENTRIES.items() if all(parts[part] for part in names)}
    pooled = {name: _share([one for part in names for one in parts[part]], seed) for name, names in whole.items()}
    return {**found, **plain, **dict.fromkeys(OVER_ENTRIES, NOTHING), **pooled}


def _values(judged: Sequence[Judged]) -> tuple[Array, Numbers]:
    return np.array([[value] for _, value in judged]), clusters_of([entry.row for entry, _ in judged]).numbers


def _share(judged: Sequence[Judged], seed: int) -> Estimate:
    return means(*_values(judged), seed)[0] if judged else NOTHING


def _draws(judged: Sequence[Judged], seed: Sequence[int]) -> Array:
    """A category's share in each resample of its clusters."""
    values, clusters = _values(judged)
    drawn = resample(cluster_totals(np.concatenate([values, np.ones_like(values)], axis=1), clusters), seed)
    return drawn[:, 0] / drawn[:, 1]


def _plain_mean(names: Sequence[str], found: Mapping[str, Estimate], draws: Mapping[str, Array]) -> Estimate:
    if not all(name in draws for name in names):
        return NOTHING
    value = sum(found[name].value or 0.0 for name in names) / len(names)
    low, high = percentiles(sum((draws[name] for name in names), np.zeros(1)) / len(names))
    if low == high:
        low, high = (sum(getattr(found[name], end) for name in names) / len(names) for end in ("low", "high"))
    return Estimate(value, low, high, sum(found[name].n for name in names))
