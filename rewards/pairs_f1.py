"""Parameter-value detection: F1 of the pairs of parameter and value, 2 right / (due + given).

A pair is right where the whole value is, under the answer's comparators and the tool's schema.
Granite's measure of its parameter-value pair detection (Abdelaziz et al. 2024, arXiv 2407.00121).
"""

from rlcall.verify import Verdict


def pairs_f1(verdict: Verdict) -> float | None:
    return verdict.overlap.f1 if verdict.overlap and verdict.due == "arguments" else None
