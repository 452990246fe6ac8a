"""The rows that GRPO samples completions of: those of a generation, and fresh ones in their place.

    draw = RowDraw(range(512), seed=1)
    draw.first([4, 9], generation=0, step=0, count=4)     # [4, 9] of TRL's sampler, and two more
    draw.fresh(present={4}, tried={4, 9}, count=1, step=0, name="refill 1 0 0")

What is drawn follows from the seed and the numbers alone, so a resumed run draws the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TYPE_CHECKING

from rlcall.train.groups.groups import fresh_rows

if TYPE_CHECKING:
    from rlcall.train.groups.curriculum import Curriculum
    from rlcall.train.groups.twin_pairs import TwinPairs


class RowDraw:
    """Draws from all rows or, under a curriculum, from those of the level in force.

    `twins` keeps rows that ask for no call beside those that they are twins of.
    """

    def __init__(
        self,
        rows: Sequence[int],
        seed: int,
        curriculum: Curriculum | None = None,
        twins: TwinPairs | None = None,
    ) -> None:
        self._rows, self._seed = rows, seed
        self._curriculum, self._twins = curriculum, twins

    def pool(self, step: int) -> Sequence[int]:
        """Return the rows that may be drawn."""
        return self._curriculum.rows_of_level(step) if self._curriculum else self._rows

    def first(self, by_trl: Sequence[int], generation: int, step: int, count: int) -> list[int]:
        """Return the rows of a generation: TRL's and others, or the curriculum's, or pairs."""
        if self._twins:
            return self._twins.rows(self.pool(step), generation, count)
        if self._curriculum:
            return self._curriculum.rows(generation, step, count)
        present, missing = set(by_trl), count - len(by_trl)
        name = f"oversample {self._seed} {generation}"
        return [*by_trl, *self.fresh(present, present, missing, step, name)]

    def fresh(
        self, present: set[int], tried: set[int], count: int, step: int, name: str
    ) -> list[int]:
        """Return `count` rows that may come alone, as `fresh_rows` does; `name` seeds the draw."""
        pool = self.pool(step)
        if self._twins:
            pool = self._twins.without_twins(pool)
        return fresh_rows(pool, present, tried, count, Random(name))

    def companions(self, row_indices: Sequence[int]) -> dict[int, int]:
        """Return the position of the row that a twin goes with, by the twin's position."""
        if self._twins is None:
            return {}
        position = {row_index: index for index, row_index in enumerate(row_indices)}
        companions = {}
        for twin, original in self._twins.originals.items():
            if twin in position and original in position:
                companions[position[twin]] = position[original]
        return companions
