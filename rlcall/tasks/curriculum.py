"""The level of difficulty that is due: by a plan of steps, or by how often the model is right.

by_step([(0, 1), (100, 3)], 150)             # 3
pace = ByPassRate(level=1)
pace.observe(63, 64); pace.level             # 2: what is nearly always right teaches nothing more
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from rlcall.tasks.options import LEVELS, level


def by_step(plan: Sequence[tuple[int, int]], step: int) -> int:
    """Return the level in force at a step.

    `plan` holds (first step, level) in order, beginning at step 0; ValueError where it does not.
    """
    first_steps = [first for first, _ in plan]
    in_order = first_steps == sorted(set(first_steps))
    if not plan or first_steps[0] != 0 or not in_order:
        raise ValueError(
            f"a plan begins at step 0 and goes up, as in [(0, 1), (100, 3)], not {list(plan)}"
        )
    for _, number in plan:
        level(number)
    return plan[bisect_right(first_steps, step) - 1][1]


@dataclass
class ByPassRate:
    """A level that keeps the share of right completions where a GRPO step's groups differ.

    That is not near 0 and not near 1. After each `window` completions the level goes up one where
    more than `high` of them were right, and down one where fewer than `low` were. Its fields are
    all of its state, so that a resumed run goes on where it was.
    """

    level: int = 1
    low: float = 0.2
    high: float = 0.8
    window: int = 64
    right: int = 0
    seen: int = 0

    def __post_init__(self) -> None:
        level(self.level)
        if not 0 <= self.low < self.high <= 1 or self.window < 1:
            raise ValueError(f"low < high are shares and window is at least 1, not {self}")

    def observe(self, right: int, seen: int) -> None:
        """Count `right` of `seen` completions as correct, and change the level where it is time."""
        self.right += right
        self.seen += seen
        if self.seen < self.window:
            return
        rate = self.right / self.seen
        if rate > self.high:
            self.level = min(self.level + 1, max(LEVELS))
        elif rate < self.low:
            self.level = max(self.level - 1, min(LEVELS))
        self.right = self.seen = 0
