"""How sure a measured share is.

    wilson_interval(8, 10)      # (0.49, 0.94)
"""

from __future__ import annotations

from scipy.stats import binomtest


def wilson_interval(correct: int, n: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a binomial share, for all n; (0, 1) where n is 0.

    With p = correct / n and z the normal quantile: (p + z²/2n ± z √(p(1-p)/n + z²/4n²)) / (1 + z²/n).
    Source: E. B. Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212; computed by scipy.
    """
    if not n:
        return 0.0, 1.0
    interval = binomtest(correct, n).proportion_ci(confidence, method="wilson")
    return float(interval.low), float(interval.high)
