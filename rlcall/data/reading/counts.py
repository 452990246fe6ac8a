"""Readings: what a reader made of each record; and counts, so that nothing is dropped in silence.

for reading in toolrl.read("rlla_sft.json"):    # one Reading for each record of the file
    reading.rows, reading.set_aside, reading.notes

rows, counts = gather(toolrl.read("rlla_sft.json"))
print(counts)
# 400 read, 372 rows, 28 set aside
#   24  the gold gives a value that does not fit its type
#   ...
#   note: 203 values written as text were read as their declared type
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from rlcall.data.reading.records import SourceRecord
from rlcall.data.rows import Row, RowError

KINDS = 1_000
"""Reasons and notes that are told apart; further ones are counted as one, to bound the memory."""

Convert = Callable[[SourceRecord, list[str]], Iterable[Row | RowError]]
"""Turns a record into rows, and errors for what gives none; it adds its notes to the list."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A record's rows, why there are none or fewer (`set_aside`), and notes of what was changed.

    There is at least one row or one error. A note is a phrase that is counted, such as
    "type 'dict' is read as object". `path` and `line` locate the record, as in a RowError.
    """

    rows: tuple[Row, ...] = ()
    set_aside: tuple[RowError, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = ""
    line: int = 0


def read_each(records: Iterable[SourceRecord | RowError], convert: Convert) -> Iterator[Reading]:
    """Yield a Reading for each record.

    A RowError that `convert` raises sets aside the rest of the record. Notes count where they led
    to a row.
    """
    for record in records:
        if isinstance(record, RowError):
            yield Reading(set_aside=(record,), path=record.path, line=record.line)
        else:
            yield _read(record, convert)


def _read(record: SourceRecord, convert: Convert) -> Reading:
    rows: list[Row] = []
    errors: list[RowError] = []
    notes: list[str] = []
    try:
        for item in convert(record, notes):
            if isinstance(item, Row):
                rows.append(item)
            else:
                errors.append(item)
    except RowError as error:
        errors.append(error)
    except RecursionError:
        errors.append(record.error("", "is nested too deeply to be used"))
    if not rows and not errors:
        errors.append(record.error("", "holds nothing that a row can be made of"))
    return Reading(
        tuple(rows), tuple(errors), tuple(notes) if rows else (), record.location, record.line
    )


@dataclass(slots=True)
class Counts:
    """Records read, rows made of them, and what was set aside, by its reason.

    A record may give several rows, or none.
    """

    read: int = 0
    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def set_aside(self) -> int:
        """The number of records, or parts of records, that gave no row."""
        return self.reasons.total()

    def add(self, reading: Reading) -> None:
        """Count a record."""
        self.read += 1
        self.rows += len(reading.rows)
        for error in reading.set_aside:
            _count(self.reasons, error.reason)
        for note in reading.notes:
            _count(self.notes, note)

    def __str__(self) -> str:
        lines = [f"{self.read:,} read, {self.rows:,} rows, {self.set_aside:,} set aside"]
        for reason, count in self.reasons.most_common():
            lines.append(f"  {count:>6,}  {reason}")
        for note, count in self.notes.most_common():
            lines.append(f"  note: {count:,} {note}")
        return "\n".join(lines)


def gather(readings: Iterable[Reading], size: int | None = None) -> tuple[list[Row], Counts]:
    """Return the rows of a reader, and the counts of the records that were read for them.

    With a `size`, that many rows at most; the reader goes no further than it must for them.
    """
    rows: list[Row] = []
    counts = Counts()
    for reading in readings:
        counts.add(reading)
        rows.extend(reading.rows)
        if size is not None and len(rows) >= size:
            break
    return rows[:size], counts


def _count(counter: Counter[str], kind: str) -> None:
    if kind not in counter and len(counter) >= KINDS:
        kind = "of further kinds"
    counter[kind] += 1
