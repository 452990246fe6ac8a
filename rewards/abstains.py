"""Abstention, where no call is due: 1 for making none, 0 for any call, readable or not."""

from rlcall.verify import Verdict


def abstains(verdict: Verdict) -> float | None:
    return float(verdict.surplus == 0) if verdict.due == "none" else None
