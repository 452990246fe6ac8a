"""The rows that a generation of GRPO takes under a curriculum: those of the level in force.

    curriculum = Curriculum([(0, 1), (100, 3)], levels=[1, 1, 3, 3], seed=0)
    curriculum.level(step=120)                             # 3
    curriculum.rows(generation=120, step=120, count=2)     # [3, 2], rows of level 3
    Curriculum("pass_rate", levels, seed=0)     # the level follows how often the model is right

Of the rows of a level each comes once before any comes again.

All ranks must observe the same outcomes, those of all ranks; then they are at the same level.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from random import Random
from typing import Any

from rlcall.tasks.curriculum import ByPassRate, by_step

Plan = Sequence[Sequence[int]]
"""(first step, level) of each part."""


class Curriculum:
    """A plan of (first step, level), or `pass_rate`; `levels` has the level of each training row.

    Rows are given by their index among the training rows.
    """

    def __init__(self, plan: Plan | str, levels: Sequence[int], seed: int) -> None:
        self._plan: list[tuple[int, int]] = []
        if not isinstance(plan, str):
            self._plan = [(first, level) for first, level in plan]
        self._seed = seed
        self._by_rate = ByPassRate(level=min(levels))
        self._rows_by_level: dict[int, list[int]] = {}
        for row_index, level in enumerate(levels):
            self._rows_by_level.setdefault(level, []).append(row_index)

    def level(self, step: int) -> int:
        """Return the level in force."""
        return by_step(self._plan, step) if self._plan else self._by_rate.level

    def rows_of_level(self, step: int) -> list[int]:
        """Return all rows of the level in force."""
        return self._rows_by_level[self.level(step)]

    def rows(self, generation: int, step: int, count: int) -> list[int]:
        """Return the rows of a generation, which follow from its number and the level alone."""
        pool = self.rows_of_level(step)
        rows: list[int] = []
        order: list[int] = []
        for position in range(generation * count, (generation + 1) * count):
            turn, index = divmod(position, len(pool))
            if not order or index == 0:
                order = self._order(pool, step, turn)
            rows.append(order[index])
        return rows

    def _order(self, pool: list[int], step: int, turn: int) -> list[int]:
        """Return the order in which all rows of a level are taken in their `turn`-th turn."""
        rng = Random(f"pace {self._seed} {self.level(step)} {turn}")
        return rng.sample(pool, len(pool))

    def observe(self, outcomes: Sequence[bool | None]) -> None:
        """Take note of the strict outcomes of a generation, of all ranks."""
        answered = [outcome for outcome in outcomes if outcome is not None]
        self._by_rate.observe(sum(answered), len(answered))

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as JSON values."""
        return asdict(self._by_rate)

    def restore(self, state: dict[str, Any]) -> None:
        """Take up what `state` gave."""
        self._by_rate = ByPassRate(**state)
