"""A cache of pass rates that outlives the command that measured them: an SQLite file.

    cache = PassRateCache(Path("kept.jsonl.cache"))
    cache.add({"9f0c...": (row, PassRate(right=3, samples=8))})   # all or none, also when killed
    cache.get("9f0c...")                                          # PassRate(right=3, samples=8)

A key is a digest of the row's content and of how it was sampled (`pass_rates.key_of`). Caches used
to be JSON Lines, {"key": "9f0c...", "id": "r1", "right": 3, "samples": 8}. Such a file is read, and
becomes a database when something is added.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from rlcall.data.rows import Row, RowError

SQLITE_HEADER = b"SQLite format 3\0"
TABLE = (
    "CREATE TABLE IF NOT EXISTS pass_rates "
    '("key" TEXT PRIMARY KEY, "id" TEXT, "right" INTEGER NOT NULL, "samples" INTEGER NOT NULL)'
)
INSERT = "INSERT OR REPLACE INTO pass_rates VALUES (?, ?, ?, ?)"
REMEDY = "Name another file with --cache, or remove this one."

Line = tuple[str, str | None, int, int]
"""A row of the table: key, id, right, samples."""


@dataclass(frozen=True, slots=True)
class PassRate:
    """`right` of `samples` completions of a row were correct, strictly."""

    right: int
    samples: int

    @property
    def share(self) -> float:
        return self.right / self.samples


class PassRateCache:
    """The pass rates that are known already.

    RowError where the file is something else; it is then left as it is.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._json_lines: list[Line] = []
        """What is to be carried over into the database."""
        lines = self._read() if path.is_file() and path.stat().st_size else []
        self._rates = {key: PassRate(right, samples) for key, _, right, samples in lines}

    def __len__(self) -> int:
        return len(self._rates)

    def get(self, key: str) -> PassRate | None:
        return self._rates.get(key)

    def add(self, rates: Mapping[str, tuple[Row, PassRate]]) -> None:
        """Keep the rates of several rows by key, all of them or none.

        RowError where the file cannot be written.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if self._json_lines:
                self._carry_over()
            with closing(sqlite3.connect(self.path)) as database, database:
                database.execute(TABLE)
                for key, (row, rate) in rates.items():
                    database.execute(INSERT, (key, row.id, rate.right, rate.samples))
        except sqlite3.Error as error:
            raise RowError(str(self.path), 0, "", f"cannot be written: {error}", REMEDY) from error
        for key, (_, rate) in rates.items():
            self._rates[key] = rate

    def _read(self) -> list[Line]:
        with self.path.open("rb") as file:
            is_database = file.read(len(SQLITE_HEADER)) == SQLITE_HEADER
        if not is_database:
            self._json_lines = list(self._read_json_lines())
            return self._json_lines
        try:
            with closing(sqlite3.connect(self.path)) as database:
                return list(
                    database.execute('SELECT "key", "id", "right", "samples" FROM pass_rates')
                )
        except sqlite3.DatabaseError as error:
            reason = f"is not a cache of pass rates: {error}"
            raise RowError(str(self.path), 0, "", reason, REMEDY) from error

    def _read_json_lines(self) -> Iterator[Line]:
        """Read a cache of the old form; its last line may have been cut off by a kill."""
        *lines, last = self.path.read_bytes().split(b"\n")
        if not lines:
            raise self._foreign_line(1)
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                yield str(entry["key"]), entry.get("id"), int(entry["right"]), int(entry["samples"])
            except (ValueError, KeyError, TypeError) as error:
                raise self._foreign_line(number) from error
        if last and not last.startswith(b'{"key"'[: len(last)]):
            raise self._foreign_line(len(lines) + 1)

    def _foreign_line(self, number: int) -> RowError:
        reason = "is not a line of a cache of pass rates"
        return RowError(str(self.path), number, "", reason, REMEDY)

    def _carry_over(self) -> None:
        """Replace the JSON Lines by a database with their rates, in one move."""
        part = self.path.with_name(f".{self.path.name}.part")
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(part)) as database, database:
            database.execute(TABLE)
            database.executemany(INSERT, self._json_lines)
        os.replace(part, self.path)
        self._json_lines = []
