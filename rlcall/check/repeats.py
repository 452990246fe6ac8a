"""Requests that stand in the data already, or in the evaluation rows.

    repeats = Repeats(evaluation)
    list(repeats.faults(row, place))     # what the rows before it, and the evaluation rows, have of this one
    list(repeats.near())                 # at the end: (place, fault) for those that overlap

The same request with another answer contradicts the first one where tools and messages are the same. Where they are
not, it may well be meant: that is how rows with a tool removed, and several tasks from one record, are made.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator

from rlcall.check.finding import Fault, Faults
from rlcall.check.grounding import texts_of
from rlcall.check.requests import NEAR, Evaluation, Overlap, Place, Requests, hash_of, words_asked
from rlcall.check.spoken import fold, words_of
from rlcall.data.rows import Row


class Repeats:
    """The requests of all rows so far."""

    def __init__(self, evaluation: Evaluation) -> None:
        self._evaluation, self._requests = evaluation, Requests()
        self._contexts, self._answers = array("Q"), array("Q")

    def faults(self, row: Row, place: Place) -> Faults:
        """What is there already of a row's request. The row counts as there from now on."""
        words = words_asked(row)
        if not words:
            return
        number = len(self._contexts)
        self._contexts.append(_context(row))
        self._answers.append(hash_of(json.dumps(row.answer, sort_keys=True)))
        if (before := self._requests.add(words, place)) is not None:
            yield self._again(number, before)
        yield from self._evaluated(words)

    def _again(self, number: int, before: int) -> Fault:
        other = self._requests.places[before]
        if self._contexts[number] != self._contexts[before]:
            message = f"the request of {other} with other tools or other messages around it; is that meant?"
            return Fault("same_request", "messages", message)
        if self._answers[number] != self._answers[before]:
            message = f"the messages and tools of {other}, and another answer; keep the right one"
            return Fault("contradiction", "answer", message)
        return Fault("duplicate", "messages", f"the same row as {other}; keep one of them")

    def _evaluated(self, words: list[str]) -> Faults:
        if (number := self._evaluation.equal(words)) is not None:
            message = f"the request stands in the evaluation rows: {self._evaluation.places[number]}; take it out"
            yield Fault("in_evaluation", "messages", message)
        elif (overlap := self._evaluation.overlap(words)) and overlap.share >= NEAR:
            message = f"{_shares(overlap)} the evaluation row {self._evaluation.places[overlap.other]}; take one out"
            yield Fault("near_evaluation", "messages", message)

    def near(self) -> Iterator[tuple[Place, Fault]]:
        """The requests that overlap with earlier ones."""
        places = self._requests.places
        for number, overlap in self._requests.near():
            if overlap.jaccard >= NEAR:
                message = f"{_shares(overlap)} {places[overlap.other]}; keep both only if what differs matters"
                yield places[number], Fault("near_duplicate", "messages", message)


def _context(row: Row) -> int:
    """All that a model is shown, as a hash. The order of the tools is no matter."""
    said = " ".join(words_of(fold(" \n".join(texts_of(row.messages)))))
    return hash_of(
        "\n".join([said, *sorted(json.dumps(tool, sort_keys=True) for tool in row.tools)])
    )


def _shares(overlap: Overlap) -> str:
    return f"shares {overlap.share:.0%} of the 8-word runs (Jaccard {overlap.jaccard:.2f}) with"
