"""The share of structure that is right: objects and lists in arguments, and calls in calls."""

from rlcall.verify import Verdict


def nesting(verdict: Verdict) -> float | None:
    return verdict.share("nesting")
