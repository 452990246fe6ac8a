"""The share of parameters given where they should be and absent where not, over the due calls."""

from rlcall.verify import Verdict


def parameters(verdict: Verdict) -> float | None:
    return verdict.share("parameters")
