"""All that a reader gives, for tests: rows, what was set aside, and the counts.

rows, errors, counts = parted(toolrl.read(path))
"""

from __future__ import annotations

from collections.abc import Iterable

from rlcall.data.reading.counts import Counts, Reading
from rlcall.data.rows import Row, RowError


def parted(readings: Iterable[Reading]) -> tuple[list[Row], list[RowError], Counts]:
    """Return the rows, errors and counts of all readings, each of which must have some."""
    rows: list[Row] = []
    errors: list[RowError] = []
    counts = Counts()
    for reading in readings:
        assert reading.rows or reading.set_aside, "a record was dropped in silence"
        rows.extend(reading.rows)
        errors.extend(reading.set_aside)
        counts.add(reading)
    assert (counts.rows, counts.set_aside) == (len(rows), len(errors))
    return rows, errors, counts
