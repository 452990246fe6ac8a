"""What a reward adds to a trainer's log.

metrics(verdict, score)
# {"rules/values/earned": 0.5, "rules/values/applies": 1.0, "rules/values/failed": 0.0, ...}
rule_means(log)     # of their means over many completions
# {"rules/values": 0.5, "rules/values/failed": 0.0, ...}
"""

from __future__ import annotations

from collections.abc import Mapping

from rlcall.reward.score import Score
from rlcall.verify import Verdict


def metrics(verdict: Verdict, score: Score) -> dict[str, float]:
    """Return what one completion adds to a log.

    The keys are the same for every completion, so that no rank waits for another when they are
    gathered.
    """
    correct = None if verdict.correct is None else float(verdict.correct)
    values = {"correct": correct, **score.rules}
    entries: dict[str, float] = {}
    for name, value in values.items():
        entries[f"rules/{name}/earned"] = value or 0.0
        entries[f"rules/{name}/applies"] = float(value is not None)
    for name in score.rules:
        entries[f"rules/{name}/failed"] = float(name in score.failures)
    return entries


def rule_means(log: Mapping[str, float]) -> dict[str, float]:
    """Return `rules/<name>`, the mean of each rule where it applied, from the means of `metrics`.

    `rules/<name>/failed`, the fraction of completions on which the rule failed, stays as it is.
    """
    means = {}
    for key, value in log.items():
        if not key.startswith("rules/"):
            continue
        if key.endswith("/applies") and value:
            name = key.removesuffix("/applies")
            means[name] = log[f"{name}/earned"] / value
        elif key.endswith("/failed"):
            means[key] = value
    return means
