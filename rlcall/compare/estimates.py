"""Figures of methods, with intervals over rows and, where a method has several seeds, over both.

figures = MethodFigures.of(evaluations)              # one evaluation for each seed of the method
figures.rate("accuracy")                             # Estimate(value=0.57, low=0.53, ...)
differences(rows, method, reference, same_seeds=True)["accuracy"]
# PairedDifference(value=0.04, low=0.01, ..., better=131, worse=51, p=None)

Both sources of chance are added as squares of how far each reaches, to either side by itself (Zou
and Donner 2008, Statistics in Medicine 27, 1693-1702, equation 3: limits of a sum from the limits
of its parts). How far seeds reach is Student's interval of their mean; what rows bring is not
taken out of it, so that the result is rather too wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot, inf, sqrt

import numpy as np

from rlcall.compare.runs import RunEvaluation
from rlcall.data.rows import Row
from rlcall.metrics.clusters import clusters_of
from rlcall.metrics.intervals import NOTHING, Array, Estimate, mean_estimate, wilson_interval
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.measure import Metrics, measure
from rlcall.metrics.paired import PairedDifference, paired_difference, relative_difference

RowValues = dict[str, Array]
"""What `values_by_row` gives for the evaluation of one seed."""

ERRORS = ("malformed", "hallucinated", "surplus")
"""Rates of which less is better."""


def seeds_reach(values: Sequence[float]) -> float:
    """Return half of Student's 95 % interval of the mean, t(S - 1) s / sqrt(S) for S seeds.

    0 for one seed, which says nothing of others.
    """
    if len(values) < 2:
        return 0.0
    from scipy.stats import t

    quantile = float(t.ppf(0.975, len(values) - 1))
    error = float(np.std(values, ddof=1)) / sqrt(len(values))
    return quantile * error


def reach_of_difference(
    method: Sequence[float], reference: Sequence[float], same_seeds: bool
) -> float:
    """Return the same for a difference of two means.

    Of the differences where both have the same seeds, otherwise both reaches added as squares.
    """
    if same_seeds:
        return seeds_reach(list(np.subtract(method, reference)))
    return hypot(seeds_reach(method), seeds_reach(reference))


def widen(estimate: Estimate, reach: float, lowest: float, highest: float) -> Estimate:
    """Add how far seeds reach to both sides of an estimate over rows."""
    value, low, high, n = estimate
    if value is None or low is None or high is None:
        return estimate
    below = hypot(value - low, reach)
    above = hypot(high - value, reach)
    return Estimate(value, max(value - below, lowest), min(value + above, highest), n)


def over_seeds(
    estimates: Sequence[Estimate], lowest: float = 0.0, highest: float = 1.0
) -> Estimate:
    """Return the mean of one figure of several seeds; NOTHING where no seed has it.

    Its interval over rows is the mean of theirs, since they share the rows; it has none where one
    of them has none.
    """
    known = [estimate for estimate in estimates if estimate.value is not None]
    if len(known) < 2:
        return known[0] if known else NOTHING
    values = [float(estimate.value or 0.0) for estimate in known]
    low = _mean_of_known([estimate.low for estimate in known])
    high = _mean_of_known([estimate.high for estimate in known])
    over_rows = Estimate(float(np.mean(values)), low, high, known[0].n)
    return widen(over_rows, seeds_reach(values), lowest, highest)


def _mean_of_known(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if len(known) == len(values) else None


@dataclass(frozen=True)
class MethodFigures:
    """A method's figures as means over its seeds."""

    seeds: list[Metrics]

    @classmethod
    def of(cls, evaluations: Sequence[RunEvaluation]) -> MethodFigures:
        """Measure the evaluations, one for each seed."""
        return cls([measure(one.rows, one.completions, one.wire) for one in evaluations])

    @property
    def first(self) -> Metrics:
        """The metrics of the first seed: names and counts are the same in all."""
        return self.seeds[0]

    def rate(self, name: str) -> Estimate:
        """Return one of the rates of docs/metrics.md."""
        return over_seeds([metrics.rates[name] for metrics in self.seeds])

    def rule(self, name: str) -> Estimate:
        """Return the mean of a rule of the reward."""
        return over_seeds([metrics.rules[name] for metrics in self.seeds])

    def task_accuracy(self, task: str) -> Estimate:
        """Return strict accuracy on the rows of a task."""
        return over_seeds([metrics.tasks[task].rates["accuracy"] for metrics in self.seeds])

    def pass_at(self, name: str) -> Estimate:
        """Return `pass@k`, by that name."""
        return over_seeds([metrics.passes[name] for metrics in self.seeds])

    def diversity(self, name: str) -> Estimate:
        """Return a measure of how different a row's completions are."""
        return over_seeds([metrics.diversity[name] for metrics in self.seeds])

    def twins(self, kind: str, figure: str) -> Estimate:
        """Return a figure of TwinMetrics over the twins of a kind."""
        lowest = -1.0 if figure == "drop" else 0.0
        return over_seeds([getattr(one.twins[kind], figure) for one in self.seeds], lowest)

    def format_entropy(self) -> Estimate:
        """Return the entropy of wire formats in bits."""
        return over_seeds([metrics.formats.entropy for metrics in self.seeds], highest=inf)

    def format_share(self, name: str) -> Estimate:
        """Return a wire format's share; 0 for a seed that did not write it."""
        shares = []
        for metrics in self.seeds:
            n = metrics.formats.entropy.n
            absent = Estimate(0.0, *wilson_interval(0, n), n)
            shares.append(metrics.formats.share.get(name, absent))
        return over_seeds(shares)


def error_shares(
    rows: Sequence[Row], seeds: Sequence[Sequence[JudgedCompletion]], codes: Sequence[str]
) -> dict[str, Estimate]:
    """Return for each code the share of completions with such an error, the mean over seeds."""
    clusters = clusters_of(rows).numbers
    shares = {}
    for code in codes:
        by_seed = [_has_error(completions, code, len(rows)) for completions in seeds]
        over_rows = mean_estimate(np.mean(by_seed, axis=0), clusters)
        reach = seeds_reach([float(values.mean()) for values in by_seed])
        shares[code] = widen(over_rows, reach, 0.0, 1.0)
    return shares


def _has_error(completions: Sequence[JudgedCompletion], code: str, rows: int) -> Array:
    """Return by row the part of its completions that have such an error."""
    has_code = []
    for completion in completions:
        codes = [error["code"] for error in completion.errors]
        has_code.append(float(code in codes))
    return np.array(has_code).reshape(rows, -1).mean(axis=1)


def differences(
    rows: Sequence[Row],
    method: Sequence[RowValues],
    reference: Sequence[RowValues],
    same_seeds: bool,
) -> dict[str, PairedDifference]:
    """Return method - reference by row for each metric, both as the mean over their seeds.

    With several seeds there is no McNemar's p: its pairs would be the same rows again and again.
    """
    clusters = clusters_of(rows).numbers
    several = len(method) > 1 or len(reference) > 1
    found = {}
    for name in method[0]:
        after = [values[name] for values in method]
        before = [values[name] for values in reference]
        difference = paired_difference(np.mean(before, axis=0), np.mean(after, axis=0), clusters)
        if several:
            difference = _with_seeds(difference, after, before, same_seeds)
        found[name] = difference
    return found


def _with_seeds(
    difference: PairedDifference, after: Sequence[Array], before: Sequence[Array], same_seeds: bool
) -> PairedDifference:
    if difference.value is None:
        return difference
    reach = reach_of_difference(_seed_means(after), _seed_means(before), same_seeds)
    wide = widen(difference.estimate, reach, -1.0, 1.0)
    return PairedDifference(*wide, difference.better, difference.worse, None)


def changes(
    rows: Sequence[Row],
    method: Sequence[RowValues],
    reference: Sequence[RowValues],
    same_seeds: bool,
) -> dict[str, Estimate]:
    """Return method / reference - 1 for each of ERRORS, both first the mean over their seeds."""
    clusters = clusters_of(rows).numbers
    found = {}
    for name in ERRORS:
        after = [values[name] for values in method]
        before = [values[name] for values in reference]
        over_rows = relative_difference(np.mean(before, axis=0), np.mean(after, axis=0), clusters)
        reach = _reach_of_ratio(after, before, same_seeds)
        found[name] = widen(over_rows, reach, -1.0, inf)
    return found


def _reach_of_ratio(after: Sequence[Array], before: Sequence[Array], same_seeds: bool) -> float:
    """Return how far seeds reach in mean(after) / mean(before), to first order (delta method)."""
    after_means, before_means = _seed_means(after), _seed_means(before)
    base = float(np.mean(before_means))
    if not base:
        return 0.0
    ratio = float(np.mean(after_means)) / base
    after_parts = np.array(after_means) / base
    before_parts = ratio * np.array(before_means) / base
    return reach_of_difference(list(after_parts), list(before_parts), same_seeds)


def _seed_means(columns: Sequence[Array]) -> list[float]:
    return [float(np.nanmean(column)) for column in columns]
