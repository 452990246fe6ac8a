"""Whether training rows ask what a benchmark asks: a score on it would then say nothing.

    overlap(training_rows, benchmark_rows)      # the training rows that ask what the benchmark asks
    bfcl_entry(row)                             # "simple_python_12", or None: without BFCL at hand

Requests are compared whole, by their letters and digits: case, spaces and punctuation are no difference. For BFCL the
hashes of its requests come with rlcall (`rlcall.suites.bfcl_requests` makes them), so that a run can refuse such rows
on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from hashlib import blake2b
from pathlib import Path

from rlcall.data.rows import Row

HASHES = Path(__file__).with_name("bfcl_requests.tsv")
SHORTEST = 30
"""Letters and digits of the shortest request that says something: "What's the weather like in Boston?" has 27, stands
in BFCL, and may stand anywhere."""
DIGITS = 12
"""Of a hash, in hexadecimal: among a million other requests, one in sixty thousand times is one taken for BFCL's."""


def overlap(trained: Sequence[Row], benchmark: Sequence[Row]) -> list[Row]:
    """Rows of which a request is the last request of one of the benchmark's."""
    asked = {last for row in benchmark for last in requests(row)[-1:]}
    return [row for row in trained if not asked.isdisjoint(requests(row))]


def requests(row: Row) -> list[str]:
    """What the user says in a row, message by message, in letters and digits alone; without what is too short."""
    return [request for request in map(letters, row.requests) if len(request) >= SHORTEST]


def letters(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def hash_of(request: str) -> str:
    return blake2b(request.encode(errors="replace")).hexdigest()[:DIGITS]


def bfcl_entry(row: Row) -> str | None:
    """The id of the entry of BFCL that a row asks the same as; None where there is none."""
    known = _bfcl_entries()
    return next((known[one] for one in map(hash_of, requests(row)) if one in known), None)


def bfcl_entries(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """The places of rows that ask what BFCL asks, each with the entry's id."""
    return ((place, entry) for place, row in enumerate(rows) if (entry := bfcl_entry(row)))


@cache
def _bfcl_entries() -> dict[str, str]:
    """Hash -> id."""
    lines = HASHES.read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {digits: entry for digits, entry in pairs}
