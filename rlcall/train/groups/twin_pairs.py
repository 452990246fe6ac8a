"""Rows where no call is due, in one step with the rows that they are twins of.

    rows      0 "p-1"   1 "p-1~gold_tool_removed"   2 "p-2"   3 "p-3"
    pairs = TwinPairs(originals_of(rows), seed=0)      # {1: 0}: row 1 asks for no call, row 0 does
    pairs.rows(range(4), generation=0, count=2)        # [0, 1] or [2, 3], never [1, 3]

What GRPO learns of a request without its tool alone is that abstaining pays; beside the same
request with the tool, that it depends on the tools.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from itertools import cycle, islice
from math import ceil
from random import Random

from rlcall.data.rows import Row
from rlcall.tasks.twins.twins import kind_of, original_id


def originals_of(rows: Sequence[Row]) -> dict[int, int]:
    """Return for each twin that asks for no call the row that it was made from, by their indices.

    Only where that row is there, and asks for calls.
    """
    index_by_id = {row.id: index for index, row in enumerate(rows)}
    originals = {}
    for index, row in enumerate(rows):
        if row.id is None or kind_of(row.id) is None or (row.answer or {}).get("calls") != []:
            continue
        original = index_by_id.get(original_id(row.id))
        if original is not None and _asks_for_calls(rows[original]):
            originals[index] = original
    return originals


def _asks_for_calls(row: Row) -> bool:
    return bool((row.answer or {}).get("calls"))


class TwinPairs:
    """The rows of each generation: a twin that asks for no call never without its row.

    `originals` has the index of a twin's row. Rows are given by their index among the training
    rows. A generation has at least two of them.
    """

    def __init__(self, originals: Mapping[int, int], seed: int) -> None:
        self.originals = originals
        self._seed = seed

    def without_twins(self, pool: Sequence[int]) -> list[int]:
        """Return the rows that may come alone."""
        return [row_index for row_index in pool if row_index not in self.originals]

    def rows(self, pool: Sequence[int], generation: int, count: int) -> list[int]:
        """Return the rows of a generation, which follow from its number and the pool alone.

        Each row of the pool comes before any comes again, but for those that fill up a batch;
        twins are spread evenly.
        """
        families = self._families(pool, count)
        families.sort(key=len, reverse=True)
        batches = ceil(sum(map(len, families)) / count)
        while _packed(families, batches, count) is None:
            batches += 1
        turn, index = divmod(generation, batches)
        rng = Random(f"twins {self._seed} {turn}")
        rng.shuffle(families)
        families.sort(key=len, reverse=True)
        packed = _packed(families, batches, count)
        assert packed, "how families fit depends on their sizes alone"
        return self._filled(packed[index], pool, count, rng)

    def _families(self, pool: Sequence[int], count: int) -> list[list[int]]:
        """Return each row with its twins after it, and again where they are more than fit."""
        twins: dict[int, list[int]] = {row_index: [] for row_index in self.without_twins(pool)}
        for row_index in pool:
            if row_index in self.originals:
                twins.setdefault(self.originals[row_index], []).append(row_index)
        families = []
        for row_index, of_row in twins.items():
            for start in range(0, max(len(of_row), 1), count - 1):
                families.append([row_index, *of_row[start : start + count - 1]])
        return families

    def _filled(self, batch: list[int], pool: Sequence[int], count: int, rng: Random) -> list[int]:
        """Fill the rest of a batch with rows that may come alone, new ones first."""
        alone = self.without_twins(pool)
        rng.shuffle(alone)
        alone.sort(key=lambda row_index: row_index in batch)
        return [*batch, *islice(cycle(alone), count - len(batch))]


def _packed(families: Sequence[list[int]], batches: int, count: int) -> list[list[int]] | None:
    """Return the families in batches of at most `count` rows, each in the emptiest batch so far.

    None where one does not fit.
    """
    packed: list[list[int]] = [[] for _ in range(batches)]
    emptiest = [(0, index) for index in range(batches)]
    for family in families:
        length, index = emptiest[0]
        if length + len(family) > count:
            return None
        packed[index] += family
        heapq.heapreplace(emptiest, (length + len(family), index))
    return packed
