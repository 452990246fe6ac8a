"""Twins where no call is due: the same request without the tool that it needs.

with_no_call_twins(rows, share=0.3, seed=0)     # row, its twin, row, row, row, its twin, ...
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

from rlcall.data.rows import Row
from rlcall.tasks.twins.twins import twins


def with_no_call_twins(rows: Sequence[Row], share: float, seed: int) -> list[Row]:
    """Return the rows, and after a share of those that allow it a twin that asks for no call.

    Which rows have one follows from their ids and the seed. Rows without an id get one: a twin is
    named after its row.
    """
    if not share:
        return list(rows)
    paired = []
    for number, row in enumerate(rows, 1):
        original = row if row.id is not None else replace(row, id=f"row-{number}")
        paired.append(original)
        rng = Random(f"no-call twin {seed} {original.id}")
        if rng.random() < share:
            paired += _no_call_twin(original, rng)
    return paired


def _no_call_twin(row: Row, rng: Random) -> list[Row]:
    """Return the first twin that asks for no call, where the row itself asks for one."""
    if (row.answer or {}).get("calls") == []:
        return []
    no_call = [twin for twin in twins(row, rng) if (twin.answer or {}).get("calls") == []]
    return no_call[:1]
