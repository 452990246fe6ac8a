"""Falls by half with every call beyond those due; a block that cannot be read counts as one."""

from rlcall.verify import Verdict


def no_surplus(verdict: Verdict) -> float | None:
    return 0.5**verdict.surplus if verdict.due in ("calls", "any") else None
