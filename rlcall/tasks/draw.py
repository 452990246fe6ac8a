"""Seeded choices, and values as a request says them and as a call has them.

draw = Draw(Random("seed"), "train")
draw.of(Pool("Oslo; Lima; Rome; Cairo; Bern", shared=True))   # one of Oslo, Lima and Rome
Value(spoken="two hours", value=120)
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

CYCLE = 5
"""Of every five entries of a shared pool, three are for training and one for each other split."""
SPLITS = {"train": (0, 1, 2), "validation": (3,), "test": (4,)}
"""Split -> the remainders, modulo CYCLE, of the numbers that belong to it."""


def is_of_split(number: int, split: str) -> bool:
    """Tell whether a number, such as an entry's index, belongs to a split. No number is of two."""
    return number % CYCLE in SPLITS[split]


class Value(NamedTuple):
    """An argument as the request says it, as the call has it, and what else is right there."""

    spoken: str
    value: Any
    accept: Sequence[Any] = ()


class Pool:
    """Entries to choose from. Of a shared pool each split has a part that no other split meets."""

    def __init__(self, entries: str | Sequence[Any], *, shared: bool = False) -> None:
        if isinstance(entries, str):
            entries = [" ".join(entry.split()) for entry in entries.split(";")]
        self.of_split: dict[str, tuple[Any, ...]] = {}
        for split in SPLITS:
            own = (entry for i, entry in enumerate(entries) if not shared or is_of_split(i, split))
            self.of_split[split] = tuple(own)


class Draw:
    """One stream of seeded choices for one split."""

    def __init__(self, rng: Random, split: str) -> None:
        self.rng, self.split = rng, split

    def of(self, pool: Pool) -> Any:
        """Draw one of this split's entries."""
        return self.choice(pool.of_split[self.split])

    def choice(self, entries: Sequence[Any]) -> Any:
        """Draw one of the entries."""
        # Three times as fast as Random.choice, and most of what a generator does.
        return entries[int(self.rng.random() * len(entries))]

    def between(self, low: int, high: int) -> int:
        """Draw a whole number from `low` to `high`, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def chance(self, probability: float) -> bool:
        """Draw yes with this probability, else no."""
        return self.rng.random() < probability

    def sample(self, entries: Sequence[Any], count: int) -> list[Any]:
        """Draw `count` different entries in random order."""
        return self.rng.sample(entries, count)
