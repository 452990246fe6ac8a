"""The pass rate of each row under a model.

Rows that it never or always gets right teach GRPO nothing.

cache = PassRateCache(Path("kept.jsonl.cache"))
rates = measure(rows, settings, write, cache, chunk=32)   # PassRate(right=3, samples=8), None, ...
sometimes = within(rows, list(rates), low=0.05, high=0.95)
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from rlcall.data.rows import Row
from rlcall.samples.pass_rate_cache import PassRate, PassRateCache
from rlcall.verify import verify

WriteCompletions = Callable[[Sequence[Row], int], Iterator[Sequence[Any]]]
BOUNDS = (0.2, 0.4, 0.6, 0.8)
"""The bounds of the table's lines between never and always."""


def key_of(row: Row, settings: Mapping[str, Any]) -> str:
    """Return a digest of what is shown and asked for; the row's id and task do not count."""
    content = {
        "messages": row.messages,
        "tools": row.tools,
        "answer": row.answer,
        "settings": settings,
    }
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def measure(
    rows: Sequence[Row],
    settings: Mapping[str, Any],
    write: WriteCompletions,
    cache: PassRateCache,
    chunk: int,
) -> Iterator[PassRate | None]:
    """Yield the pass rate of each row in order, None where it has no answer.

    What the cache lacks is sampled into it.

    `write(rows, start)` gives the completions of some rows, where `start` is the index of their
    chunk's first row among all rows. A chunk is sampled as a whole, so that a command which was
    interrupted draws what it would have drawn. `settings` say how completions are sampled, and hold
    `wire`.
    """
    for start in range(0, len(rows), chunk):
        keys = []
        missing = {}
        for row in rows[start : start + chunk]:
            key = key_of(row, settings)
            keys.append(key)
            if row.answer and not cache.get(key):
                missing[key] = row
        if missing:
            completions = write(list(missing.values()), start)
            rates = {}
            for (key, row), texts in zip(missing.items(), completions, strict=True):
                rates[key] = row, _rate(row, texts, settings["wire"])
            cache.add(rates)
        yield from map(cache.get, keys)


def _rate(row: Row, texts: Sequence[Any], wire: str) -> PassRate:
    verdicts = [verify(text, row.tools, row.answer, wire=wire) for text in texts]
    return PassRate(sum(verdict.correct is True for verdict in verdicts), len(verdicts))


def is_within(rate: PassRate | None, low: float, high: float) -> bool:
    return rate is not None and low <= rate.share <= high


def within(
    rows: Sequence[Row], rates: Sequence[PassRate | None], low: float, high: float
) -> list[Row]:
    """Return the rows with a pass rate from `low` to `high`, both included."""
    return [row for row, rate in zip(rows, rates, strict=True) if is_within(rate, low, high)]


def buckets(rates: Sequence[PassRate | None]) -> dict[str, list[PassRate | None]]:
    """Sort the rates into the lines of the table: never, to 20 %, ..., always, no answer."""
    names = ["never", *(f"to {bound:.0%}" for bound in BOUNDS), "below 100%", "always", "no answer"]
    rates_by_name: dict[str, list[PassRate | None]] = {name: [] for name in names}
    for rate in rates:
        rates_by_name[_bucket(rate)].append(rate)
    return rates_by_name


def _bucket(rate: PassRate | None) -> str:
    if rate is None:
        return "no answer"
    if rate.right == 0:
        return "never"
    if rate.right == rate.samples:
        return "always"
    return next((f"to {bound:.0%}" for bound in BOUNDS if rate.share <= bound), "below 100%")
