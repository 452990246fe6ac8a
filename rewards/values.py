"""The share of argument leaves that are right, of those expected or surplus, over the due calls."""

from rlcall.verify import Verdict


def values(verdict: Verdict) -> float | None:
    return verdict.share("values")
