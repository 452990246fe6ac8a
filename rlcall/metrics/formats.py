"""Which wire formats a model writes its calls in, how sure it is of one, and how right it is in each.

formats(records, clusters)["share"]["hermes"]     # Estimate(value=0.72, ...)
formats(records, clusters)["entropy"]             # Estimate(value=0.91, ...) in bits
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

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
from rlcall.metrics.rates import CALL_DUE, column
from rlcall.metrics.record import Record


def entropy(counts: Array) -> Array:
    """Shannon's entropy in bits of the shares that counts make up, along the last axis; NaN of no counts.

    H = -sum p log2 p: 0 where all completions have one format, log2 of their number where formats are even.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        shares = counts / counts.sum(axis=-1, keepdims=True)
        terms = np.where(shares > 0, shares * np.log2(shares), 0.0)
    return np.where(counts.sum(axis=-1) > 0, np.abs(terms.sum(axis=-1)), np.nan)


def formats(records: Sequence[Record], clusters: Numbers, seed: int = 0) -> dict[str, Any]:
    """`share` and `accuracy` per format, and `entropy`, over the completions for rows on which a call is due.

    As Zhao et al. 2025 (Echo Chamber, arXiv 2504.07912) log them. "text" holds no call that could be recognised.
    """
    due = [place for place, record in enumerate(records) if record.due in CALL_DUE]
    if not due:
        return {"share": {}, "accuracy": {}, "entropy": NOTHING}
    written = [records[place].form for place in due]
    names = sorted(set(written), key=lambda name: (-written.count(name), name))
    ones = np.array([[float(form == name) for name in names] for form in written])
    right = column([records[place].correct for place in due])
    shares = means(ones, clusters[due], seed)
    accuracies = means(np.where(ones == 1, right[:, None], np.nan), clusters[due], seed)
    return {
        "share": dict(zip(names, shares, strict=True)),
        "accuracy": dict(zip(names, accuracies, strict=True)),
        "entropy": _entropy(cluster_totals(ones, clusters[due]), seed),
    }


def _entropy(totals: Array, seed: int) -> Estimate:
    """Without an interval where no resample differs, as where all is written in one format.

    Plugged-in shares underestimate it by about (formats - 1) / (2 n ln 2) bits (Miller 1955).
    """
    low, high = percentiles(entropy(resample(totals, seed)))
    low, high = (None, None) if all_same(low, high) else (low, high)
    return Estimate(float(entropy(totals.sum(axis=0))), low, high, int(totals.sum()))
