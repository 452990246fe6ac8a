"""The share of due calls that were made to the right tool."""

from rlcall.verify import Verdict


def name(verdict: Verdict) -> float | None:
    return verdict.share("name")
