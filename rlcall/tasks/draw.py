"""Seeded choices, and values as a request says them and as a call has them.

draw = Draw(Random("seed"), "train")
draw.of(Pool("Oslo; Lima; Rome; Cairo; Bern", shared=True))   # one of Oslo, Lima and Rome
Value(spoken="two hours", value=120)
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any, NamedTuple

SPLITS = {
    "train": (0, 1, 2),
    "validation": (3,),
    "test": (4,),
}  # which of every five entries of a shared pool


class Value(NamedTuple):
    """An argument as the request says it, as the call has it, and what else is right in the call."""

    spoken: str
    value: Any
    accept: Sequence[Any] = ()


class Pool:
    """Entries to choose from. Of a shared pool each split has its own part, so that no split meets another's values."""

    def __init__(self, entries: str | Sequence[Any], *, shared: bool = False) -> None:
        listed = (
            [" ".join(entry.split()) for entry in entries.split(";")]
            if isinstance(entries, str)
            else entries
        )
        self.of_split = {
            split: tuple(e for i, e in enumerate(listed) if not shared or i % 5 in part)
            for split, part in SPLITS.items()
        }


class Draw:
    """One stream of seeded choices for one split."""

    def __init__(self, rng: Random, split: str) -> None:
        self.rng, self.split = rng, split

    def of(self, pool: Pool) -> Any:
        """One of this split's entries."""
        return self.choice(pool.of_split[self.split])

    def choice(self, entries: Sequence[Any]) -> Any:
        return entries[
            int(self.rng.random() * len(entries))
        ]  # three times as fast as Random.choice

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.rng.random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        return self.rng.random() < share

    def sample(self, entries: Sequence[Any], count: int) -> list[Any]:
        return self.rng.sample(entries, count)
