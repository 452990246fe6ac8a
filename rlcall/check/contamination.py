"""Rows that ask what an evaluation asks: one check, which the linter and the runs share.

    evaluation = EvaluationRequests()
    evaluation.add(user_request(test_row), Location("test.jsonl", 7, "t7"))
    evaluation.find_certain(request)    # Location("test.jsonl", 7, "t7"), or None
    evaluation.find_near(request)       # (Location("test.jsonl", 7, "t7"), Likeness(...)), or None
    bfcl_entry(request)                 # "simple_python_12", or None: certain, without BFCL at hand

A score says nothing about a model that was trained on such rows. Requests are compared by the words
and letters of `rlcall.check.requests`, in two strictnesses:

- certain: a message of at least 30 letters is the last such message of an evaluation row. A run
  refuses these rows, and the linter calls them errors.
- possible: the whole request is that of an evaluation row, however short, or half of the 8-grams of
  one are in the other. Only the linter reports these, for a person to look at.

The hashes of BFCL's requests come with rlcall (`rlcall.suites.bfcl_requests` makes them), so that a
run can refuse its rows on any machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeVar

from rlcall.check.finding import Location
from rlcall.check.request_index import Likeness, RequestIndex
from rlcall.check.requests import UserRequest, Words, letters_hash, user_request
from rlcall.data.rows import Row

BFCL_HASHES = Path(__file__).with_name("bfcl_requests.tsv")
MIN_LETTERS = 30
"""Letters and digits of the shortest message that is certain. "What's the weather like in Boston?"
has 27: it is one of BFCL's requests, and anybody's."""
MIN_CONTAINMENT = 0.5
"""The fraction of the smaller request's 8-grams from which a repeat is possible."""

Source = TypeVar("Source")


def is_long(words: Words) -> bool:
    """Return whether a message says enough to be recognised with certainty."""
    return sum(map(len, words)) >= MIN_LETTERS


def _long_messages(request: UserRequest) -> list[int]:
    return [letters_hash(words) for words in request.messages if is_long(words)]


def _find_certain(request: UserRequest, sources: Mapping[int, Source]) -> Source | None:
    """Return the source of a request's first long message that has one, by the message's hash."""
    for message in _long_messages(request):
        if message in sources:
            return sources[message]
    return None


class EvaluationRequests:
    """The requests of evaluation rows, to hold other requests against."""

    def __init__(self) -> None:
        self._requests = RequestIndex()
        self._last_messages: dict[int, Location] = {}

    def add(self, request: UserRequest, location: Location) -> None:
        """Add the request of one evaluation row."""
        self._requests.add(request.words, location)
        for message in _long_messages(request)[-1:]:
            self._last_messages.setdefault(message, location)

    def find_certain(self, request: UserRequest) -> Location | None:
        """Return the evaluation row that the request certainly repeats."""
        return _find_certain(request, self._last_messages)

    def find_equal(self, request: UserRequest) -> Location | None:
        """Return the evaluation row with this whole request: a possible repeat, however short."""
        number = self._requests.find_equal(request.words)
        return None if number is None else self._requests.locations[number]

    def find_near(self, request: UserRequest) -> tuple[Location, Likeness] | None:
        """Return the evaluation row that shares most 8-grams, if it is a possible repeat."""
        likeness = self._requests.find_likest(request.words)
        if likeness is None or likeness.containment < MIN_CONTAINMENT:
            return None
        return self._requests.locations[likeness.other], likeness


def certain_repeats(rows: Sequence[Row], evaluation_rows: Sequence[Row]) -> list[Row]:
    """Return the rows that certainly ask what one of the evaluation rows asks."""
    last_messages: dict[int, Row] = {}
    for evaluation_row in evaluation_rows:
        for message in _long_messages(user_request(evaluation_row))[-1:]:
            last_messages[message] = evaluation_row
    return [row for row in rows if _find_certain(user_request(row), last_messages)]


def bfcl_entry(request: UserRequest) -> str | None:
    """Return the id of the entry of BFCL that the request certainly repeats."""
    return _find_certain(request, _bfcl_entries())


def bfcl_rows(rows: Sequence[Row]) -> Iterator[tuple[int, str]]:
    """Yield the index of each row that certainly asks what BFCL asks, with the entry's id."""
    for index, row in enumerate(rows):
        if entry := bfcl_entry(user_request(row)):
            yield index, entry


@cache
def _bfcl_entries() -> dict[int, str]:
    """Return the table that comes with rlcall: hash of a message -> id of an entry."""
    entries = {}
    for line in BFCL_HASHES.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            digits, entry = line.split("\t")
            entries[int(digits, 16)] = entry
    return entries
