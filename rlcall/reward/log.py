"""The figures that a reward adds to a trainer's log.

metrics(verdict, score)
# {"rules/values/earned": 0.5, "rules/values/applies": 1.0, "rules/values/failed": 0.0, ...}
rule_means(log)     # of their means over many completions
# {"rules/values": 0.5, "rules/values/failed": 0.0, ...}
call_rates(log)     # {"abstention": 0.8, "relevance": 0.95}
"""

from __future__ import annotations

from collections.abc import Mapping

from rlcall.reward.score import Score
from rlcall.verify import Verdict

CALL_RATES = ("abstention", "relevance")
"""Abstaining where no call is due, and making any call where calls are due."""


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
    abstains = correct if verdict.due == "none" else None
    makes_calls = float(bool(verdict.calls)) if verdict.due in ("calls", "any") else None
    for name, value in zip(CALL_RATES, (abstains, makes_calls), strict=True):
        entries[f"{name}/earned"] = value or 0.0
        entries[f"{name}/applies"] = float(value is not None)
    return entries


def call_rates(log: Mapping[str, float]) -> dict[str, float | None]:
    """Return CALL_RATES from the means of `metrics`; {} where the log has none of them.

    None where no completion was of a row that asks for no call, or for calls.
    """
    rates = {}
    for name in CALL_RATES:
        applies = log.get(f"{name}/applies")
        if applies is not None:
            rates[name] = log[f"{name}/earned"] / applies if applies else None
    return rates


def plain_figures(log: Mapping[str, float]) -> dict[str, float]:
    """Return a log without the entries that `rule_means` and `call_rates` read."""
    parts = ("rules/", *(f"{name}/" for name in CALL_RATES))
    return {key: value for key, value in log.items() if not key.startswith(parts)}


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
