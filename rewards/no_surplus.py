"""Halves with everything beyond what is due: a call, a name, a number, an unreadable block."""

from rlcall.verify import Verdict


def no_surplus(verdict: Verdict) -> float | None:
    return None if verdict.due in ("none", "unknown") else 0.5**verdict.surplus
