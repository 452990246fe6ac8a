"""Requests that repeat earlier rows, the evaluation rows or BFCL.

    history = RequestHistory(evaluation)
    list(history.faults(row, location))     # what this row repeats
    list(history.near_duplicates())         # at the end: (location, fault) where rows share much

The same request with another answer contradicts the first one where tools and messages are the same
as well. Where they are not, it may be meant: rows with a tool removed are made that way, and so are
several tasks from one record.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator

from rlcall.check.contamination import EvaluationRequests, bfcl_entry
from rlcall.check.finding import Location, RowFault, RowFaults
from rlcall.check.request_index import Likeness, RequestIndex
from rlcall.check.requests import UserRequest, hash_of, user_request, words_in
from rlcall.check.texts import texts_of
from rlcall.data.rows import Row

MIN_JACCARD = 0.5  # of two requests that are near duplicates


class RequestHistory:
    """The requests of all rows so far, next to those of the evaluation."""

    def __init__(self, evaluation: EvaluationRequests) -> None:
        self._evaluation = evaluation
        self._requests = RequestIndex()
        # By the requests' numbers: a hash of all that a model is shown, and one of the answer.
        self._contexts = array("Q")
        self._answers = array("Q")

    def faults(self, row: Row, location: Location) -> RowFaults:
        """Yield what the row repeats, then count it among the rows that were seen."""
        request = user_request(row)
        if not request.words:
            return
        number = len(self._contexts)
        self._contexts.append(_context_hash(row))
        self._answers.append(hash_of(json.dumps(row.answer, sort_keys=True)))
        first = self._requests.add(request.words, location)
        if first is not None:
            yield self._repeat(number, first)
        yield from self._evaluation_faults(request)

    def _repeat(self, number: int, first: int) -> RowFault:
        location = self._requests.locations[first]
        if self._contexts[number] != self._contexts[first]:
            difference = "with other tools or other messages around it"
            message = f"the request of {location} {difference}; is that meant?"
            return RowFault("same_request", "messages", message)
        if self._answers[number] != self._answers[first]:
            message = (
                f"the messages and tools of {location}, and another answer; keep the right one"
            )
            return RowFault("contradiction", "answer", message)
        return RowFault("duplicate", "messages", f"the same row as {location}; keep one of them")

    def _evaluation_faults(self, request: UserRequest) -> RowFaults:
        evaluation = self._evaluation
        if location := evaluation.find_certain(request) or evaluation.find_equal(request):
            message = f"the request is in the evaluation rows: {location}; take it out"
            yield RowFault("in_evaluation", "messages", message)
        elif entry := bfcl_entry(request):
            message = f"asks what BFCL asks in {entry}; take it out, since a run refuses it"
            yield RowFault("in_evaluation", "messages", message)
        elif near := evaluation.find_near(request):
            location, likeness = near
            message = f"{_shares(likeness)} the evaluation row {location}; take one out"
            yield RowFault("near_evaluation", "messages", message)

    def near_duplicates(self) -> Iterator[tuple[Location, RowFault]]:
        """Yield the requests that share much of their text with an earlier one."""
        locations = self._requests.locations
        for number, likeness in self._requests.near_repeats():
            if likeness.jaccard >= MIN_JACCARD:
                other = locations[likeness.other]
                message = f"{_shares(likeness)} {other}; keep both only if what differs matters"
                yield locations[number], RowFault("near_duplicate", "messages", message)


def _context_hash(row: Row) -> int:
    """Return a hash of all that a model is shown. The order of the tools does not matter."""
    letters = "".join(words_in(" \n".join(texts_of(row.messages))))
    tools = sorted(json.dumps(tool, sort_keys=True) for tool in row.tools)
    return hash_of("\n".join([letters, *tools]))


def _shares(likeness: Likeness) -> str:
    fraction, jaccard = likeness.containment, likeness.jaccard
    return f"shares {fraction:.0%} of the 8-word runs (Jaccard {jaccard:.2f}) with"
