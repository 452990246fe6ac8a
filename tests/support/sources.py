"""Rows of every origin, for tests of what is made from rows: generated ones, and real data at hand.

@each_source
def test_it(source): rows_of(source)
"""

from __future__ import annotations

from functools import lru_cache

import pytest

from rlcall.data.readers import nestful, toolrl
from rlcall.data.reading.counts import gather
from rlcall.data.rows import Row
from rlcall.tasks import phone
from rlcall.tasks.generate import Draft, generate_drafts
from rlcall.tasks.mixture import read_mixture, shipped_mixture
from rlcall.tasks.worlds import of_split
from tests.support.bfcl_completions import DATA

needs_data = pytest.mark.skipif(
    not DATA.is_dir(), reason=f"no data at {DATA}; set RLCALL_TEST_DATA"
)
REAL = [pytest.param(name, marks=needs_data) for name in ("nestful", "toolrl")]
each_source = pytest.mark.parametrize("source", ["phone", "worlds", *REAL])


@lru_cache(maxsize=4)
def rows_of(source: str) -> list[Row]:
    """Return the rows of a source by its name."""
    if source == "phone":
        return list(phone.generate(300, seed=3))
    if source == "worlds":
        return [draft.row for draft in draft_rows()]
    if source == "nestful":
        return gather(nestful.read(str(DATA / "nestful")))[0]
    return gather(toolrl.read(str(DATA / "toolrl" / "rlla_sft.json")))[0]


@lru_cache(maxsize=1)
def draft_rows() -> list[Draft]:
    """Return rows of all tasks, with the records that they show."""
    mixture = read_mixture(shipped_mixture(), "test")
    return list(generate_drafts(of_split("test"), mixture, 400, seed=5))
