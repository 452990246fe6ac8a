"""Requests that come again, word for word or in large parts, in a file and across files: all by hashes.

    seen = Requests()
    seen.add(row, Place("rows.jsonl", 1, "r1"))      # its number, 0
    seen.equal(row), seen.overlap(row)               # 0, Overlap(0, 1.0, 1.0)

A request is what the user says, without case, accents and punctuation. Its 8-grams are the runs of eight words; one of
fewer words is compared whole only. A million requests of 30 words take about 0.7 GB.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
import regex

from rlcall.check.grounding import texts_of
from rlcall.check.spoken import fold
from rlcall.data.rows import Row

Hashes = np.ndarray[tuple[int], np.dtype[np.uint64]]

N = 8  # words of a gram
NEAR = 0.5  # what two requests must have in common to be told
# Scripts without spaces are taken letter by letter.
_WORD = regex.compile(r"\p{Han}|\p{Hiragana}|\p{Katakana}|\p{Thai}|\p{Lao}|\p{Khmer}|[^\W_]+")
_FACTORS = np.array(
    [pow(0x9E3779B97F4A7C15, power, 2**64) for power in range(1, N + 1)], dtype=np.uint64
)


class Place(NamedTuple):
    """Where a row stands."""

    file: str
    line: int
    row: str | None

    def __str__(self) -> str:
        line = f", line {self.line}" if self.line else ""
        return f"{self.file}{line}{f' ({self.row})' if self.row else ''}"


class Overlap(NamedTuple):
    """What two requests share of their 8-grams: with which one, of the smaller one's, and Jaccard's index."""

    other: int
    share: float
    jaccard: float


def words_asked(row: Row) -> list[str]:
    """The words of a row's user messages."""
    asked = [message for message in row.messages if message["role"] == "user"]
    return _WORD.findall(fold(" \n".join(texts_of(asked))))


def hash_of(text: str) -> int:
    """64 bits, the same in every process."""
    return int.from_bytes(blake2b(text.encode(errors="replace"), digest_size=8).digest(), "little")


_word_hash = lru_cache(maxsize=65536)(hash_of)


def grams(words: list[str]) -> Hashes:
    """The distinct 8-grams of a text as sorted hashes; none where it has fewer words."""
    if len(words) < N:
        return np.empty(0, dtype=np.uint64)
    hashes = np.array([_word_hash(word) for word in words], dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(hashes, N)
    mixed = (windows ^ (windows >> np.uint64(31))) * _FACTORS
    return np.unique(mixed.sum(axis=1, dtype=np.uint64))


class Requests:
    """Requests with their places, to be asked about further ones."""

    def __init__(self) -> None:
        self.places: list[Place] = []
        self._first: dict[int, int] = {}  # hash of a whole request -> the first one's number
        self._again: set[int] = set()
        self._grams = array("Q")
        self._ends = array("Q", [0])

    def add(self, words: list[str], place: Place) -> int | None:
        """Remember a request. The number of an equal one that was there before, if any."""
        number = len(self.places)
        self.places.append(place)
        self._grams.frombytes(grams(words).tobytes())
        self._ends.append(len(self._grams))
        before = self._first.setdefault(hash_of(" ".join(words)), number)
        if before == number:
            return None
        self._again.add(number)
        return before

    def equal(self, words: list[str]) -> int | None:
        """The number of a request with the same words."""
        return self._first.get(hash_of(" ".join(words)))

    def _grams_of(self, number: int) -> Hashes:
        return np.frombuffer(self._grams, dtype=np.uint64)[
            self._ends[number] : self._ends[number + 1]
        ]

    def _compare(self, own: Hashes, number: int) -> Overlap:
        other = self._grams_of(number)
        shared = len(np.intersect1d(own, other, assume_unique=True))
        return Overlap(
            number, shared / min(len(own), len(other)), shared / (len(own) + len(other) - shared)
        )

    def _sorted(self) -> tuple[Hashes, np.ndarray]:
        """All grams in order, each with its request's number; equal ones with the first request first."""
        counts = np.diff(np.frombuffer(self._ends, dtype=np.uint64)).astype(np.int64)
        owners = np.repeat(np.arange(len(self.places), dtype=np.uint32), counts)
        all_grams = np.frombuffer(self._grams, dtype=np.uint64)
        order = np.argsort(all_grams, kind="stable")
        return all_grams[order], owners[order]

    def near(self) -> Iterator[tuple[int, Overlap]]:
        """Requests that overlap with an earlier one, each with the one that it shares most with; no equal ones.

        Compared are those that share an 8-gram with no other between them, and the first that has it.
        """
        hashes, owners = self._sorted()
        same = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
        starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
        firsts = starts[np.searchsorted(starts, same, side="right") - 1] if len(same) else same
        keys = [
            owners[same].astype(np.uint64) << np.uint64(32) | owners[before]
            for before in (same - 1, firsts)
        ]
        pairs, counts = np.unique(np.concatenate(keys), return_counts=True)
        later = pairs >> np.uint64(32)
        order = np.lexsort(
            (counts, later)
        )  # the last one of each request is the pair that shares most
        last = (
            np.flatnonzero(np.append(later[order][1:] != later[order][:-1], True))
            if len(order)
            else order
        )
        for pair in order[last]:
            number = int(later[pair])
            if number not in self._again:
                yield (
                    number,
                    self._compare(self._grams_of(number), int(pairs[pair] & np.uint64(0xFFFFFFFF))),
                )


class Evaluation(Requests):
    """The requests of the evaluation rows. Nothing may be added once it was asked for an overlap."""

    def __init__(self) -> None:
        super().__init__()
        self._index: tuple[Hashes, np.ndarray] | None = None

    def overlap(self, words: list[str]) -> Overlap | None:
        """The request that shares most 8-grams with the one given; None where none shares any."""
        if self._index is None:
            self._index = self._sorted()
        hashes, owners = self._index
        own = grams(words)
        at = np.minimum(np.searchsorted(hashes, own), max(len(hashes) - 1, 0))
        found = owners[at[hashes[at] == own]] if len(hashes) else owners
        if not len(found):
            return None
        numbers, counts = np.unique(found, return_counts=True)
        return self._compare(own, int(numbers[counts.argmax()]))
