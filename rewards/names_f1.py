"""Function-name detection: F1 of the names as multisets, 2 |due & given| / (|due| + |given|).

1 for [] where none is due. Granite's measure of its name detection (Abdelaziz et al. 2024, arXiv
2407.00121); here a name counts as often as it is given, so that repeating it costs.
"""

from rlcall.verify import Verdict


def names_f1(verdict: Verdict) -> float | None:
    return verdict.overlap.f1 if verdict.overlap and verdict.due == "names" else None
