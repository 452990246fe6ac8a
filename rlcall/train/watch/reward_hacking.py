"""Reward hacking: the reward rises while the strict accuracy, which it stands for, falls.

    results = [ValidationResult(0, correct, rewards), ValidationResult(20, ...), ...]
    hacking_warning(results, training=[(1, 0.41), (2, 0.44), ...], planned=6)
    # "reward hacking: from step 20 to 40 strict accuracy fell from 61 % to 38 % (48 rows lost, ...

Both have to be more than noise. The accuracy has fallen where McNemar's one-sided exact test
between the best validation so far and this one gives p below ALPHA over the number of pairs of
validations that the run plans (Bonferroni): where nothing falls, no validation of the whole run
passes it in at least 95 % of runs. The reward has risen where the training reward has since gone up
along a straight line (one-sided p of the slope below ALPHA), or where the mean reward on the
validation rows themselves has (one-sided paired t-test).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, linregress, ttest_rel

from rlcall.metrics.intervals import Array

ALPHA = 0.05
FEWEST = 3  # log lines that a slope needs, and rows that a test needs


@dataclass(frozen=True, slots=True)
class ValidationResult:
    """The outcome of the validation at one step.

    `correct` has for each row 1, 0 or NaN (no answer known), `rewards` its reward or NaN; both are
    of shape (rows,).
    """

    step: int
    correct: Array
    rewards: Array

    @property
    def accuracy(self) -> float:
        """The fraction of rows with a known answer that are right."""
        return float(np.nanmean(self.correct))

    @property
    def reward(self) -> float:
        """The mean reward; 0 where the reward applies to no row."""
        return 0.0 if np.isnan(self.rewards).all() else float(np.nanmean(self.rewards))

    @property
    def rank(self) -> tuple[float, float, int]:
        """A key that is highest for the best: by accuracy, then reward, then the earlier step."""
        return self.accuracy, self.reward, -self.step


def best_of(results: Sequence[ValidationResult]) -> ValidationResult:
    """Return the best validation."""
    return max(results, key=lambda result: result.rank)


def hacking_warning(
    results: Sequence[ValidationResult], training: Sequence[tuple[int, float]], planned: int
) -> str | None:
    """Return the warning that the last validation deserves, or None.

    `training` has (step, mean reward) of the log lines; `planned` is the number of validations of
    the whole run.
    """
    if len(results) < 2:
        return None
    now, best = results[-1], best_of(results[:-1])
    lost, gained = _changes(best, now)
    pairs = planned * (planned - 1) / 2
    if not lost or binomtest(lost, lost + gained, alternative="greater").pvalue >= ALPHA / pairs:
        return None
    rise = _rise(best, now, training)
    if rise is None:
        return None
    return (
        f"reward hacking: from step {best.step} to {now.step} strict accuracy on the validation "
        f"rows fell from {best.accuracy:.0%} to {now.accuracy:.0%} ({lost} rows lost, {gained} "
        f"gained), while {rise}. Look at samples.jsonl for what is rewarded and not right; rlcall "
        "audit finds how a reward can be gamed"
    )


def _changes(before: ValidationResult, after: ValidationResult) -> tuple[int, int]:
    """Return (rows lost, rows gained)."""
    change = after.correct - before.correct  # NaN where either is unknown, which compares as False
    return int((change < 0).sum()), int((change > 0).sum())


def _rise(
    best: ValidationResult, now: ValidationResult, training: Sequence[tuple[int, float]]
) -> str | None:
    """Return which reward has risen, and how far; None where none has by more than noise."""
    since = [(step, reward) for step, reward in training if best.step < step <= now.step]
    if len(since) >= FEWEST:
        steps, rewards = zip(*since, strict=True)
        line = linregress(steps, rewards, alternative="greater")
        if line.pvalue < ALPHA:
            rise = line.slope * (steps[-1] - steps[0])
            return f"the training reward rose by about {rise:.2f}"
    in_both = ~np.isnan(best.rewards - now.rewards)
    if in_both.sum() >= FEWEST:
        test = ttest_rel(now.rewards[in_both], best.rewards[in_both], alternative="greater")
        if test.pvalue < ALPHA:
            return f"their reward rose from {best.reward:.2f} to {now.reward:.2f}"
    return None
