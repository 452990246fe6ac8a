"""The strict outcome: 1 for every due call made rightly and nothing else done, else 0."""

from rlcall.verify import Verdict


def correct(verdict: Verdict) -> float | None:
    return None if verdict.correct is None else float(verdict.correct)
