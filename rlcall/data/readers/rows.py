"""Rows of ours, as docs/rows.md has them: JSON Lines, a JSON list or Parquet. Read and written.

for reading in read("rows.jsonl"): ...
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row


def read(path: str) -> Iterator[Reading]:
    """Read each row of a file, with its own id or none."""
    return read_each(records(path), _rows)


def _rows(record: SourceRecord, notes: list[str]) -> list[Row]:
    return [record.row({"id": None, **record.value})]


def write(row: Row) -> dict[str, Any]:
    """Return the row as its JSON object."""
    return row.to_json()
