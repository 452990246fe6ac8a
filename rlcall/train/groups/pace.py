"""Which rows a generation of GRPO takes under a curriculum: those of the level in force.

pace = Pace([(0, 1), (100, 3)], levels=[1, 1, 3, 3], seed=0)
pace.level(step=120)                                # 3
pace.places(generation=120, step=120, count=2)      # [3, 2]: of the rows of level 3, each once before any comes again
Pace("pass_rate", levels, seed=0)                   # the level follows how often the model is right

All ranks must observe the same outcomes, those of all ranks; then they are at the same level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from random import Random
from typing import Any

from rlcall.tasks.curriculum import ByPassRate, by_step

Plan = Sequence[Sequence[int]]


class Pace:
    """`curriculum` is a plan of (first step, level), or `pass_rate`; `levels` has the level of each training row."""

    def __init__(self, curriculum: Plan | str, levels: Sequence[int], seed: int) -> None:
        self._plan = (
            [] if isinstance(curriculum, str) else [(first, level) for first, level in curriculum]
        )
        self._seed = seed
        self._by_rate = ByPassRate(level=min(levels))
        self._pools: dict[int, list[int]] = {}
        for place, level in enumerate(levels):
            self._pools.setdefault(level, []).append(place)

    def level(self, step: int) -> int:
        return by_step(self._plan, step) if self._plan else self._by_rate.level

    def pool(self, step: int) -> list[int]:
        """The places of all rows of the level in force."""
        return self._pools[self.level(step)]

    def places(self, generation: int, step: int, count: int) -> list[int]:
        """The rows of a generation, which follow from its number and the level alone."""
        pool = self.pool(step)
        taken = range(generation * count, (generation + 1) * count)
        orders = {
            turn: self._order(pool, step, turn)
            for turn in {number // len(pool) for number in taken}
        }
        return [orders[number // len(pool)][number % len(pool)] for number in taken]

    def _order(self, pool: list[int], step: int, turn: int) -> list[int]:
        rng = Random(f"pace {self._seed} {self.level(step)} {turn}")
        return rng.sample(pool, len(pool))

    def observe(self, correct: Sequence[bool | None]) -> None:
        """The strict outcomes of a generation, of all ranks."""
        known = [one for one in correct if one is not None]
        self._by_rate.observe(sum(known), len(known))

    def state(self) -> dict[str, Any]:
        return asdict(self._by_rate)

    def restore(self, state: dict[str, Any]) -> None:
        self._by_rate = ByPassRate(**state)
