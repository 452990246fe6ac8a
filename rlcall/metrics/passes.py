"""pass@k: the chance that at least one of k completions of a row is right.

pass_at_k(n=8, right=2, k=4)      # 0.786
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from rlcall.metrics.intervals import Estimate, Numbers, means
from rlcall.metrics.record import Record


def pass_at_k(n: int, right: int, k: int) -> float:
    """1 - C(n - right, k) / C(n, k), from n samples of which `right` are right; ValueError where k is above n.

    The unbiased estimator of Chen et al. 2021 (arXiv 2107.03374, equation 1); 1 - (1 - right/n)^k would be too low.
    """
    if not 0 <= right <= n or not 1 <= k <= n:
        raise ValueError(
            f"pass@{k} of {right} right among {n} samples is not defined: 1 <= k <= n, 0 <= right <= n"
        )
    return 1.0 - comb(n - right, k) / comb(n, k)


def passes(
    records: Sequence[Record], clusters: Numbers, samples: int, seed: int = 0
) -> dict[str, Estimate]:
    """pass@1, @2, @4, ... and @samples over the rows with an answer. `records` are a row's samples side by side.

    `clusters` has a number for each record.
    """
    ks = sorted({*(2**power for power in range(samples.bit_length())), samples})
    groups = [records[start : start + samples] for start in range(0, len(records), samples)]
    known = [
        (place * samples, group)
        for place, group in enumerate(groups)
        if group[0].correct is not None
    ]
    right = [sum(bool(record.correct) for record in group) for _, group in known]
    values = np.array([[pass_at_k(samples, count, k) for k in ks] for count in right]).reshape(
        len(right), len(ks)
    )
    estimates = means(values, clusters[[start for start, _ in known]], seed)
    return {f"pass@{k}": estimate for k, estimate in zip(ks, estimates, strict=True)}
