"""The share of expected parameters that are valid under the tool's schema, over the due calls."""

from rlcall.verify import Verdict


def types(verdict: Verdict) -> float | None:
    return verdict.share("types")
