"""Rows of ours, as docs/rows.md has them: JSON Lines, a JSON list or Parquet.

for reading in read("rows.jsonl"): ...
"""

from __future__ import annotations

from collections.abc import Iterator

from rlcall.data.readers.counts import Reading, read_each
from rlcall.data.readers.files import Record, records
from rlcall.data.rows import Row


def read(path: str) -> Iterator[Reading]:
    """A Reading for each row of a file. It has its own id, or none."""
    return read_each(records(path), _rows)


def _rows(record: Record, notes: list[str]) -> list[Row]:
    return [record.row({"id": None, **record.value})]
