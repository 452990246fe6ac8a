"""The linter: rows in, findings out, one pass in bounded memory.

    for finding in Lint(["rows.jsonl"], against=["bfcl:bfcl_eval.whl"]).findings():
        print(finding.severity, finding.code, finding.line, finding.message)

A source is a file of rows, or `form:path` for a form that `rlcall.data.formats` reads.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import chain

from rlcall.check import gold, grounding, history, names, schemas
from rlcall.check.contamination import EvaluationRequests
from rlcall.check.finding import Location, RowFault, RowFaults, RowFinding, field_path, shorten
from rlcall.check.repeats import RequestHistory
from rlcall.check.requests import user_request
from rlcall.data.formats import READERS
from rlcall.data.reading.counts import Reading, read_each
from rlcall.data.reading.records import SourceRecord, records
from rlcall.data.rows import Row, RowError, parse_row
from rlcall.data.tool_check import BAD_TOOL
from rlcall.verifier.answer import AnswerError

MIN_NO_CALL = 0.05  # the fraction of the rows that should ask for no call
ENOUGH_ROWS = 20  # in fewer, one row is more than that fraction


class Lint:
    """One run over the sources, `against` those of the evaluation.

    `length` counts a row's tokens (ValueError where it has none), which may be `limit` at most.
    `rows` is the number of rows read so far.
    """

    def __init__(
        self,
        sources: Sequence[str],
        against: Sequence[str] = (),
        length: Callable[[Row], int] | None = None,
        limit: int = 0,
    ) -> None:
        self.sources = sources
        self.against = against
        self.length = length
        self.limit = limit
        self.rows = 0

    def findings(self) -> Iterator[RowFinding]:
        """Yield the findings row by row, at its end those of a file, last those of all files."""
        requests = RequestHistory(self._evaluation())
        for source in self.sources:
            kinds: Counter[str] = Counter()
            for reading in readings(source):
                for error in reading.set_aside:
                    yield _unreadable(error)
                for row in reading.rows:
                    self.rows += 1
                    kinds[_kind(row)] += 1
                    location = Location(reading.path, reading.line, row.id)
                    repeats = requests.faults(row, location)
                    for fault in chain(_own_faults(row), repeats, self._length_faults(row)):
                        yield RowFinding.of(fault, location)
            for fault in _balance_faults(kinds):
                yield RowFinding.of(fault, Location(source, 0, None))
        for location, fault in requests.near_duplicates():
            yield RowFinding.of(fault, location)

    def _evaluation(self) -> EvaluationRequests:
        """Return the requests of `against`; rows that cannot be read are left out."""
        evaluation = EvaluationRequests()
        for source in self.against:
            for reading in readings(source):
                for row in reading.rows:
                    location = Location(reading.path, reading.line, row.id)
                    evaluation.add(user_request(row), location)
        return evaluation

    def _length_faults(self, row: Row) -> RowFaults:
        if self.length is None or any(history.faults(row)):
            return
        try:
            tokens = self.length(row)
        except ValueError as error:
            yield RowFault("not_rendered", "messages", str(error))
            return
        if tokens > self.limit:
            excess = f"{tokens} tokens with its answer, {tokens - self.limit} over the maximum"
            yield RowFault("too_long", "messages", f"{excess}; shorten or drop the row")


def readings(source: str) -> Iterator[Reading]:
    """Read the records of `form:path`, or of a file of rows. RowError where it cannot be read."""
    form, colon, path = source.partition(":")
    if colon and form in READERS:
        return READERS[form](path)
    return read_each(records(source), _unchecked_row)


def _unchecked_row(record: SourceRecord, notes: list[str]) -> list[Row]:
    """Read a row whatever its schemas are: their faults are for the linter to report."""
    try:
        return [parse_row(record.value, record.location, record.line)]
    except (AttributeError, TypeError) as error:  # boundary: a `$schema` or `$id` that is no text
        raise record.error("tools", BAD_TOOL, f"{error}.") from error


def _unreadable(error: RowError) -> RowFinding:
    if error.field == "tools" and "same name" in error.reason:
        code = "same_tool_name"
    else:
        is_schema = ".function.parameters" in error.field or ".function.returns" in error.field
        code = "broken_schema" if is_schema else "not_a_row"
    message = f"{error.reason}. {error.remedy}".strip()
    return RowFinding(code, error.path, error.line, None, error.field, message)


def _own_faults(row: Row) -> RowFaults:
    """Yield what is wrong with a row by itself."""
    try:
        yield from history.faults(row)
        yield from names.faults(row)
        schema_faults = list(schemas.faults(row))
        yield from schema_faults
        # No value can be held against a broken schema.
        if not any(fault.code == "broken_schema" for fault in schema_faults):
            yield from gold.faults(row)
            yield from _ungrounded(row)
    except AnswerError as error:
        yield RowFault("not_a_row", "answer", f"{error}")


def _ungrounded(row: Row) -> RowFaults:
    for path, value in grounding.ungrounded(row):
        message = (
            f"{shorten(repr(value), 80)} is nowhere in the messages; does the request ask for it?"
        )
        yield RowFault("ungrounded", field_path("answer", *path), message)


def _kind(row: Row) -> str:
    """Return what a row asks for: `none` (no call), `calls`, `null` (unknown) or `granular`."""
    if row.answer is None:
        return "null"
    if row.answer.get("calls") == []:
        return "none"
    return "calls" if "calls" in row.answer else "granular"


def _balance_faults(kinds: Counter[str]) -> RowFaults:
    """Yield what is wrong with how many rows of a file there are of each kind."""
    total = kinds.total()
    if kinds["null"]:
        message = f"{kinds['null']:,} of {total:,} rows have the answer null; nothing verifies them"
        yield RowFault("no_answer", "answer", message)
    call_rows = kinds["calls"] + kinds["none"]
    if call_rows >= ENOUGH_ROWS and kinds["none"] < MIN_NO_CALL * call_rows:
        no_call = f"{kinds['none'] / call_rows:.1%} of {call_rows:,} rows ask for no call"
        message = f"{no_call}; under {MIN_NO_CALL:.0%}, a model learns to call always"
        yield RowFault("few_no_call", "answer", message)
