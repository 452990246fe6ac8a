"""The share of expected parameters whose value is valid under the tool's JSON Schema, over the due calls."""

from rlcall.verify import Verdict


def types(verdict: Verdict) -> float | None:
    return verdict.share("types")
