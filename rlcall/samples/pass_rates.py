"""How often a model is right on each row: rows that it never or always gets right teach GRPO nothing.

cache = Cache(Path("kept.jsonl.cache"))
rates = measure(rows, settings, write, cache, piece=32)     # [PassRate(right=3, samples=8), None, ...]
kept = within(rows, rates, low=0.05, high=0.95)

A line of the cache: {"key": "9f0c...", "id": "r1", "right": 3, "samples": 8}. The key is a digest of the row's content
and of `settings`: the model, the wire format and how it was sampled.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rlcall.data.rows import Row, RowError
from rlcall.verify import verify

Write = Callable[[Sequence[Row], int], Iterator[Sequence[Any]]]
TORN = re.compile(rb'\{"key": "([0-9a-f]{0,63}|[0-9a-f]{64}".*)')
"""A line of the cache that breaks off."""
BOUNDS = (0.2, 0.4, 0.6, 0.8)
"""Of the table, beside never and always."""


@dataclass(frozen=True, slots=True)
class PassRate:
    """So many of so many completions of a row were right, strictly."""

    right: int
    samples: int

    @property
    def share(self) -> float:
        return self.right / self.samples


class Cache:
    """A file of pass rates that are known already. RowError where it is no such file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[str, PassRate] = {}
        if path.exists():
            self._read()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: str) -> PassRate | None:
        return self._known.get(key)

    def add(self, found: Mapping[str, tuple[Row, PassRate]]) -> None:
        """Keep the rates of a piece, all of them or none."""
        lines = [
            json.dumps({"key": key, "id": row.id, "right": rate.right, "samples": rate.samples})
            + "\n"
            for key, (row, rate) in found.items()
        ]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open(
            "ab", buffering=0
        ) as file:  # one write: whoever is killed leaves whole pieces
            file.write("".join(lines).encode())
        self._known |= {key: rate for key, (_, rate) in found.items()}

    def _read(self) -> None:
        raw = self.path.read_bytes()
        whole = raw[: raw.rfind(b"\n") + 1]
        for number, line in enumerate(whole.splitlines(), 1):
            try:
                said = json.loads(line)
                self._known[said["key"]] = PassRate(int(said["right"]), int(said["samples"]))
            except (ValueError, KeyError, TypeError) as error:
                raise self._foreign(number) from error
        if len(whole) < len(raw):  # the last line was being written when the disk was full
            if not TORN.fullmatch(raw[len(whole) :]):
                raise self._foreign(whole.count(b"\n") + 1)
            with self.path.open("r+b") as file:
                file.truncate(len(whole))

    def _foreign(self, line: int) -> RowError:
        remedy = "Name another file with --cache, or remove this one."
        return RowError(str(self.path), line, "", "is no line of a cache of pass rates", remedy)


def key_of(row: Row, settings: Mapping[str, Any]) -> str:
    """Changes with what is shown or asked for, not with the row's id or task."""
    content = {
        "messages": row.messages,
        "tools": row.tools,
        "answer": row.answer,
        "settings": settings,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def measure(
    rows: Sequence[Row], settings: Mapping[str, Any], write: Write, cache: Cache, piece: int
) -> Iterator[PassRate | None]:
    """The pass rate of each row in order, None where it has no answer. What the cache lacks is sampled into it.

    `write(rows, start)` gives the completions of some rows, `start` being the place of their piece among all rows:
    an interrupted call that goes on draws what an uninterrupted one does, since it takes a piece as a whole. `settings`
    holds `wire`.
    """
    for start in range(0, len(rows), piece):
        part = rows[start : start + piece]
        keys = [key_of(row, settings) for row in part]
        missing = {
            key: row
            for key, row in zip(keys, part, strict=True)
            if row.answer and not cache.get(key)
        }
        if missing:
            written = zip(missing.items(), write([*missing.values()], start), strict=True)
            cache.add(
                {key: (row, _rate(row, texts, settings["wire"])) for (key, row), texts in written}
            )
        yield from map(cache.get, keys)


def _rate(row: Row, texts: Sequence[Any], wire: str) -> PassRate:
    verdicts = [verify(text, row.tools, row.answer, wire=wire) for text in texts]
    return PassRate(sum(verdict.correct is True for verdict in verdicts), len(verdicts))


def is_within(rate: PassRate | None, low: float, high: float) -> bool:
    return rate is not None and low <= rate.share <= high


def within(
    rows: Sequence[Row], rates: Sequence[PassRate | None], low: float, high: float
) -> list[Row]:
    """The rows with a pass rate from `low` to `high`, both included."""
    return [row for row, rate in zip(rows, rates, strict=True) if is_within(rate, low, high)]


def buckets(rates: Sequence[PassRate | None]) -> dict[str, list[PassRate | None]]:
    """The rates by the lines of the table: never, to 20 %, ..., always, no answer."""
    names = ["never", *(f"to {bound:.0%}" for bound in BOUNDS), "below 100%", "always", "no answer"]
    found: dict[str, list[PassRate | None]] = {name: [] for name in names}
    for rate in rates:
        found[_bucket(rate)].append(rate)
    return found


def _bucket(rate: PassRate | None) -> str:
    if rate is None:
        return "no answer"
    if rate.right in (0, rate.samples):
        return "always" if rate.right else "never"
    return next((f"to {bound:.0%}" for bound in BOUNDS if rate.share <= bound), "below 100%")
