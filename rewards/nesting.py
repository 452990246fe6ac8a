"""The share of structure that is right: objects and lists inside arguments, and calls inside calls."""

from rlcall.verify import Verdict


def nesting(verdict: Verdict) -> float | None:
    return verdict.share("nesting")
