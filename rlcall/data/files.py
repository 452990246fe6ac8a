"""Files of records, before anything is known of what they mean: a JSON list, JSON Lines or Parquet.

for record in records("rlla_test.parquet"): ...   # dict[str, Any]
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rlcall.data import strict_json
from rlcall.data.rows import RowError, load_line


def records(path: str) -> Iterator[Any]:
    """The records of a file, by its suffix. RowError where it cannot be read; a JSON Lines file is read as it goes."""
    suffix = Path(path).suffix
    if suffix not in _READERS:
        raise RowError(
            path, 0, "", f"{suffix or 'no suffix'} is none of {', '.join(_READERS)}", "Rename or convert it."
        )
    try:
        yield from _READERS[suffix](path)
    except OSError as error:
        remedy = f"Paths count from {os.getcwd()}." if isinstance(error, FileNotFoundError) else ""
        raise RowError(path, 0, "", f"cannot be read: {error.strerror or error}", remedy) from error


def _json(path: str) -> list[Any]:
    try:
        value = strict_json.load(Path(path).read_bytes())
    except ValueError as error:
        raise RowError(path, 0, "", str(error)) from error
    if not isinstance(value, list):
        raise RowError(path, 0, "", "is not a list of records", "One record a line belongs in a .jsonl file.")
    return value


def _json_lines(path: str) -> Iterator[Any]:
    with open(path, "rb") as file:
        for line, raw in enumerate(file, 1):
            if raw.strip():
                yield load_line(raw, path, line)


def _parquet(path: str) -> Iterator[Any]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise RowError(path, 0, "", "is Parquet, which needs pyarrow", "pip install 'rlcall[data]'") from error
    try:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(1024):
            yield from batch.to_pylist()
    except pyarrow.ArrowException as error:
        raise RowError(path, 0, "", f"is not Parquet: {error}") from error


_READERS = {".json": _json, ".jsonl": _json_lines, ".parquet": _parquet}
