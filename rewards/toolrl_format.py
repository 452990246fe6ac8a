"""ToolRL's format reward (Qian et al. 2025, arXiv 2504.13958): 1 for calls and nothing around.

A block that cannot be read has the format all the same, one that does not end has not. Where no
call is due: 1 for making none.
"""

from rlcall.verify import Verdict


def toolrl_format(verdict: Verdict) -> float | None:
    if verdict.due == "none":
        return float(verdict.surplus == 0)
    if verdict.due != "calls":
        return None
    if not (verdict.calls or verdict.problems):
        return 0.0
    return float(not verdict.has("truncated", "text_before", "text_after", "text_around"))
