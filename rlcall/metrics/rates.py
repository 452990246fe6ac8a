"""Shares and means over completions: strict accuracy, the rules, and how calls go wrong.

    rates(records, clusters)["malformed"]       # Estimate(value=0.03, low=0.01, high=0.06, n=256)

RATES says what each one is of a single completion: 0, 1 or between, and None where its row does not ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from rlcall.metrics.intervals import (
    NOTHING,
    Array,
    Estimate,
    Numbers,
    all_same,
    cluster_totals,
    means,
    percentiles,
    resample,
)
from rlcall.metrics.record import Record

CALL_DUE = ("calls", "any")


def _where(*due: str) -> Callable[[Callable[[Record], float]], Callable[[Record], float | None]]:
    """A rate over the completions for rows that ask for one of these things."""
    return lambda rate: lambda record: rate(record) if record.due in due else None


_IN_CALLS = (*CALL_DUE, "none", "unknown")

RATES: dict[str, Callable[[Record], float | None]] = {
    "accuracy": lambda record: record.correct,
    "reward": lambda record: record.reward,
    "valid": _where(*CALL_DUE)(lambda record: record.is_valid),
    "malformed": _where(*_IN_CALLS, "names", "arguments")(lambda record: record.is_malformed),
    "hallucinated": _where(*_IN_CALLS, "names")(lambda record: record.is_made_up),
    "surplus": _where(*CALL_DUE, "names")(lambda record: record.surplus > 0),
    "relevance": _where(*CALL_DUE)(lambda record: bool(record.calls)),
    "irrelevance": _where("none")(lambda record: bool(record.correct)),
}
BALANCED = "balanced"


def column(record_values: Sequence[float | None]) -> Array:
    """Values as a column of numbers, NaN for None."""
    return np.array([np.nan if value is None else value for value in record_values], dtype=float)


def rate_values(records: Sequence[Record]) -> dict[str, Array]:
    """Each of RATES for each completion; NaN where it does not apply."""
    return {name: column([rate(record) for record in records]) for name, rate in RATES.items()}


def rule_values(records: Sequence[Record]) -> dict[str, Array]:
    """What each rule of the reward gave to each completion; NaN where it does not apply."""
    names = records[0].rules if records else {}
    return {name: column([record.rules[name] for record in records]) for name in names}


def rates(records: Sequence[Record], clusters: Numbers, seed: int = 0) -> dict[str, Estimate]:
    """Every rate's mean, and `balanced`, the mean of relevance and irrelevance (chance level 0.5)."""
    values = rate_values(records)
    found = _estimates(values, clusters, seed)
    return {**found, BALANCED: _balanced(found, values, clusters, seed)}


def rules(records: Sequence[Record], clusters: Numbers, seed: int = 0) -> dict[str, Estimate]:
    """Every rule's mean over the completions to which it applies."""
    return _estimates(rule_values(records), clusters, seed)


def _estimates(values: dict[str, Array], clusters: Numbers, seed: int) -> dict[str, Estimate]:
    if not values:
        return {}
    return dict(
        zip(values, means(np.stack(list(values.values()), axis=1), clusters, seed), strict=True)
    )


def _balanced(
    found: dict[str, Estimate], values: dict[str, Array], clusters: Numbers, seed: int
) -> Estimate:
    """(relevance + irrelevance) / 2, None where either is: a policy that does the same everywhere gets 0.5.

    Source: balanced accuracy, Brodersen et al., ICPR 2010. Where no resample differs from any other, the interval is
    the mean of those of its two parts.
    """
    parts = [found["relevance"], found["irrelevance"]]
    if not all(part.n for part in parts):
        return NOTHING
    both = np.stack([values["relevance"], values["irrelevance"]], axis=1)
    known = ~np.isnan(both)
    totals = cluster_totals(np.concatenate([np.where(known, both, 0.0), known], axis=1), clusters)

    def balance(sums: Array) -> Array:
        return (sums[..., 0] / sums[..., 2] + sums[..., 1] / sums[..., 3]) / 2

    with np.errstate(invalid="ignore"):
        low, high = percentiles(balance(resample(totals, seed)))
    if all_same(low, high):
        low, high = (sum(getattr(part, end) for part in parts) / 2 for end in ("low", "high"))
    return Estimate(float(balance(totals.sum(axis=0))), low, high, int(known.sum()))
