"""1 for a completion that reads as calls, 0.8 with text after the last one, 0 for no calls.

Text after the last call answers for a result that has not come.
"""

from rlcall.verify import Verdict


def parses(verdict: Verdict) -> float | None:
    if verdict.due not in ("calls", "any"):
        return None
    if not verdict.calls:
        return 0.0
    return 0.8 if verdict.has("text_after") else 1.0
