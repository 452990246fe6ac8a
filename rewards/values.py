"""The share of argument leaves that are right, of all that are expected or should not be there, over the due calls."""

from rlcall.verify import Verdict


def values(verdict: Verdict) -> float | None:
    return verdict.share("values")
