"""An index of requests: which of them come again, word for word or in large parts, all by hashes.

    index = RequestIndex()
    index.add(words, Location("rows.jsonl", 1, "r1"))   # None: no equal request came before
    index.find_equal(words)             # 0, the number of the first one
    index.find_likest(other_words)      # Likeness(other=0, containment=0.8, jaccard=0.67)
    list(index.near_repeats())          # [(number, likeness), ...] among its own requests

Requests of fewer than eight words have no 8-grams, and are compared whole only. A million requests
of 30 words take about 0.7 GB.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from rlcall.check.finding import Location
from rlcall.check.requests import Hashes, Words, grams, letters_hash

Numbers = np.ndarray[tuple[int], np.dtype[np.integer]]


class Likeness(NamedTuple):
    """The likeness of a request to another one, the number `other`.

    `containment` is the fraction of the smaller one's 8-grams that the larger one has too;
    `jaccard` is the shared ones as a fraction of those that either has.
    """

    other: int
    containment: float
    jaccard: float


class RequestIndex:
    """Requests with their locations, numbered from 0 in the order in which they were added."""

    def __init__(self) -> None:
        self.locations: list[Location] = []
        self._first_numbers: dict[int, int] = {}  # hash of a whole request -> the first such one
        self._repeats: set[int] = set()  # numbers of requests that equal an earlier one
        # The grams of all requests in one flat array, and where those of each one end: an object
        # per request would take several times the memory.
        self._grams = array("Q")
        self._ends = array("Q", [0])
        self._sorted: tuple[Hashes, Numbers] | None = None

    def add(self, words: Words, location: Location) -> int | None:
        """Add a request; return the number of the first equal one, None where it is new."""
        number = len(self.locations)
        self.locations.append(location)
        self._grams.frombytes(grams(words).tobytes())
        self._ends.append(len(self._grams))
        self._sorted = None
        first = self._first_numbers.setdefault(letters_hash(words), number)
        if first == number:
            return None
        self._repeats.add(number)
        return first

    def find_equal(self, words: Words) -> int | None:
        """Return the number of the first request with the same letters."""
        return self._first_numbers.get(letters_hash(words))

    def find_likest(self, words: Words) -> Likeness | None:
        """Return the likeness to the request that shares most 8-grams; None where none shares any.

        A gram that several requests have counts for the first of them.
        """
        hashes, owners = self._sorted_grams()
        wanted = grams(words)
        starts = np.searchsorted(hashes, wanted, side="left")
        ends = np.searchsorted(hashes, wanted, side="right")
        sharers = owners[starts[starts < ends]]  # the first request that has it, for each gram
        if not len(sharers):
            return None
        numbers, counts = np.unique(sharers, return_counts=True)
        return self._likeness(wanted, int(numbers[counts.argmax()]))

    def near_repeats(self) -> Iterator[tuple[int, Likeness]]:
        """Yield the requests that share 8-grams with an earlier one, but do not equal any.

        Each comes once, with the earlier request that it shares most with. Compared are those that
        share a gram with no other between them, and the first request that has it.
        """
        later, earlier, counts = self._sharing_pairs()
        # Pairs by later request, within it by shared grams: the last of each run shares most.
        order = np.lexsort((counts, later))
        run_ends = np.flatnonzero(np.diff(later[order], append=-1))
        for pair in order[run_ends]:
            number = int(later[pair])
            if number not in self._repeats:
                yield number, self._likeness(self._grams_of(number), int(earlier[pair]))

    def _sharing_pairs(self) -> tuple[Numbers, Numbers, Numbers]:
        """Return (later request, earlier request, shared grams) for each pair once, in order."""
        hashes, owners = self._sorted_grams()
        # Equal grams are neighbours, the first request's first. So each that equals the one before
        # gives two pairs: with that one's request, and with the first request that has the gram.
        repeats = np.flatnonzero(hashes[1:] == hashes[:-1]) + 1
        firsts = np.searchsorted(hashes, hashes[repeats])
        later = np.tile(owners[repeats], 2)
        earlier = np.concatenate((owners[repeats - 1], owners[firsts]))
        # One number a pair, since numpy counts equal numbers far faster than equal rows.
        shape = (max(len(self.locations), 1),) * 2
        pairs, counts = np.unique(np.ravel_multi_index((later, earlier), shape), return_counts=True)
        later, earlier = np.unravel_index(pairs, shape)
        return later, earlier, counts

    def _sorted_grams(self) -> tuple[Hashes, Numbers]:
        """Return all grams in order, equal ones by request, and the request of each of them."""
        if self._sorted is None:
            ends = np.array(self._ends, dtype=np.int64)
            numbers = np.arange(len(self.locations), dtype=np.uint32)
            owners = np.repeat(numbers, ends[1:] - ends[:-1])
            hashes = np.frombuffer(self._grams, dtype=np.uint64)
            order = np.argsort(hashes, kind="stable")
            self._sorted = hashes[order], owners[order]
        return self._sorted

    def _grams_of(self, number: int) -> Hashes:
        start, end = self._ends[number], self._ends[number + 1]
        return np.frombuffer(self._grams, dtype=np.uint64)[start:end]

    def _likeness(self, hashes: Hashes, number: int) -> Likeness:
        other = self._grams_of(number)
        shared = len(np.intersect1d(hashes, other, assume_unique=True))
        union = len(hashes) + len(other) - shared
        return Likeness(number, shared / min(len(hashes), len(other)), shared / union)
