"""Shares and means over completions: strict accuracy, rules, and the ways in which calls go wrong.

rates(completions, clusters)["malformed"]       # Estimate(value=0.03, low=0.01, high=0.06, n=256)

RATES has what each one is of a single completion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from rlcall.metrics.intervals import (
    NOTHING,
    Array,
    Estimate,
    Numbers,
    cluster_totals,
    mean_estimate,
    percentiles,
    resample,
)
from rlcall.metrics.judged_completion import JudgedCompletion

Estimates = dict[str, Estimate]

CALL_DUE = ("calls", "any")
_ASKS_FOR_CALLS = (*CALL_DUE, "none", "unknown")


class Rate(NamedTuple):
    """A figure of a completion: 0, 1 or between, None where it does not apply.

    `asked_on` is what a row has to ask for, so that it applies; None of all rows.
    """

    figure: Callable[[JudgedCompletion], float | None]
    asked_on: Sequence[str] | None = None

    def of(self, completion: JudgedCompletion) -> float | None:
        """Return the figure of one completion."""
        if self.asked_on is not None and completion.due not in self.asked_on:
            return None
        return self.figure(completion)


RATES = {
    "accuracy": Rate(lambda completion: completion.correct),
    "reward": Rate(lambda completion: completion.reward),
    "valid": Rate(lambda completion: completion.is_valid, CALL_DUE),
    "malformed": Rate(
        lambda completion: completion.is_malformed, (*_ASKS_FOR_CALLS, "names", "arguments")
    ),
    "hallucinated": Rate(lambda completion: completion.is_made_up, (*_ASKS_FOR_CALLS, "names")),
    "surplus": Rate(lambda completion: completion.surplus > 0, (*CALL_DUE, "names")),
    "relevance": Rate(lambda completion: bool(completion.calls), CALL_DUE),
    "irrelevance": Rate(lambda completion: bool(completion.correct), ("none",)),
}
BALANCED = "balanced"


def column(values: Sequence[float | None]) -> Array:
    """Return values as a column of numbers, NaN for None."""
    return np.array([np.nan if value is None else value for value in values], dtype=float)


def rate_values(completions: Sequence[JudgedCompletion]) -> dict[str, Array]:
    """Return each of RATES for each completion; NaN where it does not apply."""
    values = {}
    for name, rate in RATES.items():
        values[name] = column([rate.of(completion) for completion in completions])
    return values


def rule_values(completions: Sequence[JudgedCompletion]) -> dict[str, Array]:
    """Return what each rule of the reward gave to each completion; NaN where it does not apply."""
    values = {}
    for name in completions[0].rules if completions else {}:
        values[name] = column([completion.rules[name] for completion in completions])
    return values


def mean_estimates(values: Mapping[str, Array], clusters: Numbers, seed: int) -> Estimates:
    """Return the mean of each of some columns with its interval."""
    estimates = {}
    for name, of_completions in values.items():
        estimates[name] = mean_estimate(of_completions, clusters, seed)
    return estimates


def rates(completions: Sequence[JudgedCompletion], clusters: Numbers, seed: int = 0) -> Estimates:
    """Return every rate's mean, and `balanced`, the mean of relevance and irrelevance.

    `clusters` has a number for each completion.
    """
    values = rate_values(completions)
    estimates = mean_estimates(values, clusters, seed)
    estimates[BALANCED] = _balanced(estimates, values, clusters, seed)
    return estimates


def rules(completions: Sequence[JudgedCompletion], clusters: Numbers, seed: int = 0) -> Estimates:
    """Return every rule's mean over the completions to which it applies."""
    return mean_estimates(rule_values(completions), clusters, seed)


def _balanced(
    estimates: Estimates, values: Mapping[str, Array], clusters: Numbers, seed: int
) -> Estimate:
    """Return (relevance + irrelevance) / 2: 0.5 for who always does the same.

    NOTHING where either is.
    Source: balanced accuracy, Brodersen et al., ICPR 2010. Where no resample differs from any
    other, the interval is the mean of those of its two parts.
    """
    relevance, irrelevance = estimates["relevance"], estimates["irrelevance"]
    if not relevance.n or not irrelevance.n:
        return NOTHING
    both = np.stack([values["relevance"], values["irrelevance"]], axis=1)
    known = ~np.isnan(both)
    # Columns: the sums of the two, and over how many completions each of them is.
    counted = np.concatenate([np.where(known, both, 0.0), known], axis=1)
    applies = known.any(axis=1)
    totals = cluster_totals(counted[applies], clusters[applies])
    interval = percentiles(resample(totals, _mean_of_two_ratios, seed))
    if interval is None:
        low = ((relevance.low or 0.0) + (irrelevance.low or 0.0)) / 2
        high = ((relevance.high or 0.0) + (irrelevance.high or 0.0)) / 2
        interval = low, high
    value = float(_mean_of_two_ratios(totals.sum(axis=0)))
    return Estimate(value, *interval, int(known.sum()))


def _mean_of_two_ratios(sums: Array) -> Array:
    # A resample may have no row of one kind; its value is NaN, and is left out.
    with np.errstate(invalid="ignore"):
        return (sums[..., 0] / sums[..., 2] + sums[..., 1] / sums[..., 3]) / 2
