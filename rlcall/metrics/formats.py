"""The wire formats that a model writes its calls in, how sure it is of one, and how right in each.

formats = measure_formats(completions, clusters)
formats.share["hermes"]     # Estimate(value=0.72, ...)
formats.entropy             # Estimate(value=0.91, ...) in bits
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

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
from rlcall.metrics.rates import CALL_DUE, Estimates, column


@dataclass(frozen=True)
class FormatMetrics:
    """Each format's share of the completions, its accuracy, and the shares' entropy in bits.

    Over the completions for rows on which a call is due; "text" holds no call that could be
    recognised.
    """

    share: Estimates
    accuracy: Estimates
    entropy: Estimate


def entropy(counts: Array) -> Array:
    """Return Shannon's entropy in bits of the shares that counts make up, along the last axis.

    H = -sum p log2 p: 0 where all completions have one format, log2 of their number where formats
    are even, NaN of no counts.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / counts.sum(axis=-1, keepdims=True)
        terms = np.where(shares > 0, shares * np.log2(shares), 0.0)
    bits = np.abs(terms.sum(axis=-1))  # instead of a minus sign: no -0.0 comes out
    has_counts = counts.sum(axis=-1) > 0
    return np.where(has_counts, bits, np.nan)


def measure_formats(
    completions: Sequence[JudgedCompletion], clusters: Numbers, seed: int = 0
) -> FormatMetrics:
    """Return what Zhao et al. 2025 (Echo Chamber, arXiv 2504.07912) log, formats by frequency."""
    due = np.array([completion.due in CALL_DUE for completion in completions], dtype=bool)
    if not due.any():
        return FormatMetrics({}, {}, NOTHING)
    clusters = clusters[due]
    forms = np.array([completion.form for completion in completions])[due]
    right = column([completion.correct for completion in completions])[due]
    counts = Counter(forms.tolist())
    names = sorted(counts, key=lambda name: (-counts[name], name))
    share, accuracy = {}, {}
    for name in names:
        in_format = forms == name
        share[name] = mean_estimate(in_format.astype(float), clusters, seed)
        accuracy[name] = mean_estimate(np.where(in_format, right, np.nan), clusters, seed)
    ones = np.array([forms == name for name in names], dtype=float).T
    return FormatMetrics(share, accuracy, _entropy(cluster_totals(ones, clusters), seed))


def _entropy(totals: Array, seed: int) -> Estimate:
    """Return the entropy; it has no interval where no resample differs, as of a single format.

    Plugged-in shares underestimate it by about (formats - 1) / (2 n ln 2) bits (Miller 1955).
    """
    low, high = percentiles(resample(totals, entropy, seed)) or (None, None)
    return Estimate(float(entropy(totals.sum(axis=0))), low, high, int(totals.sum()))
