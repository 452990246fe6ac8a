"""More completions than a step learns from, and which of them it keeps: those that differ most.

widest_subset([0.0, 1.0, 0.0, 0.9, 0.1, 0.0], size=4)     # [0, 1, 2, 3], rewards 0, 1, 0 and 0.9
widest_groups([0.02, 0.0, 0.2, 0.1], count=2)             # [2, 3]

The subset of largest variance is the lowest few and the highest few (arXiv 2504.13818, theorem 1;
arXiv 2606.00135 for function calls).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from statistics import fmean, pvariance

DIGITS = 9  # variances that differ by less are the same: rewards are float32


def widest_subset(rewards: Sequence[float], size: int) -> list[int]:
    """Return the indices of the `size` rewards of largest variance, in order.

    Of subsets with the same variance it is the one whose mean is nearest that of all. NaN, a reward
    that is not known, is taken only where there are not enough others.
    """
    known = [index for index, reward in enumerate(rewards) if not isnan(reward)]
    if len(known) <= size:
        unknown = [index for index, reward in enumerate(rewards) if isnan(reward)]
        return sorted([*known, *unknown[: size - len(known)]])
    known.sort(key=lambda index: rewards[index])
    mean = fmean(rewards[index] for index in known)
    subsets = [known[:lowest] + known[len(known) - size + lowest :] for lowest in range(size + 1)]

    ranks = []
    for subset in subsets:
        values = [rewards[index] for index in subset]
        distance = round(abs(fmean(values) - mean), DIGITS)
        ranks.append((round(pvariance(values), DIGITS), -distance))
    return sorted(subsets[ranks.index(max(ranks))])


def variance(rewards: Sequence[float]) -> float:
    """Return the variance of the known rewards; 0 of fewer than two."""
    known = [reward for reward in rewards if not isnan(reward)]
    return pvariance(known) if len(known) > 1 else 0.0


def widest_groups(
    variances: Sequence[float], count: int, companions: Mapping[int, int] | None = None
) -> list[int]:
    """Return the indices of the `count` groups of largest variance, in order.

    `companions` has for a group another one without which it is not kept. Of equal variances the
    earlier is kept.
    """
    companions = companions or {}
    kept: list[int] = []
    by_variance = sorted(range(len(variances)), key=lambda index: -round(variances[index], DIGITS))
    for index in by_variance:
        companion = companions.get(index, index)
        new = [group for group in dict.fromkeys((companion, index)) if group not in kept]
        if len(kept) + len(new) <= count:
            kept += new
    return sorted(kept)
