"""Groups of GRPO as numbers: whether one teaches anything, and what replaces it.

have_equal_rewards([[0.5], [0.5], [nan]], weights)                        # True: nothing to compare
fresh_rows(range(5), present={0}, tried={0, 3}, count=3, rng=Random(0))   # [2, 4, 1], in some order
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import cycle, islice
from math import sqrt
from random import Random
from statistics import fmean
from typing import NamedTuple

import torch
from trl.trainer.utils import nanstd

from rlcall.train.groups.oversampling import variance, widest_subset

STD_EPSILON = 1e-4  # what TRL adds to a standard deviation before it divides by it


class SampledCompletion(NamedTuple):
    """One completion, as token ids."""

    row_index: int
    """Of its row in the training set."""
    ids: list[int]
    logprobs: list[float] | None
    """Of the tokens when they were drawn, where vLLM drew them."""
    correct: bool | None
    """The strict outcome; None where it is not known."""
    rewards: list[float]
    """One for each reward function, NaN for None."""
    with_example: bool = False
    """Whether its prompt had a worked example."""


Group = Sequence[SampledCompletion]
"""The completions of one prompt."""


def total_rewards(rewards: Sequence[Sequence[float]], weights: torch.Tensor) -> torch.Tensor:
    """Return the weighted sum of each completion's rewards, without NaN; NaN where all are.

    It is TRL's; the result is of shape (completions,).
    """
    table = torch.tensor(rewards)
    total = (table * weights.to(table)).nansum(dim=1)
    return total.masked_fill(table.isnan().all(dim=1), torch.nan)


def have_equal_rewards(rewards: Sequence[Sequence[float]], weights: torch.Tensor) -> bool:
    """Return whether a group's known rewards are exactly one and the same number."""
    totals = total_rewards(rewards, weights)
    totals = totals[~totals.isnan()]
    return len(totals) == 0 or bool((totals == totals[0]).all())


def fresh_rows(
    pool: Iterable[int], present: set[int], tried: set[int], count: int, rng: Random
) -> list[int]:
    """Return `count` rows: untried ones first, then those tried and dropped, then those present."""
    rows = sorted(pool)
    rng.shuffle(rows)
    rows.sort(key=lambda row_index: (row_index in present, row_index in tried))
    return list(islice(cycle(rows), count))


def std_factor(rewards: torch.Tensor, size: int, scale: str, floor: float) -> torch.Tensor:
    """Return what turns TRL's advantages into those divided by max(std, floor).

    It is exactly 1 where std >= floor.

    `rewards` and the result are of shape (completions,), groups of `size` one after the other;
    `scale` is TRL's `scale_rewards`.
    """
    if scale == "none":
        return torch.ones_like(rewards)
    spreads = rewards.view(1, -1) if scale == "batch" else rewards.view(-1, size)
    std = nanstd(spreads, dim=1).repeat_interleave(spreads.shape[1]).nan_to_num(floor)
    return (std + STD_EPSILON) / (std.clamp(min=floor) + STD_EPSILON)


def is_equal(group: Group, weights: torch.Tensor) -> bool:
    """Return whether all that is known of a group's rewards is one and the same number."""
    return have_equal_rewards([completion.rewards for completion in group], weights)


def spread(group: Group, weights: torch.Tensor) -> float:
    """Return the variance of a group's known rewards."""
    return variance(_totals(group, weights))


def narrowed(group: Group, weights: torch.Tensor, size: int) -> Group:
    """Return the `size` completions of a group whose rewards vary most, in their order."""
    if len(group) == size:
        return group
    return [group[index] for index in widest_subset(_totals(group, weights), size)]


def _totals(group: Group, weights: torch.Tensor) -> list[float]:
    rewards = [completion.rewards for completion in group]
    totals: list[float] = total_rewards(rewards, weights).tolist()
    return totals


def all_outcomes_are(group: Group, outcome: bool) -> bool:
    """Return whether every completion of a group has this strict outcome."""
    return all(completion.correct is outcome for completion in group)


def group_figures(
    drawn: Sequence[Group], first: Sequence[Group], groups: Sequence[Group], weights: torch.Tensor
) -> dict[str, float]:
    """Return what the log has of a generation's groups.

    As they were drawn, the `first` that were kept of these, and those after refilling.
    """
    refilled = [new is not old for old, new in zip(first, groups, strict=True)]
    all_right = [all_outcomes_are(group, True) for group in drawn]
    all_wrong = [all_outcomes_are(group, False) for group in drawn]
    return {
        "groups/all_right": fraction(all_right),
        "groups/all_wrong": fraction(all_wrong),
        "groups/equal": _equal_fraction(drawn, weights),
        "groups/std_drawn": _mean_deviation(drawn, weights),
        "groups/std_kept": _mean_deviation(groups, weights),
        "groups/refilled": fraction(refilled),
        "groups/equal_left": _equal_fraction(groups, weights),
    }


def _equal_fraction(groups: Sequence[Group], weights: torch.Tensor) -> float:
    """Return the fraction of groups whose completions all have one reward."""
    return fraction(is_equal(group, weights) for group in groups)


def _mean_deviation(groups: Sequence[Group], weights: torch.Tensor) -> float:
    """Return the mean over groups of the standard deviation of a group's rewards."""
    return fmean(sqrt(spread(group, weights)) for group in groups)


def fraction(conditions: Iterable[bool]) -> float:
    """Return how many of the conditions hold, from 0 to 1."""
    results = list(conditions)
    return sum(results) / len(results)
