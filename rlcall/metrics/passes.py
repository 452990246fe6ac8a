"""pass@k: the chance that at least one of k completions of a row is right.

pass_at_k(n=8, right=2, k=4)      # 0.786
"""

from __future__ import annotations

from collections.abc import Sequence
from math import comb

import numpy as np

from rlcall.metrics.intervals import Numbers, mean_estimate
from rlcall.metrics.judged_completion import JudgedCompletion
from rlcall.metrics.rates import Estimates


def pass_at_k(n: int, right: int, k: int) -> float:
    """Return 1 - C(n - right, k) / C(n, k), from n samples of which `right` are right.

    The unbiased estimator of Chen et al. 2021 (arXiv 2107.03374, equation 1); 1 - (1 - right/n)^k
    would be too low. ValueError where k is above n.
    """
    if not 0 <= right <= n or not 1 <= k <= n:
        raise ValueError(
            f"pass@{k} of {right} right among {n} samples is not defined: "
            "1 <= k <= n, 0 <= right <= n"
        )
    return 1.0 - comb(n - right, k) / comb(n, k)


def passes(
    completions: Sequence[JudgedCompletion], clusters: Numbers, samples: int, seed: int = 0
) -> Estimates:
    """Return pass@1, @2, @4, ... and @samples over the rows with an answer.

    `completions` are a row's samples next to each other, and `clusters` has a number for each of
    them.
    """
    rights, clusters_of_rows = [], []
    for start in range(0, len(completions), samples):
        of_row = completions[start : start + samples]
        if of_row[0].correct is not None:
            right = [completion for completion in of_row if completion.correct]
            rights.append(len(right))
            clusters_of_rows.append(clusters[start])
    numbers = np.array(clusters_of_rows, dtype=np.intp)
    estimates = {}
    powers = [2**power for power in range(samples.bit_length())]
    for k in sorted({*powers, samples}):
        chances = np.array([pass_at_k(samples, count, k) for count in rights], dtype=float)
        estimates[f"pass@{k}"] = mean_estimate(chances, numbers, seed)
    return estimates
