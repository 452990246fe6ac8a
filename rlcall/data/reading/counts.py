"""What a reader made of each record, and what that adds up to, so that nothing is dropped or repaired in silence.

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

KINDS = 1_000  # reasons and notes that are told apart; the rest are counted as one, so that memory stays bounded

Convert = Callable[[SourceRecord, list[str]], Iterable[Row | RowError]]


@dataclass(frozen=True, slots=True)
class Reading:
    """What became of one record: rows, or why there are none (or fewer), and what was read otherwise than it stands.

    There is at least one row or one error. A note is a phrase that is counted: "type 'dict' is read as object". `path`
    and `line` say where the record stands, as in a RowError.
    """

    rows: tuple[Row, ...] = ()
    set_aside: tuple[RowError, ...] = ()
    notes: tuple[str, ...] = ()
    path: str = ""
    line: int = 0


def read_each(records: Iterable[SourceRecord | RowError], convert: Convert) -> Iterator[Reading]:
    """A Reading for each record. `convert` takes a record and a list for its notes, and gives rows and RowErrors.

    A RowError that it raises sets aside the rest of the record. Notes count where they led to a row.
    """
    for record in records:
        notes: list[str] = []
        made = [record] if isinstance(record, RowError) else list(_guarded(record, convert, notes))
        rows = tuple(item for item in made if isinstance(item, Row))
        errors = tuple(item for item in made if isinstance(item, RowError))
        path = record.path if isinstance(record, RowError) else record.place
        yield Reading(rows, errors, tuple(notes) if rows else (), path, record.line)


def _guarded(record: SourceRecord, convert: Convert, notes: list[str]) -> Iterator[Row | RowError]:
    made = False
    try:
        for item in convert(record, notes):
            made = True
            yield item
    except RowError as error:
        made = True
        yield error
    except RecursionError:
        made = True
        yield record.error("", "is nested too deeply to be used")
    if not made:
        yield record.error("", "holds nothing that a row can be made of")


@dataclass(slots=True)
class Counts:
    """Records read, rows made of them, and what was set aside, by reason. A record may give several rows, or none."""

    read: int = 0
    rows: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def set_aside(self) -> int:
        return self.reasons.total()

    def add(self, reading: Reading) -> None:
        self.read += 1
        self.rows += len(reading.rows)
        for error in reading.set_aside:
            _count(self.reasons, error.reason)
        for note in reading.notes:
            _count(self.notes, note)

    def __str__(self) -> str:
        lines = [f"{self.read:,} read, {self.rows:,} rows, {self.set_aside:,} set aside"]
        lines += [f"  {count:>6,}  {reason}" for reason, count in self.reasons.most_common()]
        lines += [f"  note: {count:,} {note}" for note, count in self.notes.most_common()]
        return "\n".join(lines)


def gather(readings: Iterable[Reading]) -> tuple[list[Row], Counts]:
    """All rows of a reader in memory, and the counts."""
    rows: list[Row] = []
    counts = Counts()
    for reading in readings:
        counts.add(reading)
        rows.extend(reading.rows)
    return rows, counts


def _count(counter: Counter[str], kind: str) -> None:
    counter[kind if kind in counter or len(counter) < KINDS else "of further kinds"] += 1
