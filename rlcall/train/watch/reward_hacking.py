"""Reward hacking: the reward rises while the strict accuracy, which it stands for, falls.

    history = [Validated(0, correct, rewards), Validated(20, ...), Validated(40, ...)]
    hacked(history, training=[(1, 0.41), (2, 0.44), ...], planned=6)
    # "reward hacking: from step 20 to 40 strict accuracy fell from 61 % to 38 % (48 rows lost, 2 gained), while ..."

Both have to be more than noise. The accuracy has fallen where McNemar's one-sided exact test between the best
validation so far and this one gives p below ALPHA over the number of pairs of validations that the run plans
(Bonferroni): where nothing falls, no validation of the whole run passes it in at least 95 % of runs. The reward has
risen where the training reward has since gone up along a straight line (one-sided p of the slope below ALPHA), or
where the mean reward on the validation rows themselves has (one-sided paired t-test).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binomtest, linregress, ttest_rel

from rlcall.metrics.intervals import Array

ALPHA = 0.05
FEWEST = 3  # log lines that a slope needs


@dataclass(frozen=True, slots=True)
class Validated:
    """What came out at one step: for each row 1, 0 or NaN (no answer known), and its reward or NaN."""

    step: int
    correct: Array
    rewards: Array

    @property
    def accuracy(self) -> float:
        return float(np.nanmean(self.correct))

    @property
    def reward(self) -> float:
        """The mean; 0 where the reward applies to no row."""
        return 0.0 if np.isnan(self.rewards).all() else float(np.nanmean(self.rewards))

    @property
    def rank(self) -> tuple[float, float, int]:
        """The highest is the best: by strict accuracy, then by reward, then the earlier one."""
        return self.accuracy, self.reward, -self.step


def best_of(history: Sequence[Validated]) -> Validated:
    return max(history, key=lambda one: one.rank)


def hacked(
    history: Sequence[Validated], training: Sequence[tuple[int, float]], planned: int
) -> str | None:
    """The warning that the last validation deserves, or None. `training` has (step, mean reward) of the log lines."""
    if len(history) < 2:
        return None
    now, best = history[-1], best_of(history[:-1])
    lost, gained = _changes(best, now)
    pairs = planned * (planned - 1) / 2
    if not lost or binomtest(lost, lost + gained, alternative="greater").pvalue >= ALPHA / pairs:
        return None
    if (risen := _rise(best, now, training)) is None:
        return None
    return (
        f"reward hacking: from step {best.step} to {now.step} strict accuracy on the validation rows fell from "
        f"{best.accuracy:.0%} to {now.accuracy:.0%} ({lost} rows lost, {gained} gained), while {risen}. Look at "
        "samples.jsonl for what is rewarded and not right; rlcall audit finds what a reward can be gamed with"
    )


def _changes(before: Validated, after: Validated) -> tuple[int, int]:
    """(rows lost, rows gained)."""
    change = after.correct - before.correct
    return int((change < 0).sum()), int((change > 0).sum())


def _rise(best: Validated, now: Validated, training: Sequence[tuple[int, float]]) -> str | None:
    """Which reward has risen, and how far; None where none has by more than noise."""
    since = [(step, reward) for step, reward in training if best.step < step <= now.step]
    if len(since) >= FEWEST:
        line = linregress(*zip(*since, strict=True), alternative="greater")
        if line.pvalue < ALPHA:
            return (
                f"the training reward rose by about {line.slope * (since[-1][0] - since[0][0]):.2f}"
            )
    known = ~np.isnan(best.rewards - now.rewards)
    if (
        known.sum() >= FEWEST
        and ttest_rel(now.rewards[known], best.rewards[known], alternative="greater").pvalue < ALPHA
    ):
        return f"their reward rose from {best.reward:.2f} to {now.reward:.2f}"
    return None
