"""Groups of GRPO as numbers: whether one teaches anything, what is drawn in its place, what its spread is divided by.

have_equal_rewards([[0.5], [0.5], [nan]], weights)                          # True: nothing to compare
fresh_places(range(5), present={0}, tried={0, 3}, count=3, rng=Random(0))   # [2, 4, 1], in some order
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import cycle, islice
from random import Random
from typing import NamedTuple

import torch
from trl.trainer.utils import nanstd

STD_EPSILON = 1e-4  # what TRL adds to a standard deviation before it divides by it


class Sampled(NamedTuple):
    """One completion."""

    place: int
    """Of its row in the training set."""
    ids: list[int]
    logprobs: list[float] | None
    """Of the tokens when they were drawn, where vLLM drew them."""
    correct: bool | None
    """The strict outcome; None where it is not known."""
    rewards: list[float]
    """One for each reward function, NaN for None."""


Group = Sequence[Sampled]


def total_rewards(rewards: Sequence[Sequence[float]], weights: torch.Tensor) -> torch.Tensor:
    """The weighted sum of each completion's rewards, as TRL takes it: without NaN, and NaN where there is no other."""
    given = torch.tensor(rewards)
    total = (given * weights.to(given)).nansum(dim=1)
    return total.masked_fill(given.isnan().all(dim=1), torch.nan)


def have_equal_rewards(rewards: Sequence[Sequence[float]], weights: torch.Tensor) -> bool:
    """Whether a whole group's rewards are one and the same number, exactly; those that are not known aside."""
    known = total_rewards(rewards, weights)
    known = known[~known.isnan()]
    return len(known) == 0 or bool((known == known[0]).all())


def fresh_places(
    pool: Iterable[int], present: set[int], tried: set[int], count: int, rng: Random
) -> list[int]:
    """`count` places: untried ones first, then those that were tried and dropped, those present only after them."""
    order = sorted(pool)
    rng.shuffle(order)
    order.sort(key=lambda place: (place in present, place in tried))
    return list(islice(cycle(order), count))


def std_factor(rewards: torch.Tensor, size: int, scale: str, floor: float) -> torch.Tensor:
    """What turns TRL's advantages, (N,), into those divided by max(std, floor). Exactly 1 where std >= floor."""
    if scale == "none":
        return torch.ones_like(rewards)
    whole = rewards.view(1, -1) if scale == "batch" else rewards.view(-1, size)
    std = nanstd(whole, dim=1).repeat_interleave(whole.shape[1]).nan_to_num(floor)
    return (std + STD_EPSILON) / (std.clamp(min=floor) + STD_EPSILON)


def group_shares(groups: Sequence[Group], is_equal: Callable[[Group], bool]) -> dict[str, float]:
    """The shares of groups that are all right, all wrong, and of equal rewards."""
    return {
        "groups/all_right": share_of(all(one.correct is True for one in group) for group in groups),
        "groups/all_wrong": share_of(
            all(one.correct is False for one in group) for group in groups
        ),
        "groups/equal": share_of(map(is_equal, groups)),
    }


def share_of(holds: Iterable[bool]) -> float:
    found = list(holds)
    return sum(found) / len(found)
