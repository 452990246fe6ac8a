"""The share of references to the right result, and of neighbours in a `sequence` in order."""

from rlcall.verify import Verdict


def chaining(verdict: Verdict) -> float | None:
    return verdict.links.ratio if verdict.links is not None else None
